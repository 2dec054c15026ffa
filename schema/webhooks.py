"""Webhooks: endpoints, what they were sent, and how that went."""

from __future__ import annotations

from datetime import datetime

import strawberry

import resolvers.webhooks
from domain import events, webhooks
from domain.webhooks import DeliveryStatus
from domain.webhooks.commands import DeliveryFilter, WebhookFilter
from resolvers.types import Id
from schema.events import Event
from schema.fields import (
    attribute,
    changed_row,
    created_row,
    listing,
    lookup,
    mutation,
    nested,
    permitted,
    related,
    result_value,
    root,
    touched_row,
)
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned
from schema.scalars import Url

reads = webhooks.reads


@strawberry.type(description="An address that events are sent to. Its secret is told only in the answer that made it.")
class Webhook(Node, Versioned, prefix="whk"):
    """A row of the reads of endpoints."""

    url: Url = attribute("Where events are sent.")
    events: list[str] = attribute(
        "What is sent, by the types' names on the wire; order.* is every type about orders, * every type."
    )
    active: bool = attribute("Whether events are sent.")
    include_imported: bool = attribute("Whether events of imports are sent too.")
    query: str | None = attribute(
        "The GraphQL that says what of each event is sent; null: the object as REST writes it."
    )
    secret_hint: str = attribute("How its secret begins and ends.")
    previous_secret_until: datetime | None = attribute("Until when the secret before it signs too; null: it does not.")
    failing_since: datetime | None = attribute(
        "The first failure since the last success, or since a day without any; null: there is none."
    )
    disabled_reason: str | None = attribute("Why the gateway made it inactive; null: it did not.")
    created_by: Id = attribute(
        "The credential that made it, or last chose where or what it is sent; system for the command line. It is sent "
        "what this credential may see."
    )
    deliveries: WebhookDeliveryConnection = nested(
        reads.deliveries_by_webhook,
        key="id",
        filter=DeliveryFilter,
        admit=webhooks.check_delivery_filters,
        description="What it was sent, newest first, as far as the caller may see it; kept as long as events are.",
    )


@strawberry.type(description="One event for one endpoint, and what became of it.")
class WebhookDelivery(Node, prefix="dlv"):
    """A row of the reads of deliveries."""

    webhook: Webhook | None = related(
        reads.webhook_by_id, key="webhook_id", description="The endpoint; null when it is gone."
    )
    event: Event | None = related(
        events.reads.event_by_id, key="event_id", description="What is reported; null for a test, and when it is past."
    )
    type: str = attribute("The event's type by its name on the wire, or webhook.test.")
    status: DeliveryStatus = attribute("How far it has come.")
    next_attempt_at: datetime | None = attribute("When it is tried next; null: never, or it is being tried.")
    delivered_at: datetime | None = attribute("When it was last taken; null: it was not.")
    attempts: list[WebhookAttempt] = permitted(
        webhooks.serializers.attempts_shown,
        columns=("attempts", "body_scopes"),
        likely=2,
        description="The newest tries, oldest first; 12 at most.",
    )
    request: str | None = permitted(
        webhooks.serializers.request_shown,
        columns=("request", "body_scopes"),
        description="The body; null: not sent yet, somebody in it was erased, or the caller lacks a scope of what is "
        "in it.",
    )
    created_at: datetime = attribute("When the event happened.")


@strawberry.type(description="One try to deliver.")
class WebhookAttempt:
    """An entry of a delivery's attempts."""

    number: int = attribute("Counts the tries since it was last asked for, from 1.")
    at: datetime = attribute("When it began.")
    duration_ms: int = attribute("Milliseconds it took.")
    status: int | None = attribute("The answer's HTTP status; null: no answer.")
    error: str | None = attribute("Why no answer came, or not in time.")
    response: str | None = attribute(
        "The answer's first 4 KiB; null: no answer, or the caller lacks a scope of the body."
    )


@strawberry.type(description="A page of webhooks.")
class WebhookConnection(Connection[Webhook]):
    """A page of endpoints."""


@strawberry.type(description="A page of deliveries.")
class WebhookDeliveryConnection(Connection[WebhookDelivery]):
    """A page of deliveries."""


@strawberry.type
class WebhooksQuery:
    """Root reads of webhooks."""

    webhook: Webhook | None = lookup(resolvers.webhooks.webhook, reads.webhook_by_id, description="One endpoint.")
    webhooks: WebhookConnection = listing(
        reads.webhooks, description="The store's endpoints, newest first.", filter=WebhookFilter
    )
    webhook_delivery: WebhookDelivery | None = root(
        resolvers.webhooks.delivery,
        description="One delivery; null for those of events that the caller may not see.",
        scopes=reads.delivery_by_id.scopes,
    )


_AS_IT_IS = "The endpoint as it is now."


@strawberry.type(description="What createWebhook came to.")
class CreateWebhookPayload(Payload):
    """An Outcome with an endpoint and its secret."""

    webhook: Webhook | None = created_row(reads.webhook_by_id, key="id", description="The new endpoint.")
    secret: str | None = result_value("secret", description="The secret itself, told this once.")


@strawberry.type(description="What updateWebhook came to.")
class UpdateWebhookPayload(Payload):
    """An Outcome with an endpoint."""

    webhook: Webhook | None = changed_row(reads.webhook_by_id, key="id", description=_AS_IT_IS)


@strawberry.type(description="What deleteWebhook came to.")
class DeleteWebhookPayload(Payload):
    """An Outcome with an id."""

    deleted_id: Id | None = result_value("deleted_id", description="The id of the endpoint that is gone.")


@strawberry.type(description="What rollWebhookSecret came to.")
class RollWebhookSecretPayload(Payload):
    """An Outcome with an endpoint and its new secret."""

    webhook: Webhook | None = changed_row(
        reads.webhook_by_id,
        key="id",
        written=("secretHint", "previousSecretUntil"),
        description=_AS_IT_IS,
    )
    secret: str | None = result_value("secret", description="The new secret itself, told this once.")


@strawberry.type(description="What testWebhook came to.")
class TestWebhookPayload(Payload):
    """An Outcome with a delivery."""

    delivery: WebhookDelivery | None = created_row(
        reads.delivery_by_id, key="id", description="The test, still to be sent."
    )


@strawberry.type(description="What redeliver came to.")
class RedeliverPayload(Payload):
    """An Outcome with a delivery."""

    delivery: WebhookDelivery | None = changed_row(
        reads.delivery_by_id,
        key="id",
        written=("status", "nextAttemptAt"),
        description="The delivery, still to be sent again.",
    )


@strawberry.type(description="What redeliverWebhook came to.")
class RedeliverWebhookPayload(Payload):
    """An Outcome with a count."""

    webhook: Webhook | None = touched_row(reads.webhook_by_id, key="webhook_id", description="The endpoint.")
    count: int | None = result_value("count", description="How many deliveries are sent again.")


@strawberry.type(description="What previewWebhook came to.")
class PreviewWebhookPayload(Payload):
    """An Outcome with a payload."""

    payload: str | None = result_value("payload", description="The body that would be sent.")


@strawberry.type(description="What previewWebhookQuery came to.")
class PreviewWebhookQueryPayload(Payload):
    """An Outcome with a payload."""

    payload: str | None = result_value("payload", description="The body that would be sent.")


@strawberry.type
class WebhooksMutation:
    """Use cases of webhooks."""

    create_webhook: CreateWebhookPayload = mutation(webhooks.create_webhook)
    update_webhook: UpdateWebhookPayload = mutation(webhooks.update_webhook)
    delete_webhook: DeleteWebhookPayload = mutation(webhooks.delete_webhook)
    roll_webhook_secret: RollWebhookSecretPayload = mutation(webhooks.roll_webhook_secret)
    preview_webhook: PreviewWebhookPayload = mutation(webhooks.preview_webhook)
    preview_webhook_query: PreviewWebhookQueryPayload = mutation(webhooks.preview_webhook_query)
    test_webhook: TestWebhookPayload = mutation(webhooks.test_webhook)
    redeliver: RedeliverPayload = mutation(webhooks.redeliver)
    redeliver_webhook: RedeliverWebhookPayload = mutation(webhooks.redeliver_webhook)
