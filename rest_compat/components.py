"""The parts of the OpenAPI document that belong to no area: errors, pages, headers."""

from __future__ import annotations

from domain.kernel.fields import Json
from domain.kernel.paging import MAX_LIMIT
from rest_compat.errors import CODES

PAGE_EXAMPLE = {
    "page": 1,
    "limit": 50,
    "total_pages": 10,
    "total_items": 487,
    "has_next": True,
    "has_previous": False,
}
_CUT: Json = {
    "type": "boolean",
    "const": True,
    "description": "The search matched more than the best 2,000; the list is within those. Left out otherwise.",
}


def _counted(minimum: int, description: str, **more: int) -> Json:
    return {"type": "integer", "minimum": minimum, "description": description, **more}


SCHEMAS: dict[str, Json] = {
    "Error": {
        "type": "object",
        "description": "Why a request was refused.",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "enum": list(CODES), "description": "What kind of failure."},
                    "message": {"type": "string", "description": "What happened, for people."},
                    "details": {
                        "type": "array",
                        "description": "What is wrong with which field; the first hundred.",
                        "items": {"$ref": "#/components/schemas/Problem"},
                    },
                    "request_id": {"type": "string", "description": "Quote it when you report a fault."},
                },
                "required": ["code", "message", "details", "request_id"],
            }
        },
        "required": ["error"],
    },
    "Problem": {
        "type": "object",
        "description": "One thing wrong with one field.",
        "properties": {
            "field": {"type": "string", "description": "A dotted path such as `variants.0.price`."},
            "message": {"type": "string", "description": "What is wrong, for people."},
            "code": {"type": "string", "description": "What is wrong, for programs: `TOO_LONG`."},
        },
        "required": ["field", "message", "code"],
    },
    "PageNumber": {
        "type": "object",
        "description": "Where a page counted by number stands.",
        "properties": {
            "page": _counted(1, "Its number, from 1."),
            "limit": _counted(1, "Items a page.", maximum=MAX_LIMIT),
            "total_pages": _counted(0, "How many pages there are."),
            "total_items": _counted(0, "How many items there are."),
            "has_next": {"type": "boolean", "description": "Whether a page follows."},
            "has_previous": {"type": "boolean", "description": "Whether a page precedes it."},
            "search_truncated": _CUT,
        },
        "required": list(PAGE_EXAMPLE),
    },
    "PageCursor": {
        "type": "object",
        "description": "How to go on from a page opened by cursor.",
        "properties": {
            "next_cursor": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
            "has_more": {"type": "boolean", "description": "Whether a page follows."},
            "search_truncated": _CUT,
        },
        "required": ["next_cursor", "has_more"],
    },
}
PARAMETERS: dict[str, Json] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Chosen by you: the same key and request within 24 hours changes things once and is answered "
        "the same.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "9f1c1e0e-order-42",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "ETags you have seen; only their version counts. Where none is current, the write is a 409.",
        "schema": {"type": "string"},
        "example": '"3-5f0c1a2b3c4d5e6f"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags you have; where one is current, the answer is a 304 without a body. One that "
        "cannot be read is ignored.",
        "schema": {"type": "string"},
        "example": '"3-5f0c1a2b3c4d5e6f"',
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The cursor of the last event seen; it overrides `after`.",
        "schema": {"type": "string", "maxLength": 32},
        "example": "e1.42",
    },
}
HEADERS: dict[str, Json] = {
    "ETag": {
        "description": "Version of the aggregate (0: it has none) and digest of the document; weak where compressed.",
        "required": True,
        "schema": {"type": "string", "pattern": '^(W/)?"[0-9]+-[0-9a-f]{16}"$'},
    },
    "Location": {"description": "Where the new thing is.", "required": True, "schema": {"type": "string"}},
    "XRequestId": {
        "description": "The request's id.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req_"},
    },
    "IdempotentReplayed": {
        "description": "The answer was stored under the idempotency key before.",
        "schema": {"type": "string", "const": "true"},
    },
}
