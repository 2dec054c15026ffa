"""What an endpoint would be sent for an event of the past; nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import select

from domain import events
from domain.events.event_types import area_of
from domain.events.selectors import selected_types
from domain.events.serializers import EventDocument, payload_of, serialize_event, with_object
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.commands import PreviewWebhook, PreviewWebhookQuery
from domain.webhooks.model import Webhook
from domain.webhooks.ports import PayloadQueryError, WebhookDependencies
from domain.webhooks.service.rights import held_scopes


@dataclass(frozen=True, slots=True)
class Preview:
    """A payload."""

    document: EventDocument

    @property
    def payload(self) -> str:
        """The body as it would be sent."""
        return payload_of(self.document).decode()


@use_case("webhooks:read")
async def preview_webhook(work: UnitOfWork, principal: Principal, command: PreviewWebhook) -> Preview:
    """The payload for an event, with what both the caller and the endpoint may see.

    Raises NotFound; ValidationFailed for an event that is not kept or that the caller may not see; Conflict when the
    endpoint does not select it or may not see it, or its query fails.
    """
    own = select(Webhook).where(Webhook.store_id == work.store.number, Webhook.id == command.id)
    webhook = await work.session.scalar(own)
    if webhook is None:
        raise NotFound("webhook")
    event = await _event(work, principal, command.event_id)
    if event.type not in selected_types(webhook.events):
        message = f"The webhook does not select {event.type}: it is never sent this event."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("event_id",))
    viewer = replace(principal, scopes=principal.scopes.intersection(await held_scopes(work, webhook)))
    if not viewer.has_scope(area_of(event.type).scope):
        message = "The endpoint may not see events of this type."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("event_id",))
    return await _payload(work, viewer, event, webhook.query, "id")


@use_case("webhooks:read")
async def preview_webhook_query(work: UnitOfWork, principal: Principal, command: PreviewWebhookQuery) -> Preview:
    """The payload for an event that a query makes, with what the caller may see; it need not be any endpoint's.

    Raises ValidationFailed for a query that could not be saved and for an event that is not kept or that the caller may
    not see, Forbidden for fields that they may not see, Conflict when the query fails.
    """
    if command.query is not None:
        work.dependency(WebhookDependencies).shaper.check(command.query, principal)
    event = await _event(work, principal, command.event_id)
    return await _payload(work, principal, event, command.query, "query")


async def _event(work: UnitOfWork, principal: Principal, id: str) -> Row:
    event = await events.reads.event_by_id.for_key(work.reader, id)
    if event is None or not principal.has_scope(area_of(event.type).scope):
        raise ValidationFailed.of(("event_id",), ErrorCode.NOT_FOUND, "No such event.")
    return cast(Row, event)


async def _payload(work: UnitOfWork, viewer: Principal, event: Row, query: str | None, field: str) -> Preview:
    """``field``: what is blamed for a query that fails."""
    document = serialize_event(event, viewer)
    if query is not None:
        try:
            shape = await work.dependency(WebhookDependencies).shaper.run(query, viewer, event, work)
        except PayloadQueryError as failure:
            raise Conflict(str(failure), ErrorCode.ILLEGAL_TRANSITION, (field,)) from None
        document = with_object(document, shape)
    return Preview(document)
