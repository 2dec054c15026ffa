"""The ``webhooks`` of the OpenAPI document: the request that a webhook receives, for each event type."""

from __future__ import annotations

from domain.events.documents import EventDocument
from domain.events.event_types import EventType, area_of
from domain.kernel.fields import Json
from rest_compat.endpoint import JSON
from rest_compat.openapi.examples import document_example
from rest_compat.openapi.schemas import Schemas

TAG = "Webhook requests"
"""A separate tag: generators write one file per tag, and the file of the webhook operations would be overwritten."""
_SIGNED = """The request is signed: `X-Webhook-Signature` is the hex HMAC-SHA256 of the body, keyed with the webhook's
secret; `webhook-id`, `webhook-timestamp` and `webhook-signature` follow Standard Webhooks. `webhook-id` is the id of
the event, the same in every attempt."""


def webhook_references() -> Json:
    """Build a reference for each event type. If the operations stood here themselves, openapi-generator would take them
    for operations of the API and write files that do not compile.
    """
    return {type.value: {"$ref": f"#/components/pathItems/{_name(type)}"} for type in EventType}


def webhook_path_items(schemas: Schemas) -> Json:
    """Build the POST that the gateway sends for each event type, and the response that it expects."""
    return {_name(type): {"post": _operation(type, schemas)} for type in EventType}


def _name(type: EventType) -> str:
    return "".join(part.capitalize() for part in type.replace("_", ".").split("."))


def _operation(type: EventType, schemas: Schemas) -> Json:
    area = type.partition(".")[0]
    kind = area_of(type).document
    event = schemas.event(EventDocument, area, kind)
    example = document_example(EventDocument, fresh=False)
    example = {
        **example,
        "type": type.value,
        "data": {**example["data"], "object": document_example(kind, fresh=False)},
    }
    return {
        "operationId": f"on{_name(type)}",
        "summary": f"Receive {type.value}",
        "description": f"Sent to every active webhook that selects `{type.value}`. The delivery is retried unless "
        f"the response is 2xx within 10 seconds. {_SIGNED}",
        "tags": [TAG],
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": event, "example": example}}},
        "responses": {
            "200": {"description": "The event was received. Any 2xx status is accepted."},
            "410": {"description": "The receiver does not accept events any more. The webhook is deactivated."},
        },
    }
