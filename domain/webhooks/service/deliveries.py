"""Sending again what was sent, and sending a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, not_, or_, update

from domain.events.event_types import readable_types
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import Signal, UnitOfWork
from domain.webhooks.commands import Redeliver, RedeliverWebhook, TestWebhook
from domain.webhooks.model import DeliveryStatus, Webhook, WebhookDelivery
from domain.webhooks.rights import TEST_EVENT_TYPE, may_see_delivery
from domain.webhooks.service.endpoints import open_webhook
from domain.webhooks.service.rights import require_all_sent


class DeliveriesDue(Signal):
    """There is something to send, once this is committed."""


@dataclass(frozen=True, slots=True)
class RedeliveryCount:
    """How many deliveries of an endpoint will be sent again."""

    webhook_id: str
    count: int


@use_case("webhooks:write")
async def test_webhook(work: UnitOfWork, principal: Principal, command: TestWebhook) -> WebhookDelivery:
    """Send a test, tried once.

    Raises NotFound, Conflict (the endpoint is inactive), Forbidden for who may not see all that it is sent.
    """
    webhook = await open_webhook(work, command.id)
    await require_all_sent(work, principal, webhook)
    _require_active(webhook)
    delivery = WebhookDelivery(
        store_id=work.store.number,
        id=new_id("dlv"),
        webhook_id=webhook.id,
        event_id=None,
        type=TEST_EVENT_TYPE,
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
    await work.emit(DeliveriesDue())
    return delivery


@use_case("webhooks:write")
async def redeliver(work: UnitOfWork, principal: Principal, command: Redeliver) -> WebhookDelivery:
    """Send a delivery again, now also where it waits for its next attempt.

    Raises NotFound, Conflict (an attempt is in flight, the endpoint is inactive).
    """
    webhook = await work.lock(Webhook, command.webhook_id, noun="webhook")
    delivery = await work.lock(WebhookDelivery, command.id, noun="delivery")
    if delivery.webhook_id != webhook.id or not may_see_delivery(principal, delivery.type):
        raise NotFound("delivery")
    _require_active(webhook)
    if delivery.lease is not None and delivery.due_at is not None and delivery.due_at > work.now:
        message = "An attempt is in flight. Send the delivery again when it is over."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    delivery.status, delivery.due_at, delivery.attempt = DeliveryStatus.PENDING, work.now, 0
    delivery.lease, delivery.updated_at = None, work.now
    await work.flush()
    await work.emit(DeliveriesDue())
    return delivery


@use_case("webhooks:write")
async def redeliver_webhook(work: UnitOfWork, principal: Principal, command: RedeliverWebhook) -> RedeliveryCount:
    """Send again what has failed, or all of a range, as far as the caller may see it; what waits for its next attempt
    only when asked, and what is in flight goes on.

    Raises NotFound, Conflict (the endpoint is inactive), ValidationFailed (a range that ends before it begins; no
    range for what was delivered).
    """
    webhook = await open_webhook(work, command.id)
    _require_active(webhook)
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.store_id == work.store.number, WebhookDelivery.webhook_id == webhook.id)
        .where(
            WebhookDelivery.type.in_((*map(str, readable_types(principal)), TEST_EVENT_TYPE)),
            *_range(command, work.now),
        )
        .values(status=DeliveryStatus.PENDING, due_at=work.now, attempt=0, lease=None, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    count = cast("CursorResult[Any]", await work.session.execute(statement)).rowcount  # the server's own count
    if count:
        await work.emit(DeliveriesDue())
    return RedeliveryCount(webhook.id, count)


def _range(command: RedeliverWebhook, now: datetime) -> list[ColumnElement[bool]]:
    done = [DeliveryStatus.FAILED] if command.failed_only else [DeliveryStatus.FAILED, DeliveryStatus.DELIVERED]
    chosen: ColumnElement[bool] = WebhookDelivery.status.in_(done)
    if command.pending:
        in_flight = and_(WebhookDelivery.lease.is_not(None), WebhookDelivery.due_at > now)
        chosen = or_(chosen, and_(WebhookDelivery.status == DeliveryStatus.PENDING, not_(in_flight)))
    conditions = [chosen]
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
