"""Which events are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from domain.kernel.event_log import CURSOR_PATTERN, read_position
from domain.kernel.fields import UNSET, Choice, Many, Text, Unset
from domain.kernel.principal import Principal
from domain.webhooks.types import EventType, wanted_types

Types = Annotated[
    tuple[EventType, ...] | Unset,
    Many(
        item=Choice(description="A type.", example="product.updated"),
        min=1,
        max=18,
        description="Of these types; left out: of all that the key may see.",
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """Which events a list holds; every condition must hold."""

    types: Types = UNSET
    object_id: Annotated[
        str | Unset, Text(min=1, max=64, description="About the object with this id.", example="prod_01jd3v4q8r")
    ] = UNSET
    since: Annotated[
        str | Unset,
        Text(min=1, max=32, pattern=CURSOR_PATTERN, description="After this cursor.", example="e1.42"),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowEvents:
    """Which events a stream tells, and where it begins."""

    types: Types = UNSET
    after: Annotated[
        str | Unset,
        Text(
            min=1,
            max=32,
            pattern=CURSOR_PATTERN,
            description="The cursor of the last event seen; left out: only what comes from now on.",
            example="e1.42",
        ),
    ] = UNSET


def admitted(principal: Principal, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters with what the caller may see. Raises Forbidden, MalformedRequest for what is no cursor."""
    admitted = {**filters, "types": wanted_types(principal, filters.get("types"))}
    if "since" in admitted:
        admitted["since"] = read_position(admitted["since"], "since")
    return admitted
