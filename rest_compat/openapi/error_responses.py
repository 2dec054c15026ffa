"""Every refusal as the OpenAPI document shows it: which operation may give it, and what it looks like."""

from __future__ import annotations

from domain.kernel.errors import (
    Conflict,
    ErrorCode,
    Forbidden,
    MalformedRequest,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
)
from domain.kernel.fields import Json
from rest_compat.command_binding import CommandBinding
from rest_compat.endpoint import JSON, Endpoint, ItemAction, WriteAction
from rest_compat.wire_format import SPEECH
from transport.body import not_acceptable, not_json, too_large
from transport.errors import example_of

_NAMES: dict[int, tuple[str, str, Exception]] = {
    400: ("BadRequest", "It cannot be read.", MalformedRequest.of("limit", "At most 200.")),
    401: ("Unauthorized", "No key, or one that does not work.", Unauthenticated("This API key is not valid.")),
    403: ("Forbidden", "The key lacks a scope.", Forbidden("This needs the scope products:write.")),
    404: ("NotFound", "The path names a thing that does not exist.", NotFound("product")),
    406: ("NotAcceptable", "Accept leaves no room for the type of the answer.", not_acceptable(JSON)),
    409: (
        "Conflict",
        "The state of things forbids it, or the same idempotency key is in flight.",
        Conflict("The SKU HEADPHONE-001 is taken.", ErrorCode.TAKEN, ("sku",)),
    ),
    413: ("ContentTooLarge", "The body is too large.", too_large()),
    415: ("UnsupportedMediaType", "The body is not JSON in UTF-8.", not_json()),
    422: (
        "Invalid",
        "Fields are wrong.",
        ValidationFailed.of(("variants", 0, "price"), ErrorCode.TOO_SMALL, "Must not be negative."),
    ),
    429: ("TooManyRequests", "Over the limit of the plan.", RateLimited("Too many requests.", retry_after=60)),
    500: ("ServerError", "Something went wrong on our side.", Exception("never shown")),
    503: ("Unavailable", "Something needed is away.", Unavailable("The database does not answer in time.")),
}


def responses() -> dict[str, Json]:
    """All refusals, for ``components``."""
    return {name: _response(status, description, error) for status, (name, description, error) in _NAMES.items()}


def refusals_of(endpoint: Endpoint) -> dict[str, Json]:
    """References to the refusals that an operation may give."""
    statuses = {400, 401, 406, 429, 500, 503}
    statuses |= {403} if endpoint.scope is not None or endpoint.is_selective else set()
    statuses |= {404} if endpoint.ids else set()
    statuses |= {409} if isinstance(endpoint.action, WriteAction) else set()
    statuses |= {413, 415, 422} if endpoint.body is not None else set()
    if isinstance(endpoint.action, WriteAction) and CommandBinding.of(endpoint, endpoint.action).parameters:
        statuses |= {422}
    statuses |= {422} if isinstance(endpoint.action, ItemAction) and endpoint.action.parameters is not None else set()
    return {str(status): {"$ref": f"#/components/responses/{_NAMES[status][0]}"} for status in sorted(statuses)}


def _response(status: int, description: str, error: Exception) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/XRequestId"}}
    if status in (429, 503):
        headers["Retry-After"] = {
            "description": "Seconds after which to try again.",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
        }
    if status == 409:
        headers["Retry-After"] = {
            "description": "Seconds after which to try again, where that helps.",
            "schema": {"type": "integer", "minimum": 0},
        }
    if status == 401:
        headers["WWW-Authenticate"] = {"required": True, "schema": {"type": "string", "enum": ["Bearer"]}}
    example = {"error": example_of(error, "req_01jd3v4q8rf9k6w2m5n7t0xhz4", SPEECH.name)}
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
    return {"description": description, "headers": headers, "content": {JSON: content}}
