"""How endpoints and deliveries are found and written over REST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import webhooks
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.webhooks.serializers import DeliveryDocument, WebhookDocument, serialize_delivery, serialize_webhook
from rest_compat.endpoint import ROOT, Representation

reads = webhooks.reads
Ids = Mapping[str, str]


async def describe_webhooks(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[WebhookDocument]:
    """Endpoints without their secrets."""
    return [serialize_webhook(row) for row in rows]


async def describe_deliveries(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[DeliveryDocument]:
    """Deliveries as they are; nothing else is read."""
    return [serialize_delivery(row, principal) for row in rows]


async def fetch_webhook(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """One endpoint, without its secret."""
    row = await _webhook(reader, ids["id"])
    return Representation(serialize_webhook(row), row.version)


async def fetch_delivery(reader: Executor, principal: Principal, ids: Ids) -> Representation:
    """One delivery. Raises NotFound also for those of other endpoints, and of events that the caller may not see."""
    webhook = await _webhook(reader, ids["id"])
    row = await reads.delivery_by_id.for_key(reader, ids["delivery_id"])
    if row is None or row.webhook_id != webhook.id or not webhooks.may_see_delivery(principal, row.type):
        raise NotFound("delivery")
    return _delivery(row, principal)


async def within_webhook(reader: Executor, principal: Principal, ids: Ids) -> Mapping[str, Any]:
    """The filter that the path sets."""
    return {"webhook_id": (await _webhook(reader, ids["id"])).id}


async def represent_webhook(reader: Executor, principal: Principal, webhook: Any) -> Representation:
    """An endpoint just changed."""
    return await fetch_webhook(reader, principal, {"id": webhook.id})


async def represent_issued(reader: Executor, principal: Principal, issued: webhooks.IssuedWebhook) -> Representation:
    """An endpoint just made or given a secret, with the secret that is shown this once."""
    row = await _webhook(reader, issued.id)
    location = f"{ROOT}/webhooks/{issued.id}"
    return Representation(serialize_webhook(row, issued.secret), row.version, location, secret=True)


async def represent_delivery(reader: Executor, principal: Principal, delivery: Any) -> Representation:
    """A delivery that was just asked for."""
    return _delivery(await reads.delivery_by_id.for_key(reader, delivery.id), principal)


async def represent_redelivered(reader: Executor, principal: Principal, redelivered: Any) -> Representation:
    """How much is sent again."""
    document = {"webhook_id": redelivered.webhook_id, "count": redelivered.count}
    return Representation(document, location=f"{ROOT}/webhooks/{redelivered.webhook_id}/deliveries")


async def represent_preview(reader: Executor, principal: Principal, preview: webhooks.Preview) -> Representation:
    """What would be sent."""
    return Representation(preview.document)


def _delivery(row: Row, principal: Principal) -> Representation:
    return Representation(
        serialize_delivery(row, principal), location=f"{ROOT}/webhooks/{row.webhook_id}/deliveries/{row.id}"
    )


async def _webhook(reader: Executor, id: str) -> Row:
    row = await reads.webhook_by_id.for_key(reader, id)
    if row is None:
        raise NotFound("webhook")
    return row
