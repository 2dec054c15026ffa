"""Webhooks and deliveries, as REST finds and returns them."""

from __future__ import annotations

import orjson

from domain import webhooks
from domain.events.documents import EventDocument
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.webhooks.documents import DeliveryDocument, WebhookDocument
from rest_compat.objects import Representation, RestObject

reads = webhooks.reads


def _may_see(principal: Principal, delivery: Row) -> bool:
    return webhooks.may_see_delivery(principal, delivery.type)


WEBHOOK = RestObject(
    path="/webhooks/{id}", noun="webhook", prefix="whk", read=reads.webhook_by_id, document=WebhookDocument
)
DELIVERY = RestObject(
    path="/webhooks/{id}/deliveries/{delivery_id}",
    noun="delivery",
    prefix="dlv",
    read=reads.delivery_by_id,
    document=DeliveryDocument,
    parent=WEBHOOK,
    parent_key="webhook_id",
    sees=_may_see,
    seen_by=("type",),
)


class PreviewedPayload:
    """The payload of a preview."""

    response = EventDocument

    async def represent(self, db: Executor, principal: Principal, preview: webhooks.Preview) -> Representation:
        """The payload, as it would be sent."""
        return Representation(orjson.dumps(preview.document))
