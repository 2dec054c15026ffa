"""Events as callers see them: types, documents, lists and streams."""

from domain.events import commands, reads, serializers
from domain.events.commands import check_filters
from domain.events.event_types import EventType, object_of, readable_types, resolve_types
from domain.events.serializers import cursor_of
from domain.events.stream import follow, select_events

__all__ = [
    "EventType",
    "check_filters",
    "commands",
    "cursor_of",
    "follow",
    "object_of",
    "readable_types",
    "reads",
    "resolve_types",
    "select_events",
    "serializers",
]
