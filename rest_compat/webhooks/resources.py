"""REST representations of webhooks and deliveries."""

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


async def describe_webhooks(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[WebhookDocument]:
    """Serialize webhooks, without their secrets."""
    return [serialize_webhook(row) for row in rows]


async def describe_deliveries(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[DeliveryDocument]:
    """Serialize deliveries. Needs no further reads."""
    return [serialize_delivery(row, principal) for row in rows]


async def fetch_webhook(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Represent one webhook, without its secret. Raises NotFound."""
    row = await _webhook(db, ids["id"])
    return Representation(serialize_webhook(row), row.version)


async def fetch_delivery(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Represent one delivery.

    Raises NotFound, also for a delivery of another webhook or of an event that the caller may not read.
    """
    webhook = await _webhook(db, ids["id"])
    row = await reads.delivery_by_id.for_key(db, ids["delivery_id"])
    if row is None or row.webhook_id != webhook.id or not webhooks.may_see_delivery(principal, row.type):
        raise NotFound("delivery")
    return _delivery(row, principal)


async def within_webhook(db: Executor, principal: Principal, ids: Ids) -> Mapping[str, Any]:
    """Return the filter given by the path. Raises NotFound."""
    return {"webhook_id": (await _webhook(db, ids["id"])).id}


async def represent_webhook(db: Executor, principal: Principal, webhook: Any) -> Representation:
    """Represent a webhook that was changed by this request."""
    return await fetch_webhook(db, principal, {"id": webhook.id})


async def represent_issued(db: Executor, principal: Principal, issued: webhooks.IssuedWebhook) -> Representation:
    """Represent a webhook whose secret was created by this request, with the secret."""
    row = await _webhook(db, issued.id)
    location = f"{ROOT}/webhooks/{issued.id}"
    return Representation(serialize_webhook(row, issued.secret), row.version, location, secret=True)


async def represent_delivery(db: Executor, principal: Principal, delivery: Any) -> Representation:
    """Represent a delivery that was requested by this request."""
    return _delivery(await reads.delivery_by_id.for_key(db, delivery.id), principal)


async def represent_redelivered(db: Executor, principal: Principal, redelivered: Any) -> Representation:
    """Represent the number of deliveries that will be redelivered."""
    document = {"webhook_id": redelivered.webhook_id, "count": redelivered.count}
    return Representation(document, location=f"{ROOT}/webhooks/{redelivered.webhook_id}/deliveries")


async def represent_preview(db: Executor, principal: Principal, preview: webhooks.Preview) -> Representation:
    """Represent a preview."""
    return Representation(preview.document)


def _delivery(row: Row, principal: Principal) -> Representation:
    return Representation(
        serialize_delivery(row, principal), location=f"{ROOT}/webhooks/{row.webhook_id}/deliveries/{row.id}"
    )


async def _webhook(db: Executor, id: str) -> Row:
    row = await reads.webhook_by_id.for_key(db, id)
    if row is None:
        raise NotFound("webhook")
    return row
