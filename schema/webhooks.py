"""GraphQL types and operations of webhooks and deliveries."""

from __future__ import annotations

from datetime import datetime

import strawberry

import resolvers.webhooks
from domain import events, webhooks
from domain.webhooks import WebhookDeliveryStatus
from domain.webhooks.commands import WebhookDeliveryFilter, WebhookFilter
from resolvers.types import Id
from schema.event_interface import Event
from schema.fields import attribute, listing, lookup, nested, permitted, related
from schema.mutation_fields import changed_row, created_row, mutation, result_value, secret_value, touched_row
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned
from schema.scalars import Url

reads = webhooks.reads


@strawberry.type(
    description="A webhook: a URL that events are sent to. Its secret is returned only when it is created or rolled."
)
class Webhook(Node, Versioned, prefix="whk"):
    """A row of the reads of webhooks."""

    url: Url = attribute("The URL that events are sent to.")
    events: list[str] = attribute("The event types that are sent, such as `order.created`; `*` means all.")
    active: bool = attribute("Whether the webhook is active.")
    include_imported: bool = attribute("Whether events of imports are also sent.")
    query: str | None = attribute(
        "A GraphQL subscription that selects what is sent as `data.object`. Null if the REST document is sent."
    )
    secret_hint: str = attribute("The prefix and the last characters of the secret.")
    previous_secret_until: datetime | None = attribute(
        "Until when deliveries are also signed with the previous secret. Null if they are not."
    )
    failing_since: datetime | None = attribute(
        "When the current run of failures began. Null if the last attempt succeeded."
    )
    disabled_reason: str | None = attribute("Why the gateway deactivated the webhook. Null if it did not.")
    created_by: Id = attribute(
        "The id of the API key that created the webhook, or last changed its URL, events or query; `system` for the "
        "command line. The webhook receives what this key may read."
    )
    deliveries: WebhookDeliveryConnection = nested(
        reads.deliveries_by_webhook,
        key="id",
        filter=WebhookDeliveryFilter,
        check_filters=webhooks.check_delivery_filters,
        description="The deliveries of the webhook, newest first. Contains only events that the API key may read. "
        "Retained as long as events.",
    )


@strawberry.type(description="The delivery of one event to one webhook.")
class WebhookDelivery(Node, prefix="dlv"):
    """A row of the reads of deliveries."""

    webhook: Webhook | None = related(
        reads.webhook_by_id, key="webhook_id", description="The webhook. Null if it was deleted."
    )
    event: Event | None = related(
        events.reads.event_by_id,
        key="event_id",
        description="The event. Null for a test, or if it is no longer retained.",
    )
    type: str = attribute("The type of the event, or `webhook.test`.")
    status: WebhookDeliveryStatus = attribute("The status of the delivery.")
    next_attempt_at: datetime | None = attribute(
        "When the next attempt is due. Null if there is none, or if an attempt is in flight."
    )
    delivered_at: datetime | None = attribute("When the receiver last accepted it. Null if it has not.")
    attempts: list[WebhookAttempt] = permitted(
        webhooks.delivery_rows.attempts_shown,
        columns=("attempts", "body_scopes"),
        likely=2,
        description="The latest attempts, oldest first. At most 12.",
    )
    request: str | None = permitted(
        webhooks.delivery_rows.request_shown,
        columns=("request", "body_scopes"),
        description="The request body. Null if nothing was sent yet, if personal data was erased, or if the API key "
        "lacks a scope of its content.",
    )
    created_at: datetime = attribute("When the event occurred.")


@strawberry.type(description="One delivery attempt.")
class WebhookAttempt:
    """An entry of a delivery's attempts."""

    number: int = attribute("The number of the attempt, starting at 1 for every (re)delivery.")
    started_at: datetime = attribute("When the attempt started.")
    duration_ms: int = attribute("The duration in milliseconds.")
    status: int | None = attribute("The HTTP status of the response. Null if there was none.")
    error: str | None = attribute("The reason if there was no response in time.")
    response: str | None = attribute(
        "The first 4 KiB of the response. Null if there was none, or if the API key lacks a scope of the request body."
    )


@strawberry.type(description="A page of webhooks.")
class WebhookConnection(Connection[Webhook]):
    """A page of webhooks."""


@strawberry.type(description="A page of deliveries.")
class WebhookDeliveryConnection(Connection[WebhookDelivery]):
    """A page of deliveries."""


@strawberry.type
class WebhooksQuery:
    """Queries of webhooks and deliveries."""

    webhook: Webhook | None = lookup(
        resolvers.webhooks.webhook, reads.webhook_by_id, description="Fetch a webhook. Null if it does not exist."
    )
    webhooks: WebhookConnection = listing(
        reads.webhooks, description="List the webhooks of the store, newest first.", filter=WebhookFilter
    )
    webhook_delivery: WebhookDelivery | None = lookup(
        resolvers.webhooks.delivery,
        reads.delivery_by_id,
        description="Fetch a delivery. Null if it does not exist or the API key may not read its event.",
        sees=lambda principal, row: webhooks.may_see_delivery(principal, row.type),
        seen_by=("type",),
    )


_AFTER_CHANGE = "The webhook after the change."


@strawberry.type(description="Result of `createWebhook`.")
class CreateWebhookPayload(Payload):
    """A MutationResult with a webhook and its secret."""

    webhook: Webhook | None = created_row(reads.webhook_by_id, key="id", description="The created webhook.")
    secret: str | None = secret_value(description="The secret of the webhook. Returned only in this response.")


@strawberry.type(description="Result of `updateWebhook`.")
class UpdateWebhookPayload(Payload):
    """A MutationResult with a webhook."""

    webhook: Webhook | None = changed_row(reads.webhook_by_id, key="id", description=_AFTER_CHANGE)


@strawberry.type(description="Result of `deleteWebhook`.")
class DeleteWebhookPayload(Payload):
    """A MutationResult with an id."""

    deleted_id: Id | None = result_value("deleted_id", description="The id of the deleted webhook.")


@strawberry.type(description="Result of `rollWebhookSecret`.")
class RollWebhookSecretPayload(Payload):
    """A MutationResult with a webhook and its new secret."""

    webhook: Webhook | None = changed_row(
        reads.webhook_by_id,
        key="id",
        written=("secretHint", "previousSecretUntil"),
        description=_AFTER_CHANGE,
    )
    secret: str | None = secret_value(description="The new secret of the webhook. Returned only in this response.")


@strawberry.type(description="Result of `testWebhook`.")
class TestWebhookPayload(Payload):
    """A MutationResult with a delivery."""

    delivery: WebhookDelivery | None = created_row(
        reads.delivery_by_id, key="id", description="The test delivery. It is still to be sent."
    )


@strawberry.type(description="Result of `redeliverWebhookDelivery`.")
class RedeliverWebhookDeliveryPayload(Payload):
    """A MutationResult with a delivery."""

    delivery: WebhookDelivery | None = changed_row(
        reads.delivery_by_id,
        key="id",
        written=("status", "nextAttemptAt"),
        description="The delivery after the change. It is still to be sent.",
    )


@strawberry.type(description="Result of `redeliverWebhook`.")
class RedeliverWebhookPayload(Payload):
    """A MutationResult with a count."""

    webhook: Webhook | None = touched_row(reads.webhook_by_id, key="webhook_id", description="The webhook.")
    count: int | None = result_value("count", description="The number of deliveries that will be redelivered.")


@strawberry.type(description="Result of `previewWebhook`.")
class PreviewWebhookPayload(Payload):
    """A MutationResult with a payload."""

    payload: str | None = result_value("payload", description="The request body that would be sent.")


@strawberry.type(description="Result of `previewWebhookQuery`.")
class PreviewWebhookQueryPayload(Payload):
    """A MutationResult with a payload."""

    payload: str | None = result_value("payload", description="The request body that would be sent.")


@strawberry.type
class WebhooksMutation:
    """Mutations of webhooks."""

    create_webhook: CreateWebhookPayload = mutation(webhooks.create_webhook)
    update_webhook: UpdateWebhookPayload = mutation(webhooks.update_webhook)
    delete_webhook: DeleteWebhookPayload = mutation(webhooks.delete_webhook)
    roll_webhook_secret: RollWebhookSecretPayload = mutation(webhooks.roll_webhook_secret)
    preview_webhook: PreviewWebhookPayload = mutation(webhooks.preview_webhook)
    preview_webhook_query: PreviewWebhookQueryPayload = mutation(webhooks.preview_webhook_query)
    test_webhook: TestWebhookPayload = mutation(webhooks.test_webhook)
    redeliver_webhook_delivery: RedeliverWebhookDeliveryPayload = mutation(webhooks.redeliver_webhook_delivery)
    redeliver_webhook: RedeliverWebhookPayload = mutation(webhooks.redeliver_webhook)
