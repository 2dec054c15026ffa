"""Use cases of deliveries: redelivery and tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, not_, or_, update

from domain.events import readable_types
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import Signal, UnitOfWork
from domain.webhooks.body_scopes import TEST_EVENT_TYPE, may_see_delivery
from domain.webhooks.commands import RedeliverWebhook, RedeliverWebhookDelivery, TestWebhook
from domain.webhooks.model import Webhook, WebhookDelivery, WebhookDeliveryStatus
from domain.webhooks.service.endpoints import open_webhook
from domain.webhooks.service.webhook_scopes import require_all_sent


class DeliveriesDue(Signal):
    """Deliveries are due once the transaction is committed."""


@dataclass(frozen=True, slots=True)
class RedeliveryCount:
    """The number of deliveries of an endpoint that will be redelivered."""

    webhook_id: str
    count: int


@use_case("webhooks:write")
async def test_webhook(work: UnitOfWork, principal: Principal, command: TestWebhook) -> WebhookDelivery:
    """Send a test, which is attempted once.

    Raises NotFound, Conflict (the endpoint is inactive), Forbidden (the caller may not read all that it receives).
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
        status=WebhookDeliveryStatus.PENDING,
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
async def redeliver_webhook_delivery(
    work: UnitOfWork, principal: Principal, command: RedeliverWebhookDelivery
) -> WebhookDelivery:
    """Redeliver a delivery; one that waits for its next attempt is sent now.

    Raises NotFound, Conflict (an attempt is in flight, the endpoint is inactive).
    """
    webhook = await work.lock(Webhook, command.webhook_id, noun="webhook")
    delivery = await work.lock(WebhookDelivery, command.id, noun="delivery")
    if delivery.webhook_id != webhook.id or not may_see_delivery(principal, delivery.type):
        raise NotFound("delivery")
    _require_active(webhook)
    if delivery.lease is not None and delivery.due_at is not None and delivery.due_at > work.now:
        message = "An attempt of this delivery is in flight. Redeliver it after the attempt has ended."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    delivery.status, delivery.due_at, delivery.attempt = WebhookDeliveryStatus.PENDING, work.now, 0
    delivery.lease, delivery.updated_at = None, work.now
    await work.flush()
    await work.emit(DeliveriesDue())
    return delivery


@use_case("webhooks:write")
async def redeliver_webhook(work: UnitOfWork, principal: Principal, command: RedeliverWebhook) -> RedeliveryCount:
    """Redeliver failed deliveries, or all in a range, as far as the caller may read their events.

    Deliveries that wait for their next attempt are included only with ``pending``; attempts in flight go on. Raises
    NotFound, Conflict (the endpoint is inactive), ValidationFailed (a range that ends before it begins; no range for
    deliveries that succeeded).
    """
    webhook = await open_webhook(work, command.id)
    _require_active(webhook)
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.store_id == work.store.number, WebhookDelivery.webhook_id == webhook.id)
        .where(
            WebhookDelivery.type.in_((*map(str, readable_types(principal)), TEST_EVENT_TYPE)),
            *_conditions(command, work.now),
        )
        .values(status=WebhookDeliveryStatus.PENDING, due_at=work.now, attempt=0, lease=None, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    count = cast("CursorResult[Any]", await work.session.execute(statement)).rowcount  # the server's own count
    if count:
        await work.emit(DeliveriesDue())
    return RedeliveryCount(webhook.id, count)


def _conditions(command: RedeliverWebhook, now: datetime) -> list[ColumnElement[bool]]:
    done = (
        [WebhookDeliveryStatus.FAILED]
        if command.failed_only
        else [WebhookDeliveryStatus.FAILED, WebhookDeliveryStatus.DELIVERED]
    )
    selected: ColumnElement[bool] = WebhookDelivery.status.in_(done)
    if command.pending:
        in_flight = and_(WebhookDelivery.lease.is_not(None), WebhookDelivery.due_at > now)
        selected = or_(selected, and_(WebhookDelivery.status == WebhookDeliveryStatus.PENDING, not_(in_flight)))
    conditions = [selected]
    created_from, created_to = command.created_from, command.created_to
    if not command.failed_only and created_from is UNSET:
        message = "Give a date range to redeliver deliveries that succeeded."
        raise ValidationFailed.of(("created_from",), ErrorCode.REQUIRED, message)
    if created_from is not UNSET:
        conditions.append(WebhookDelivery.created_at >= created_from)
    if created_to is not UNSET:
        conditions.append(WebhookDelivery.created_at <= created_to)
    if created_from is not UNSET and created_to is not UNSET and created_from > created_to:
        raise ValidationFailed.of(("created_from",), ErrorCode.INVALID, "Must not be later than `created_to`.")
    return conditions


def _require_active(webhook: Webhook) -> None:
    if not webhook.active:
        raise Conflict("The webhook is inactive. Activate it first.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
