"""Selectors of event types: a type by its name, all types of an area (``order.*``), or all types (``*``)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.events.event_types import EventType, resolve_types
from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from domain.kernel.fields.suggestions import suggestion
from domain.kernel.principal import Principal

ALL_EVENTS = "*"


def area_selector(type: str) -> str:
    """Build the selector of all types of this type's area."""
    return f"{type.partition('.')[0]}.*"


SELECTORS = tuple(dict.fromkeys((*map(str, EventType), *map(area_selector, EventType), ALL_EVENTS)))
"""All selectors."""


def selected_types(selectors: Iterable[str]) -> list[EventType]:
    """List the selected types."""
    known = frozenset(selectors)
    return [type for type in EventType if known & {ALL_EVENTS, area_selector(type), str(type)}]


def named_types(selectors: Iterable[str]) -> list[EventType]:
    """List the types that are selected by name or area, without those that only ``*`` selects."""
    return selected_types(selector for selector in selectors if selector != ALL_EVENTS)


def normalize_selectors(principal: Principal, selectors: tuple[str, ...]) -> list[str]:
    """Validate the selectors and drop those that others include.

    Raises ValidationFailed for an unknown selector, with the nearest known one; Forbidden for a type or an area that
    the caller may not read. ``*`` means all types that they may read.
    """
    unknown = [
        Problem(("events", index), ErrorCode.INVALID, f"Unknown event type {selector}{suggestion(selector, SELECTORS)}")
        for index, selector in enumerate(selectors)
        if selector not in SELECTORS
    ]
    if unknown:
        raise ValidationFailed(unknown)
    resolve_types(principal, named_types(selectors))
    if ALL_EVENTS in selectors:
        return [ALL_EVENTS]
    areas = {each for each in selectors if each.endswith(".*")}
    return [each for each in dict.fromkeys(selectors) if each in areas or area_selector(each) not in areas]
