"""The parts of the OpenAPI document that belong to no area: errors, pages, headers."""

from __future__ import annotations

from domain.kernel.fields import Json
from domain.kernel.listing.paging import MAX_LIMIT
from transport.errors import CODES

PAGE_EXAMPLE = {
    "page": 1,
    "limit": 50,
    "total_pages": 10,
    "total_items": 487,
    "has_next": True,
    "has_previous": False,
}
_TRUNCATED: Json = {
    "type": "boolean",
    "enum": [True],
    "description": "The search matched more than the best 2,000; the list is within those. Left out otherwise.",
}


def _count(minimum: int, description: str, **more: int) -> Json:
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
    "Pagination": {
        "type": "object",
        "description": "Where the page stands. Requests with `cursor` are answered with `next_cursor` and `has_more`, "
        "all others with the other members.",
        "properties": {
            "page": _count(1, "The number of the page, from 1."),
            "limit": _count(1, "The most items a page holds.", maximum=MAX_LIMIT),
            "total_pages": _count(0, "The number of pages; 0 for an empty list."),
            "total_items": _count(0, "The number of items in all pages."),
            "has_next": {"type": "boolean", "description": "Whether a page follows."},
            "has_previous": {"type": "boolean", "description": "Whether a page precedes it."},
            "next_cursor": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
            "has_more": {"type": "boolean", "description": "Whether a page follows."},
            "search_truncated": _TRUNCATED,
        },
    },
}
PARAMETERS: dict[str, Json] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Chosen by you: the same key and request within 24 hours changes things once and is answered "
        "the same.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag you have seen, several, or `*` for any. Its version must be current, else the write "
        "is a 409; what the version does not count is compared through the whole tag where it is sent back.",
        "schema": {"type": "string"},
        "example": "*",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags you have; where one is current, the answer is a 304 without a body. One that "
        "cannot be read is ignored.",
        "schema": {"type": "string"},
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The cursor of the last event seen; it overrides `after`.",
        "schema": {"type": "string", "maxLength": 32},
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
        "schema": {"type": "string", "enum": ["true"]},
    },
}
