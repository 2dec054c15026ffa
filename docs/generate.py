"""Write the tables of docs/ that follow from the code, each between its two comments: ``make docs``.

A table is never edited by hand: tests/contract/test_docs.py compares the committed pages with what is generated here.
A new member of one of the enums below without a text is a KeyError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from annotated_types import Ge, Le, MinLen
from graphql import is_interface_type, is_object_type
from prometheus_client import CollectorRegistry
from pydantic.fields import FieldInfo

import schema
from domain.events.event_types import EventType, area_of
from domain.kernel.errors import (
    Conflict,
    CursorExpired,
    DomainError,
    ErrorCode,
    Forbidden,
    LimitExceeded,
    MalformedRequest,
    NotFound,
    Overloaded,
    RateLimited,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
)
from domain.kernel.events import REGISTRY
from gateway.embedded_postgres import default_data_dir
from gateway.execution.failures import Code, Failure, failure_of
from gateway.graphql.responses import status_of
from gateway.settings import Settings
from gateway.telemetry.delivery_metrics import DeliveryMetrics
from gateway.telemetry.metrics import Metrics
from rest_compat import ENDPOINTS
from rest_compat.objects import ROOT
from schema.public_fields import PUBLIC_FIELDS
from schema.strawberry_internals import core_schema, definition_of
from transport.errors import refusal_of

DOCS = Path(__file__).parent
REQUEST_ID = "req"

FAILURES: Mapping[str, DomainError] = {
    "The request cannot be read": MalformedRequest("…"),
    "The event cursor is too old": CursorExpired(),
    "A size limit is exceeded": LimitExceeded("…", 1, 2),
    "No valid API key": Unauthenticated("…"),
    "A scope is missing": Forbidden("…", "products:read"),
    "The object does not exist": NotFound("product"),
    "A conflict with the present state": Conflict("…", ErrorCode.VERSION_MISMATCH),
    "A field is not valid": ValidationFailed.of(("name",), ErrorCode.INVALID, "…"),
    "Rate limit exceeded, or too many live connections": RateLimited("…", 60),
    "The database is unavailable": Unavailable("…"),
    "The gateway has too many requests": Overloaded("…"),
}
"""One failure of each kind."""

ACTIONS: Mapping[type[DomainError], str] = {
    MalformedRequest: "Correct the parameter, header or cursor that is named.",
    CursorExpired: "Start again without `after`, and read the present state from the lists.",
    LimitExceeded: "Request less at a time: smaller pages, fewer fields.",
    Unauthenticated: "Send a valid key: `Authorization: Bearer …`.",
    Forbidden: "Use a key that has the scope which the error names.",
    NotFound: "Check the id. An object of another store does not exist for this key.",
    Conflict: "See the code of the field. Read the object again, then decide.",
    ValidationFailed: "Correct the fields that are named.",
    RateLimited: "Wait for `Retry-After` seconds.",
    Unavailable: "Wait for `Retry-After` seconds, then send the same request again.",
    Overloaded: "The same. Nothing was done for the request.",
}

CODES: Mapping[Code, str] = {
    Code.PARSE_FAILED: "The document is not GraphQL.",
    Code.VALIDATION_FAILED: "The document does not fit the schema.",
    Code.OPERATION_UNKNOWN: "The document has no operation of this name, or several and none was named.",
    Code.PERSISTED_QUERY_NOT_FOUND: "No document is known under this hash. Send the document with the hash once.",
    Code.DOCUMENT_NOT_TRUSTED: "The gateway only executes documents that the store has registered.",
    Code.LIMIT_EXCEEDED: "A limit is exceeded; `limit`, `maximum` and `actual` say which, and by how much.",
    Code.BAD_REQUEST: "The HTTP request is not a GraphQL request.",
    Code.BAD_USER_INPUT: "An argument or a variable is not valid; `problems` names the fields.",
    Code.UNAUTHENTICATED: "There is no API key, or it is unknown, expired or revoked.",
    Code.FORBIDDEN: "The key does not have the scope in `missingScope`.",
    Code.CONFLICT: "The idempotency key was used for another request, or its request is still running.",
    Code.CURSOR_EXPIRED: "The events after this cursor are no longer stored.",
    Code.RATE_LIMITED: "Too many requests or live connections. Wait for `Retry-After` seconds.",
    Code.UNAVAILABLE: "The database is unavailable, or there is too much load. Repeat after `Retry-After` seconds.",
    Code.TIMEOUT: "The operation took too long. Request less at a time.",
    Code.INTERNAL: "A fault of the gateway. Report it with the `requestId`.",
}


def settings_table() -> str:
    """Every setting: variable, default, meaning."""
    return table(("Variable", "Default", "Meaning"), [_setting(*each) for each in Settings.model_fields.items()])


def _setting(name: str, field: FieldInfo) -> tuple[str, str, str]:
    meaning = field.description or ""
    bounds = _bounds(field)
    secret = "" if "SecretStr" not in str(field.annotation) else " Secret: never shown."
    return f"`GATEWAY_{name.upper()}`", _default(name, field), f"{meaning}{bounds}{secret}"


def _default(name: str, field: FieldInfo) -> str:
    if name == "data_dir":
        return f"`{default_data_dir(False)}`; as root `{default_data_dir(True)}`"
    value = field.default
    if value is None or value == ():
        return "not set"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _bounds(field: FieldInfo) -> str:
    least = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    most = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    length = next((each.min_length for each in field.metadata if isinstance(each, MinLen)), None)
    if length is not None:
        return f" At least {length} characters."
    if least is None:
        return ""
    return f" At least {least:,}." if most is None else f" {least:,} to {most:,}."


def failures_table() -> str:
    """Every kind of failure on both surfaces."""
    rows = []
    for text, error in FAILURES.items():
        rest, graphql = refusal_of(error), failure_of(error, REQUEST_ID)
        waits = "`Retry-After`" if "Retry-After" in rest.headers else ""
        rows.append((text, str(rest.status), f"`{rest.code}`", f"`{graphql.code}`", waits, ACTIONS[type(error)]))
    return table(("What is wrong", "REST status", "REST `code`", "GraphQL `code`", "Header", "What to do"), rows)


def codes_table() -> str:
    """Every code of a top-level error of GraphQL, and its HTTP status when nothing was executed."""
    rows = [(f"`{code}`", str(_status(code)), CODES[code]) for code in Code]
    return table(("`extensions.code`", "HTTP status", "Meaning"), rows)


def _status(code: Code) -> int:
    return status_of([Failure(code, "…")])


def fields_table() -> str:
    """Every code of a field, with the description that the GraphQL schema has."""
    described = {value.name: value.description or "" for value in definition_of(ErrorCode).values}
    return table(("Code", "Meaning"), [(f"`{code}`", described[code.name]) for code in ErrorCode])


def metrics_table() -> str:
    """Every metric of the gateway's own: name, type, labels, meaning."""
    registry = CollectorRegistry()
    _ = Metrics(registry), DeliveryMetrics(registry)
    rows = []
    for collector in dict.fromkeys(registry._collector_to_names):
        (family,) = collector.collect()
        labels = getattr(collector, "_labelnames", ())
        name = f"{family.name}_total" if family.type == "counter" else family.name
        rows.append((f"`{name}`", family.type, ", ".join(f"`{each}`" for each in labels), family.documentation))
    return table(("Metric", "Type", "Labels", "Meaning"), rows)


def events_table() -> str:
    """Every type of event: names on both surfaces, the scope, the meaning."""
    described = {value.name: value.description or "" for value in definition_of(EventType).values}
    rows = [
        (
            f"`{type}`",
            f"`{type.name}`",
            f"`{REGISTRY[type].__name__}`",
            f"`{area_of(type).scope}`",
            described[type.name],
        )
        for type in EventType
    ]
    return table(("Type", "`EventType`", "GraphQL type", "Scope", "Meaning"), rows)


def public_fields_table() -> str:
    """What publishable keys may select, type by type."""
    core = core_schema(schema.schema)
    order = {name: index for index, name in enumerate(PUBLIC_FIELDS)}
    rows = []
    for name in sorted(PUBLIC_FIELDS, key=order.__getitem__):
        type_ = core.type_map[name]
        assert is_object_type(type_) or is_interface_type(type_)  # noqa: S101 - they have fields
        known = [each for each in type_.fields if each in PUBLIC_FIELDS[name]]
        rows.append((f"`{name}`", ", ".join(f"`{each}`" for each in known)))
    return table(("type", "fields"), rows)


def public_routes_table() -> str:
    """The routes that publishable keys may call."""
    rows = [(f"`{each.method} {ROOT}{each.path}`", each.summary) for each in ENDPOINTS if each.is_public]
    return table(("route", ""), rows)


def hidden_operations_table() -> str:
    """What publishable keys cannot do, from the schema and the routes."""
    core = core_schema(schema.schema)
    rows = []
    for name in ("Query", "Mutation", "Subscription"):
        type_ = core.type_map[name]
        assert is_object_type(type_)  # noqa: S101 - a root type
        hidden = [each for each in type_.fields if each not in PUBLIC_FIELDS.get(name, ())]
        if hidden:
            rows.append((f"`{name}`", ", ".join(f"`{each}`" for each in hidden)))
    for tag in dict.fromkeys(each.tag for each in ENDPOINTS):
        hidden = [each.name for each in ENDPOINTS if each.tag == tag and not each.is_public]
        rows.append((f"REST: {tag}", ", ".join(f"`{each}`" for each in hidden)))
    return table(("", "refused"), rows)


TABLES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "configuration.md": {"settings": settings_table},
    "errors.md": {"failures": failures_table, "codes": codes_table, "fields": fields_table},
    "monitoring.md": {"metrics": metrics_table},
    "events.md": {"event types": events_table},
    "publishable-keys.md": {
        "public fields": public_fields_table,
        "public routes": public_routes_table,
        "hidden operations": hidden_operations_table,
    },
}
"""Page, name of the table, and what writes it."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def generate(page: str, text: str) -> str:
    """The text of a page with its tables as the code has them now. Raises ValueError for a table without a place."""
    for name, write in TABLES[page].items():
        begin, end = f"<!-- generated: {name} (make docs) -->", f"<!-- end: {name} -->"
        place = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        if len(place.findall(text)) != 1:
            raise ValueError(f"docs/{page} must have `{begin}` and `{end}` once, each on a line of its own")
        written = f"{begin}\n\n{write()}\n\n{end}"
        text = place.sub(lambda _, written=written: written, text)  # type: ignore[misc]  # of this turn
    return text


def main() -> None:
    """Write every page again."""
    for page in TABLES:
        path = DOCS / page
        path.write_text(generate(page, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
