"""Delivery requests: the event as the endpoint may read it, and the signed headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain import access
from domain.events import EventDocument, area_of, event_by_id, payload_of, with_object
from domain.kernel.crypto import Keyring
from domain.kernel.principal import Principal
from domain.kernel.serialization import format_instant
from domain.kernel.sql.executor import Executor, Row
from domain.webhooks.body_scopes import TEST_EVENT_TYPE, Need, needs_of_document, parse_needs, unmet_needs
from domain.webhooks.delivery.leases import LeasedDelivery
from domain.webhooks.ports import PayloadQueryRunner
from domain.webhooks.service.endpoints import secret_context
from domain.webhooks.signatures import signature_headers

USER_AGENT = "commerce-gateway-webhooks/1"


@dataclass(frozen=True, slots=True)
class Payload:
    """A body, and its needs."""

    body: bytes
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is sent for a delivery: ``event`` as ``principal`` may read it, else the stored body.

    ``unsendable_reason``: why it can never be sent.
    """

    delivery: LeasedDelivery
    principal: Principal
    event: Row | None = None
    unsendable_reason: str | None = None

    async def payload(self, query_runner: PayloadQueryRunner) -> Payload:
        """Build the payload. Raises PayloadQueryError."""
        delivery = self.delivery
        if delivery.request is not None and self.event is None:
            return Payload(delivery.request.encode(), parse_needs(delivery.body_scopes))
        if self.event is None:
            return Payload(orjson.dumps(test_document(delivery)), ())
        document, scopes = EventDocument.of_row(self.event, self.principal), self.principal.scopes
        if delivery.query is None:
            return Payload(payload_of(document), needs_of_document(delivery.type, scopes))
        document = with_object(document, await query_runner.run(delivery.query, self.principal, self.event))
        needs = ((area_of(delivery.type).scope,), *query_runner.needs(delivery.query, scopes))
        return Payload(payload_of(document), needs)


async def build_requests(connection: asyncpg.Connection, deliveries: Sequence[LeasedDelivery]) -> list[DeliveryRequest]:
    """Build the request of each delivery: the body that was sent before, or a new one from the event in the log.

    ``connection``: of ``gateway_system``.
    """
    stores = await access.stores_by_number(connection, {delivery.store for delivery in deliveries})
    events: dict[tuple[int, str], Row] = {}
    for number in stores:
        ids = [
            delivery.event_id
            for delivery in deliveries
            if delivery.store == number and delivery.event_id and _needs_new_body(delivery)
        ]
        if ids:
            found = await event_by_id.for_keys(Executor(connection, number), ids)
            events |= {(number, row.id): row for row in found if row is not None}
    requests = []
    for delivery in deliveries:
        principal = Principal(stores[delivery.store], delivery.scopes, delivery.webhook_id)
        requests.append(_request(delivery, principal, events.get((delivery.store, delivery.event_id or ""))))
    return requests


def _needs_new_body(delivery: LeasedDelivery) -> bool:
    """Whether there is no stored body, or one with content that the endpoint may not read any more."""
    return delivery.request is None or unmet_needs(parse_needs(delivery.body_scopes), delivery.scopes) is not None


def _request(delivery: LeasedDelivery, principal: Principal, event: Row | None) -> DeliveryRequest:
    if delivery.type == TEST_EVENT_TYPE:
        return DeliveryRequest(delivery, principal)
    if not principal.has_scope(area_of(delivery.type).scope):
        return DeliveryRequest(
            delivery, principal, unsendable_reason="The webhook does not have the scope of this event type any more."
        )
    if _needs_new_body(delivery) and event is None:
        return DeliveryRequest(delivery, principal, unsendable_reason="The event is no longer retained.")
    return DeliveryRequest(delivery, principal, event)


def test_document(delivery: LeasedDelivery) -> dict[str, Any]:
    """Build the payload of a test: like that of an event, about the endpoint itself, without a position in the log."""
    return {
        "id": delivery.id,
        "type": TEST_EVENT_TYPE,
        "created_at": format_instant(delivery.created_at),
        "data": {"object": {"id": delivery.webhook_id, "url": delivery.url}, "changed_fields": []},
        "cursor": None,
        "sequence": 0,
    }


def headers_of(delivery: LeasedDelivery, body: bytes, keyring: Keyring, now: datetime) -> dict[str, str]:
    """Build the headers of one attempt, with its own timestamp. Raises DecryptionError (lost encryption key)."""
    context = secret_context(delivery.store, delivery.webhook_id)
    encrypted = [delivery.secret, *([delivery.previous_secret] if delivery.previous_secret is not None else [])]
    secrets = [keyring.decrypt(each, context).decode() for each in encrypted]
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Webhook-Delivery": delivery.id,
        **signature_headers(secrets, delivery.event_id or delivery.id, int(now.timestamp()), body),
    }
