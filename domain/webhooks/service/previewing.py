"""What an endpoint would be sent for an event of the past; nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Work
from domain.webhooks import reads
from domain.webhooks.commands import PreviewWebhook
from domain.webhooks.document import EventDocument, event_document, payload_of, shaped
from domain.webhooks.model import Webhook
from domain.webhooks.ports import CannotShapeError, Outbound
from domain.webhooks.selectors import selected_types
from domain.webhooks.service.rights import held_scopes
from domain.webhooks.types import kind_of


@dataclass(frozen=True, slots=True)
class Preview:
    """A payload."""

    webhook_id: str
    document: EventDocument

    @property
    def payload(self) -> str:
        """The body as it would be sent."""
        return payload_of(self.document).decode()


@use_case("webhooks:read")
async def preview_webhook(work: Work, principal: Principal, command: PreviewWebhook) -> Preview:
    """The payload for an event, with what both the caller and the endpoint may see.

    Raises NotFound; ValidationFailed for an event that is not kept or that the caller may not see; Conflict when the
    endpoint may not see it, or its query fails.
    """
    own = select(Webhook).where(Webhook.store_id == work.store.number, Webhook.id == command.id)
    webhook = await work.session.scalar(own)
    if webhook is None:
        raise NotFound("webhook")
    event = await reads.event_by_id.for_key(work.reader, command.event_id)
    if event is None or not principal.may(kind_of(event.type).scope):
        raise ValidationFailed.of(("event_id",), ErrorCode.NOT_FOUND, "No such event.")
    if event.type not in selected_types(webhook.events):
        message = f"The webhook does not select {event.type}: it is never sent this event."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("event_id",))
    viewer = replace(principal, scopes=principal.scopes.intersection(await held_scopes(work, webhook)))
    if not viewer.may(kind_of(event.type).scope):
        message = "The endpoint may not see events of this type."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("event_id",))
    document = event_document(event, viewer)
    if webhook.query is not None:
        try:
            shape = await work.part(Outbound).shaper.shape(webhook.query, viewer, event, work)
        except CannotShapeError as failure:
            raise Conflict(str(failure), ErrorCode.ILLEGAL_TRANSITION, ("id",)) from None
        document = shaped(document, shape)
    return Preview(webhook.id, document)
