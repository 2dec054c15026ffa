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
        item=Choice(description="A type.", example="product.updated"),
        min=1,
        max=18,
        description="Of these types; left out: of all that the key may see.",
    ),
]


_OBJECT_ID = Text(min=1, max=64, description="About the object with this id.", example=example_id("prod"))
_OBJECT_IDS = ListOf(
    item=Text(min=1, max=64, description="An object's id.", example=example_id("prod")),
    min=1,
    max=100,
    description="About one of the objects with these ids.",
)
_PATH = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"
MAX_CONDITIONS = 10
CURSOR_FORM = "a cursor of the event log as it was answered, such as e1.42"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """Which events a list holds; every condition must hold."""

    types: Types = UNSET
    object_id: Annotated[str | Unset, _OBJECT_ID] = UNSET
    object_ids: Annotated[tuple[str, ...] | Unset, _OBJECT_IDS] = UNSET
    since: Annotated[
        str | Unset,
        Text(
            min=1,
            max=32,
            pattern=CURSOR_PATTERN,
            form=CURSOR_FORM,
            description="After this cursor.",
            example="e1.42",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class EventConditionInput:
    """What a scalar of the object must have been."""

    path: Annotated[
        str,
        Text(
            min=1,
            max=100,
            pattern=_PATH,
            form="the names of members with dots between them, such as status",
            description="Where it stands in the object as REST writes it: names, dots between them.",
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
            description="Its value as JSON writes it, a text without its quotes; no commas.",
            example="GB",
        ),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventStreamFilter:
    """Which events a stream tells; every condition must hold."""

    object_id: Annotated[str | Unset, _OBJECT_ID] = UNSET
    object_ids: Annotated[tuple[str, ...] | Unset, _OBJECT_IDS] = UNSET
    where: Annotated[
        tuple[EventConditionInput, ...],
        ListOf(
            item=NestedObject(description="A condition."),
            max=MAX_CONDITIONS,
            description="What the object must have been.",
        ),
    ] = ()

    @property
    def conditions(self) -> tuple[tuple[str, str], ...]:
        """Paths and values."""
        return tuple((condition.path, condition.eq) for condition in self.where)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowEvents:
    """Which events a stream tells, and where it begins."""

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
                form="the path of a member, a colon and its value without commas, such as status:shipped",
                description="A condition.",
                example="status:shipped",
            ),
            min=1,
            max=MAX_CONDITIONS,
            description="What scalars of the object must have been: path:value, values as JSON writes them, texts "
            "without their quotes.",
        ),
    ] = UNSET
    after: Annotated[
        str | Unset,
        Text(
            min=1,
            max=32,
            pattern=CURSOR_PATTERN,
            form=CURSOR_FORM,
            description="The cursor of the last event seen; left out: only what comes from now on.",
            example="e1.42",
        ),
    ] = UNSET


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with what the caller may see. Raises Forbidden, MalformedRequest for what is no cursor."""
    admitted = {**filters, "types": resolve_types(principal, filters.get("types"))}
    if "since" in admitted:
        admitted["since"] = read_position(admitted["since"], "since")
    return admitted
