"""The error responses of the OpenAPI document, and the operations that may return them."""

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
from rest_compat.actions import ItemAction, WriteAction
from rest_compat.command_binding import CommandBinding
from rest_compat.download_handler import range_not_satisfiable
from rest_compat.downloads import DownloadAction
from rest_compat.endpoint import JSON, Endpoint
from rest_compat.openapi.components import RATE_LIMIT_HEADERS
from rest_compat.wire_format import WIRE_FORMAT
from transport.body import not_acceptable, not_json, too_large
from transport.errors import example_of

_NAMES: dict[int, tuple[str, str, Exception]] = {
    400: ("BadRequest", "The request is malformed.", MalformedRequest.of("limit", "Must be at most 200.")),
    401: ("Unauthorized", "The API key is missing or invalid.", Unauthenticated("The API key is invalid.")),
    403: (
        "Forbidden",
        "The API key lacks a required scope, or may not be used here.",
        Forbidden("The API key lacks the scope products:write."),
    ),
    404: ("NotFound", "The resource does not exist.", NotFound("product")),
    406: ("NotAcceptable", "The response type is not accepted by `Accept`.", not_acceptable(JSON)),
    409: (
        "Conflict",
        "The current state does not allow the request, or the idempotency key is in use.",
        Conflict("This SKU is already in use.", ErrorCode.TAKEN, ("sku",)),
    ),
    413: ("ContentTooLarge", "The request body is too large.", too_large()),
    415: ("UnsupportedMediaType", "The media type of the request body is not supported.", not_json()),
    416: ("RangeNotSatisfiable", "The range begins behind the end of the file.", range_not_satisfiable(52_480)),
    422: (
        "Invalid",
        "Validation failed.",
        ValidationFailed.of(("variants", 0, "price"), ErrorCode.TOO_SMALL, "Must not be negative."),
    ),
    429: ("TooManyRequests", "Rate limit exceeded.", RateLimited("Too many requests.", retry_after=60)),
    500: ("ServerError", "Internal error.", Exception("never shown")),
    503: (
        "Unavailable",
        "A required service is unavailable.",
        Unavailable("The database is unavailable. Try again in a few seconds."),
    ),
}


def responses() -> dict[str, Json]:
    """All error responses, for ``components``."""
    return {name: _response(status, description, error) for status, (name, description, error) in _NAMES.items()}


def refusals_of(endpoint: Endpoint) -> dict[str, Json]:
    """References to the error responses of an operation."""
    statuses = {400, 401, 403, 406, 429, 500, 503}
    statuses |= {404} if endpoint.ids else set()
    statuses |= {409} if isinstance(endpoint.action, WriteAction) else set()
    statuses |= {413, 415, 422} if endpoint.body is not None or endpoint.upload is not None else set()
    if isinstance(endpoint.action, WriteAction) and CommandBinding.of(endpoint, endpoint.action).parameters:
        statuses |= {422}
    statuses |= {416} if isinstance(endpoint.action, DownloadAction) else set()
    statuses |= {422} if isinstance(endpoint.action, ItemAction) and endpoint.action.parameters is not None else set()
    return {str(status): {"$ref": f"#/components/responses/{_NAMES[status][0]}"} for status in sorted(statuses)}


def _response(status: int, description: str, error: Exception) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/XRequestId"}}
    if status != 401:
        headers |= RATE_LIMIT_HEADERS
    if status in (429, 503):
        headers["Retry-After"] = {
            "description": "Seconds after which to retry.",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
        }
    if status == 409:
        headers["Retry-After"] = {
            "description": "Seconds after which to retry. Omitted if a retry cannot succeed.",
            "schema": {"type": "integer", "minimum": 0},
        }
    if status == 416:
        headers["Content-Range"] = {"$ref": "#/components/headers/ContentRange"}
    if status == 401:
        headers["WWW-Authenticate"] = {"required": True, "schema": {"type": "string", "enum": ["Bearer"]}}
    example = {"error": example_of(error, "req_01jd3v4q8rf9k6w2m5n7t0xhz4", WIRE_FORMAT.name)}
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
    return {"description": description, "headers": headers, "content": {JSON: content}}
