"""Filters of event lists and event streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from domain.events.event_types import EventType, resolve_types
from domain.kernel.event_log import CURSOR_PATTERN, read_position
from domain.kernel.fields import (
    UNSET,
    Choice,
    ListOf,
    NestedObject,
    Text,
    Unset,
)
from domain.kernel.ids import example_id
from domain.kernel.principal import Principal

Types = Annotated[
    tuple[EventType, ...] | Unset,
    ListOf(
        item=Choice(description="An event type.", example="product.updated"),
        min=1,
        max=18,
        description="Return only these event types. Default: all that the API key may read.",
    ),
]


_OBJECT_ID = Text(
    min=1, max=64, description="Return only events of the object with this id.", example=example_id("prod")
)
_OBJECT_IDS = ListOf(
    item=Text(min=1, max=64, description="The id of an object.", example=example_id("prod")),
    min=1,
    max=100,
    description="Return only events of the objects with these ids.",
)
_PATH = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"
MAX_CONDITIONS = 10
CURSOR_FORM = "an event cursor as returned by the API, such as e1.42"


def cursor_text(description: str, example: str = "e1.42") -> Text:
    """The rule of a cursor of the log."""
    return Text(min=1, max=32, pattern=CURSOR_PATTERN, form=CURSOR_FORM, description=description, example=example)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """Conditions on events. All of them must match."""

    types: Types = UNSET
    object_id: Annotated[str | Unset, _OBJECT_ID] = UNSET
    object_ids: Annotated[tuple[str, ...] | Unset, _OBJECT_IDS] = UNSET
    after: Annotated[str | Unset, cursor_text("Return only events after this event cursor.")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class EventConditionInput:
    """A condition on a field of the event's object."""

    path: Annotated[
        str,
        Text(
            min=1,
            max=100,
            pattern=_PATH,
            form="field names separated by dots, such as status",
            description="The path of the field in the REST document of the object: field names separated by dots.",
            example="shipping_address.country",
        ),
    ]
    eq: Annotated[
        str,
        Text(
            min=1,
            max=200,
            pattern="[^,]+",
            form="text without commas",
            description="The value that the field must have, as in JSON, but strings without quotes. No commas.",
            example="GB",
        ),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventStreamFilter:
    """Conditions on the events of a stream. All of them must match."""

    object_id: Annotated[str | Unset, _OBJECT_ID] = UNSET
    object_ids: Annotated[tuple[str, ...] | Unset, _OBJECT_IDS] = UNSET
    where: Annotated[
        tuple[EventConditionInput, ...],
        ListOf(
            item=NestedObject(description="A condition."),
            max=MAX_CONDITIONS,
            description="Conditions on fields of the event's object. All of them must match.",
        ),
    ] = ()

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """The conditions as pairs of path and value."""
        return tuple((condition.path, condition.eq) for condition in self.where)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowEvents:
    """The events that a stream sends, and where it begins."""

    types: Types = UNSET
    object_id: Annotated[str | Unset, _OBJECT_ID] = UNSET
    object_ids: Annotated[tuple[str, ...] | Unset, _OBJECT_IDS] = UNSET
    where: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(
                min=3,
                max=301,
                pattern=_PATH + r":[^,]+",
                form="the path of a field, a colon and its value without commas, such as status:shipped",
                description="A condition.",
                example="status:shipped",
            ),
            min=1,
            max=MAX_CONDITIONS,
            description="Conditions on fields of the event's object: `path:value`, with values as in JSON, but strings "
            "without quotes. All of them must match.",
        ),
    ] = UNSET
    after: Annotated[
        str | Unset,
        Text(
            min=1,
            max=32,
            pattern=CURSOR_PATTERN,
            form=CURSOR_FORM,
            description="The cursor of the last event received. If omitted, only new events are sent.",
            example="e1.42",
        ),
    ] = UNSET


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Restrict the filters to the types that the caller may read. Raises Forbidden, MalformedRequest (bad cursor)."""
    checked = {**filters, "types": resolve_types(principal, filters.get("types"))}
    if "after" in checked:
        checked["after"] = read_position(checked["after"], "after")
    return checked
