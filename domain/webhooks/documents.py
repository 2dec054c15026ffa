"""What REST writes of webhooks and deliveries."""

from __future__ import annotations

from domain.kernel.documents import (
    BooleanMember,
    ComputedMember,
    DerivedListMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import VERSION, id_member
from domain.webhooks.delivery_rows import attempts_shown, request_shown
from domain.webhooks.model import WebhookDeliveryStatus

_WEBHOOK = TextMember("The id of the webhook.", example="whk_01jd3v4q8rf9k6w2m5n7t0xhz4")


def _when(description: str, *, nullable: bool = False, versioned: bool = True) -> InstantMember:
    return InstantMember(description, example="2026-01-15T10:30:00Z", nullable=nullable, versioned=versioned)


class WebhookDocument(Document):
    """A webhook: a URL that events are sent to. Its secret is returned only when it is created or rolled."""

    id = id_member("whk")
    url = TextMember("The URL that events are sent to.", example="https://your-domain.example/webhook")
    events = TextListMember(
        "The event types that are sent, such as `order.created`; `*` means all.", example=["order.created"]
    )
    active = BooleanMember("Whether the webhook is active.", example=True)
    include_imported = BooleanMember("Whether events of imports are also sent.", example=False)
    query = TextMember(
        "A GraphQL subscription that selects what is sent as `data.object`. Null if the REST document is sent.",
        example="subscription { events { id ... on ProductUpdated { snapshot { sku name } } } }",
        nullable=True,
    )
    secret_hint = TextMember("The prefix and the last characters of the secret.", example="whsec_…9xq=")
    previous_secret_until = _when(
        "Until when deliveries are also signed with the previous secret. Null if they are not.", nullable=True
    )
    failing_since = _when(
        "When the current run of failures began. Null if the last attempt succeeded.", nullable=True, versioned=False
    )
    disabled_reason = TextMember(
        "Why the gateway deactivated the webhook. Null if it did not.",
        example="The receiver responded with 410 Gone.",
        nullable=True,
    )
    created_by = TextMember(
        "The id of the API key that created the webhook, or last changed its URL, events or query; `system` for the "
        "command line. The webhook receives what this key may read.",
        example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
    )
    version = VERSION
    created_at = _when("When the object was created.")
    updated_at = _when("When the object was last changed.")
    secret = TextMember(
        "The secret of the webhook. Returned only in the response that created or rolled it.",
        example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        only_new=True,
    )


class AttemptDocument(Document):
    """One delivery attempt."""

    number = IntegerMember("The number of the attempt, starting at 1 for every (re)delivery.", example=1)
    started_at = _when("When the attempt started.")
    duration_ms = IntegerMember("The duration in milliseconds.", example=87)
    status = IntegerMember("The HTTP status of the response. Null if there was none.", example=200, nullable=True)
    error = TextMember("The reason if there was no response in time.", example="Refused.", nullable=True)
    response = TextMember(
        "The first 4 KiB of the response. Null if there was none, or if the API key lacks a scope of the request body.",
        example="ok",
        nullable=True,
    )


class DeliveryDocument(Document):
    """The delivery of one event to one webhook."""

    id = id_member("dlv")
    webhook_id = _WEBHOOK
    event_id = TextMember("The id of the event. Null for a test.", example="evt_01jd3v4q8rf9k6", nullable=True)
    type = TextMember("The type of the event, or `webhook.test`.", example="order.created")
    status = EnumMember("The status of the delivery.", WebhookDeliveryStatus, example="delivered")
    next_attempt_at = _when(
        "When the next attempt is due. Null if there is none, or if an attempt is in flight.", nullable=True
    )
    delivered_at = _when("When the receiver last accepted it. Null if it has not.", nullable=True)
    attempts = DerivedListMember("The latest attempts, oldest first. At most 12.", AttemptDocument, attempts_shown)
    request = ComputedMember(
        "The request body. Null if nothing was sent yet, if personal data was erased, or if the API key lacks a scope "
        "of its content.",
        request_shown,
        str,
        example="{…}",
        nullable=True,
    )
    created_at = _when("When the event occurred.")


class RedeliveryDocument(Document):
    """The number of deliveries that will be redelivered."""

    webhook_id = _WEBHOOK
    count = IntegerMember("The number of deliveries that will be redelivered.", example=17)
