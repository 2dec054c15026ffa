"""A cache of the scalars of recent events, shared by all streams with conditions on them.

A condition is evaluated on the REST document that the caller may see. Building that of a large snapshot takes 20 ms, so
it is built once per event, one at a time, and the event loop runs before the next.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import orjson
from cachetools import LRUCache

from domain.events.documents import serialize_object
from domain.events.event_types import area_of
from domain.kernel.documents.members import View
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row, document_text

CACHE_BYTES = 8 * 2**20
"""Bytes of the snapshots that the cached scalars were built from."""
MIN_ENTRY_BYTES = CACHE_BYTES // 256
"""A small event counts as many, so that the scalars of at most 256 are cached."""
_WORDS = {True: "true", False: "false", None: "null"}

_Key = tuple[str, int, View]
Scalars = dict[str, str]
"""The scalars of a document by dotted path, as in JSON, but strings without quotes."""


class _Entry(NamedTuple):
    scalars: Scalars
    size: int
    """The bytes that it counts as."""


class RecentDocuments:
    """An LRU cache of the scalars of events."""

    def __init__(self) -> None:
        self._cached: LRUCache[_Key, _Entry] = LRUCache(CACHE_BYTES, getsizeof=lambda entry: entry.size)
        self._build_lock = asyncio.Lock()

    async def scalars(self, row: Row, principal: Principal) -> Scalars:
        """Return the scalars of an event's object, as this caller may see it."""
        # The snapshot is part of the key: it changes when personal data in it is redacted.
        view = area_of(row.type).document.view(principal)
        key = (row.id, hash(document_text(row, "snapshot")), view)
        known = self._cached.get(key)
        if known is None:
            async with self._build_lock:  # one at a time, however many streams need it
                known = self._cached.get(key)
                if known is None:
                    known = self._add(key, row, principal)
                    await asyncio.sleep(0)
        return known.scalars

    def _add(self, key: _Key, row: Row, principal: Principal) -> _Entry:
        shown = json.loads(orjson.dumps(serialize_object(row, principal)), parse_float=str, parse_int=str)
        size = max(MIN_ENTRY_BYTES, len(document_text(row, "snapshot") or ""))
        entry = self._cached[key] = _Entry(_scalars(shown), min(size, CACHE_BYTES))
        return entry


_BY_LOG: WeakKeyDictionary[EventLog, RecentDocuments] = WeakKeyDictionary()


def recent_documents(log: EventLog) -> RecentDocuments:
    """Return the cache of a log."""
    if log not in _BY_LOG:
        _BY_LOG[log] = RecentDocuments()
    return _BY_LOG[log]


def _scalars(shown: Any) -> Scalars:
    """Collect the scalars by path. Lists have no paths."""
    found: Scalars = {}
    waiting: list[tuple[str, Any]] = [("", shown)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{path}.{name}" if path else name, member) for name, member in value.items()]
        elif not isinstance(value, list):
            found[path] = value if isinstance(value, str) else _WORDS[value]
    return found
