"""Sending again what was sent, and sending a test."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, update

from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Signal, Work
from domain.webhooks.commands import Redeliver, RedeliverWebhook, TestWebhook
from domain.webhooks.model import DeliveryStatus, Webhook, WebhookDelivery
from domain.webhooks.service.endpoints import open_webhook
from domain.webhooks.types import TEST, may_see_delivery, readable_types


class DeliveriesDue(Signal):
    """There is something to send, once this is committed."""


@dataclass(frozen=True, slots=True)
class Redelivered:
    """How many deliveries of an endpoint will be sent again."""

    webhook_id: str
    count: int


@use_case("webhooks:write")
async def test_webhook(work: Work, principal: Principal, command: TestWebhook) -> WebhookDelivery:
    """Send a test, tried once. Raises NotFound, Conflict (the endpoint is inactive)."""
    webhook = await open_webhook(work, command.id)
    _require_active(webhook)
    delivery = WebhookDelivery(
        store_id=work.store.number,
        id=new_id("dlv"),
        webhook_id=webhook.id,
        event_id=None,
        type=TEST,
        object_id=webhook.id,
        status=DeliveryStatus.PENDING,
        due_at=work.now,
        lease=None,
        attempt=0,
        attempts=[],
        request=None,
        redactions=0,
        delivered_at=None,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(delivery)
    await work.flush()
    await work.react(DeliveriesDue())
    return delivery


@use_case("webhooks:write")
async def redeliver(work: Work, principal: Principal, command: Redeliver) -> WebhookDelivery:
    """Send a delivery again. Raises NotFound, Conflict (it is still being delivered, the endpoint is inactive)."""
    webhook = await work.lock(Webhook, command.webhook_id, noun="webhook")
    delivery = await work.lock(WebhookDelivery, command.id, noun="delivery")
    if delivery.webhook_id != webhook.id or not may_see_delivery(principal, delivery.type):
        raise NotFound("delivery")
    _require_active(webhook)
    if delivery.status == DeliveryStatus.PENDING:
        raise Conflict("It is still being delivered.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    delivery.status, delivery.due_at, delivery.attempt = DeliveryStatus.PENDING, work.now, 0
    delivery.updated_at = work.now
    await work.flush()
    await work.react(DeliveriesDue())
    return delivery


@use_case("webhooks:write")
async def redeliver_webhook(work: Work, principal: Principal, command: RedeliverWebhook) -> Redelivered:
    """Send again what has failed, or all of a range, as far as the caller may see it; what is pending goes on.

    Raises NotFound, Conflict (the endpoint is inactive), ValidationFailed (a range that ends before it begins; no
    range for what was delivered).
    """
    webhook = await open_webhook(work, command.id)
    _require_active(webhook)
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.store_id == work.store.number, WebhookDelivery.webhook_id == webhook.id)
        .where(WebhookDelivery.type.in_((*map(str, readable_types(principal)), TEST)), *_range(command))
        .values(status=DeliveryStatus.PENDING, due_at=work.now, attempt=0, updated_at=work.now)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    scheduled = (await work.session.scalars(statement)).all()
    if scheduled:
        await work.react(DeliveriesDue())
    return Redelivered(webhook.id, len(scheduled))


def _range(command: RedeliverWebhook) -> list[ColumnElement[bool]]:
    done = [DeliveryStatus.FAILED] if command.failed_only else [DeliveryStatus.FAILED, DeliveryStatus.DELIVERED]
    conditions: list[ColumnElement[bool]] = [WebhookDelivery.status.in_(done)]
    date_from, date_to = command.date_from, command.date_to
    if not command.failed_only and date_from is UNSET:
        raise ValidationFailed.of(("date_from",), ErrorCode.REQUIRED, "Needed to send again what was delivered.")
    if date_from is not UNSET:
        conditions.append(WebhookDelivery.created_at >= date_from)
    if date_to is not UNSET:
        conditions.append(WebhookDelivery.created_at <= date_to)
    if date_from is not UNSET and date_to is not UNSET and date_from > date_to:
        raise ValidationFailed.of(("date_from",), ErrorCode.INVALID, "Must not be later than `date_to`.")
    return conditions


def _require_active(webhook: Webhook) -> None:
    if not webhook.active:
        raise Conflict("The endpoint is not active.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
