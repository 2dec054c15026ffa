"""The parts of the OpenAPI document outside the areas: errors, pages, headers."""

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
    "description": "The search matched more than 2,000 items; the list covers the best 2,000. Omitted otherwise.",
}


def _count(minimum: int, description: str, **more: int) -> Json:
    return {"type": "integer", "minimum": minimum, "description": description, **more}


SCHEMAS: dict[str, Json] = {
    "Error": {
        "type": "object",
        "description": "The error of a request.",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "enum": list(CODES), "description": "The kind of error."},
                    "message": {"type": "string", "description": "The error message."},
                    "details": {
                        "type": "array",
                        "description": "The problems by field. At most 100.",
                        "items": {"$ref": "#/components/schemas/Problem"},
                    },
                    "request_id": {
                        "type": "string",
                        "description": "The id of the request. Quote it when you report a problem.",
                    },
                },
                "required": ["code", "message", "details", "request_id"],
            }
        },
        "required": ["error"],
    },
    "Problem": {
        "type": "object",
        "description": "A problem with one field.",
        "properties": {
            "field": {"type": "string", "description": "The path of the field, such as `variants.0.price`."},
            "message": {"type": "string", "description": "The error message."},
            "code": {"type": "string", "description": "The error code, such as `TOO_LONG`."},
        },
        "required": ["field", "message", "code"],
    },
    "Pagination": {
        "type": "object",
        "description": "Information about the page. With `cursor`, it has `next_cursor` and `has_more`; without, the "
        "other members.",
        "properties": {
            "page": _count(1, "The number of the page, starting at 1."),
            "limit": _count(1, "The maximum number of items per page.", maximum=MAX_LIMIT),
            "total_pages": _count(0, "The number of pages. 0 for an empty list."),
            "total_items": _count(0, "The number of items in the whole list."),
            "has_next": {"type": "boolean", "description": "Whether there is a next page."},
            "has_previous": {"type": "boolean", "description": "Whether there is a previous page."},
            "next_cursor": {"type": ["string", "null"], "description": "The cursor of the next page. Null at the end."},
            "has_more": {"type": "boolean", "description": "Whether there is a next page."},
            "search_truncated": _TRUNCATED,
        },
    },
}
PARAMETERS: dict[str, Json] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A key of your choice. Repeating the request with the same key within 24 hours returns the "
        "first response and changes nothing.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "ETags of the document; only their version counts. If none is current, the response is 409. `*` "
        "matches any version. Members that are not part of the version are compared by the whole ETag if they are sent "
        "back.",
        "schema": {"type": "string"},
        "example": "*",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags of stored responses. If one is current, the response is 304 without a body. Invalid "
        "ETags are ignored.",
        "schema": {"type": "string"},
    },
    "Range": {
        "name": "Range",
        "in": "header",
        "description": "The bytes to send, such as `bytes=1000-`. Multiple or invalid ranges are "
        "ignored: the whole file is sent.",
        "schema": {"type": "string"},
        "example": "bytes=0-",
    },
    "IfRange": {
        "name": "If-Range",
        "in": "header",
        "description": "The ETag of the file that a range is of. If it is another by now, the whole file is sent.",
        "schema": {"type": "string"},
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The cursor of the last event received. Overrides `after`.",
        "schema": {"type": "string", "maxLength": 32},
    },
}
RATE_LIMIT_HEADERS: dict[str, Json] = {
    f"X-RateLimit-{name}": {"$ref": f"#/components/headers/XRateLimit{name}"}
    for name in ("Limit", "Remaining", "Reset")
}
"""Of all responses to known callers."""
HEADERS: dict[str, Json] = {
    "ETag": {
        "description": "The version of the object (0 if it has none) and a digest of the document. Weak if the "
        "response is compressed.",
        "required": True,
        "schema": {"type": "string", "pattern": '^(W/)?"[0-9]+-[0-9a-f]{16}"$'},
    },
    "AcceptRanges": {"description": "Byte ranges are supported.", "schema": {"type": "string", "enum": ["bytes"]}},
    "ContentRange": {
        "description": "The first and the last byte, and the length of the file; of a range outside it only that.",
        "required": True,
        "schema": {"type": "string", "pattern": r"^bytes ([0-9]+-[0-9]+|\*)/[0-9]+$"},
    },
    "Location": {"description": "The URL of the created resource.", "required": True, "schema": {"type": "string"}},
    "XRequestId": {
        "description": "The id of the request.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req_"},
    },
    "XRateLimitLimit": {
        "description": "The number of requests per hour or per day, whichever has fewer left. Omitted if no limits "
        "apply.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "XRateLimitRemaining": {
        "description": "The number of requests that are left in this window.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "XRateLimitReset": {
        "description": "When the next window begins, in seconds since 1970-01-01T00:00:00Z.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "IdempotentReplayed": {
        "description": "The response is the stored one of an earlier request with this idempotency key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
