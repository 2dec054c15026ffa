"""Use cases of previews: the payload that an endpoint would receive for an event. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import select

from domain import events
from domain.events import EventDocument, area_of, payload_of, selected_types, with_object
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.commands import PreviewWebhook, PreviewWebhookQuery
from domain.webhooks.model import Webhook
from domain.webhooks.ports import PayloadQueryError, WebhookDependencies
from domain.webhooks.service.webhook_scopes import held_scopes


@dataclass(frozen=True, slots=True)
class Preview:
    """The payload of a preview."""

    document: dict[str, Any]

    @property
    def payload(self) -> str:
        """The request body that would be sent."""
        return payload_of(self.document).decode()


@use_case("webhooks:read")
async def preview_webhook(work: UnitOfWork, principal: Principal, command: PreviewWebhook) -> Preview:
    """Build the payload of an endpoint for an event, with what both the caller and the endpoint may read.

    Raises NotFound; ValidationFailed (an event that is not retained or that the caller may not read); Conflict (the
    endpoint does not select the event or may not read it, or its query fails).
    """
    own = select(Webhook).where(Webhook.store_id == work.store.number, Webhook.id == command.id)
    webhook = await work.session.scalar(own)
    if webhook is None:
        raise NotFound("webhook")
    event = await _event(work, principal, command.event_id)
    if event.type not in selected_types(webhook.events):
        message = f"The webhook does not select {event.type} and never receives this event."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("event_id",))
    viewer = replace(principal, scopes=principal.scopes.intersection(await held_scopes(work, webhook)))
    if not viewer.has_scope(area_of(event.type).scope):
        message = f"The webhook lacks the scope {area_of(event.type).scope}, which this event requires."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("event_id",))
    return await _payload(work, viewer, event, webhook.query, "id")


@use_case("webhooks:read")
async def preview_webhook_query(work: UnitOfWork, principal: Principal, command: PreviewWebhookQuery) -> Preview:
    """Build the payload of a query for an event, with what the caller may read. Needs no endpoint.

    Raises ValidationFailed (an invalid query; an event that is not retained or that the caller may not read), Forbidden
    (fields that the caller may not read), Conflict (the query fails).
    """
    if command.query is not None:
        work.dependency(WebhookDependencies).query_runner.check(command.query, principal)
    event = await _event(work, principal, command.event_id)
    return await _payload(work, principal, event, command.query, "query")


async def _event(work: UnitOfWork, principal: Principal, id: str) -> Row:
    event = await events.reads.event_by_id.for_key(work.reader, id)
    if event is None or not principal.has_scope(area_of(event.type).scope):
        raise ValidationFailed.of(("event_id",), ErrorCode.NOT_FOUND, "Event not found.")
    return cast(Row, event)


async def _payload(work: UnitOfWork, viewer: Principal, event: Row, query: str | None, field: str) -> Preview:
    """Build the payload. ``field``: the field named in the error if the query fails. Raises Conflict."""
    document = EventDocument.of_row(event, viewer)
    if query is not None:
        try:
            result = await work.dependency(WebhookDependencies).query_runner.run(query, viewer, event, work)
        except PayloadQueryError as failure:
            raise Conflict(str(failure), ErrorCode.ILLEGAL_TRANSITION, (field,)) from None
        document = with_object(document, result)
    return Preview(document)
