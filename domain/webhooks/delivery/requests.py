"""What is sent for a delivery: the event as its endpoint may see it, and the headers that sign it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain import access
from domain.events.event_types import area_of
from domain.events.reads import event_by_id
from domain.events.serializers import payload_of, serialize_event, with_object
from domain.kernel.crypto import Keyring
from domain.kernel.principal import Principal
from domain.kernel.serialization import format_instant
from domain.kernel.sql.executor import Executor, Row
from domain.webhooks.delivery.leases import LeasedDelivery
from domain.webhooks.ports import PayloadQueryRunner
from domain.webhooks.rights import TEST_EVENT_TYPE, Need, needs_of_document, needs_stored, unmet_needs
from domain.webhooks.service.endpoints import sealed_for
from domain.webhooks.signatures import signature_headers

USER_AGENT = "commerce-gateway-webhooks/1"


@dataclass(frozen=True, slots=True)
class Payload:
    """A body, and the needs of who may see it."""

    body: bytes
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is to be sent for a claim: what ``event`` says to ``principal``, else the body of before.

    ``unsendable_reason``: why there is nothing to send, nor ever will be.
    """

    claim: LeasedDelivery
    principal: Principal
    event: Row | None = None
    unsendable_reason: str | None = None

    async def payload(self, shaper: PayloadQueryRunner) -> Payload:
        """The body, and who may see it. Raises CannotShapeError."""
        claim = self.claim
        if claim.request is not None and self.event is None:
            return Payload(claim.request.encode(), needs_stored(claim.body_scopes))
        if self.event is None:
            return Payload(orjson.dumps(test_document(claim)), ())
        document, scopes = serialize_event(self.event, self.principal), self.principal.scopes
        if claim.query is None:
            return Payload(payload_of(document), needs_of_document(claim.type, scopes))
        document = with_object(document, await shaper.run(claim.query, self.principal, self.event))
        needs = ((area_of(claim.type).scope,), *shaper.needs(claim.query, scopes))
        return Payload(payload_of(document), needs)


async def build_requests(connection: asyncpg.Connection, claims: Sequence[LeasedDelivery]) -> list[DeliveryRequest]:
    """What to send for each claim: what was sent before, else made from the event as the log has it.

    ``connection``: of ``gateway_system``.
    """
    stores = await access.stores_by_number(connection, {claim.store for claim in claims})
    events: dict[tuple[int, str], Row] = {}
    for number in stores:
        ids = [claim.event_id for claim in claims if claim.store == number and claim.event_id and _is_made_anew(claim)]
        if ids:
            found = await event_by_id.for_keys(Executor(connection, number), ids)
            events |= {(number, row.id): row for row in found if row is not None}
    parcels = []
    for claim in claims:
        principal = Principal(stores[claim.store], claim.scopes, claim.webhook_id)
        parcels.append(_parcel(claim, principal, events.get((claim.store, claim.event_id or ""))))
    return parcels


def _is_made_anew(claim: LeasedDelivery) -> bool:
    """Whether the body of before, if any, is not sent: it may show what its endpoint may not see any more."""
    return claim.request is None or unmet_needs(needs_stored(claim.body_scopes), claim.scopes) is not None


def _parcel(claim: LeasedDelivery, principal: Principal, event: Row | None) -> DeliveryRequest:
    if claim.type == TEST_EVENT_TYPE:
        return DeliveryRequest(claim, principal)
    if not principal.has_scope(area_of(claim.type).scope):
        return DeliveryRequest(
            claim, principal, unsendable_reason="The endpoint may not see events of this type any more."
        )
    if _is_made_anew(claim) and event is None:
        return DeliveryRequest(claim, principal, unsendable_reason="The event is no longer kept.")
    return DeliveryRequest(claim, principal, event)


def test_document(claim: LeasedDelivery) -> dict[str, Any]:
    """The payload of a test: formed as an event's, about the endpoint itself, and at no place in the log."""
    return {
        "id": claim.id,
        "type": TEST_EVENT_TYPE,
        "created_at": format_instant(claim.created_at),
        "data": {"object": {"id": claim.webhook_id, "url": claim.url}, "changed_fields": []},
        "cursor": None,
        "sequence": 0,
    }


def headers_of(claim: LeasedDelivery, body: bytes, keyring: Keyring, now: datetime) -> dict[str, str]:
    """The headers of one attempt, whose timestamp is its own. Raises CannotDecryptError for a lost encryption key."""
    context = sealed_for(claim.store, claim.webhook_id)
    sealed = [claim.secret, *([claim.previous_secret] if claim.previous_secret is not None else [])]
    secrets = [keyring.decrypt(each, context).decode() for each in sealed]
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Webhook-Delivery": claim.id,
        **signature_headers(secrets, claim.event_id or claim.id, int(now.timestamp()), body),
    }
