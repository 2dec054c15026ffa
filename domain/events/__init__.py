"""Events as callers see them: types, documents, lists and streams."""

from domain.events import commands, documents, reads
from domain.events.commands import check_filters
from domain.events.documents import EventDocument, cursor_of, payload_of, with_object
from domain.events.event_types import EventType, area_of, may_read, object_of, readable_types, resolve_types
from domain.events.reads import event_by_id
from domain.events.selectors import (
    ALL_EVENTS,
    SELECTORS,
    area_selector,
    named_types,
    normalize_selectors,
    selected_types,
)
from domain.events.stream import follow, select_events

__all__ = [
    "ALL_EVENTS",
    "SELECTORS",
    "EventDocument",
    "EventType",
    "area_of",
    "area_selector",
    "check_filters",
    "commands",
    "cursor_of",
    "documents",
    "event_by_id",
    "follow",
    "may_read",
    "named_types",
    "normalize_selectors",
    "object_of",
    "payload_of",
    "readable_types",
    "reads",
    "resolve_types",
    "select_events",
    "selected_types",
    "with_object",
]
