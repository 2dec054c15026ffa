"""A cache of the scalars of recent events, shared by all streams with conditions on them.

A condition is evaluated on the REST document that the caller may see. Building that of a large snapshot takes 20 ms, so
it is built once per event, one at a time, and the event loop runs before the next.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from domain import catalog
from domain.events.serializers import serialize_object
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row, document_text

MAX_CACHED_DOCUMENTS = 256
"""Events whose scalars are cached."""
CACHE_BYTES = 8 * 2**20
"""Bytes of the snapshots that the cached scalars were built from."""
_WORDS = {True: "true", False: "false", None: "null"}

_Key = tuple[str, int, bool]
Scalars = dict[str, str]
"""The scalars of a document by dotted path, as in JSON, but strings without quotes."""


class RecentDocuments:
    """An LRU cache of the scalars of events."""

    def __init__(self) -> None:
        self._cached: OrderedDict[_Key, tuple[Scalars, int]] = OrderedDict()
        self._bytes = 0
        self._build_lock = asyncio.Lock()

    async def scalars(self, row: Row, principal: Principal) -> Scalars:
        """Return the scalars of an event's object, as this caller may see it."""
        # The snapshot is part of the key: it changes when personal data in it is redacted.
        key = (
            row.id,
            hash(document_text(row, "snapshot")),
            any(map(principal.has_scope, catalog.serializers.COST_SCOPES)),
        )
        known = self._cached.get(key)
        if known is None:
            async with self._build_lock:  # one at a time, however many streams need it
                known = self._cached.get(key)
                if known is None:
                    known = self._add(key, row, principal)
                    await asyncio.sleep(0)
        return known[0]

    def _add(self, key: _Key, row: Row, principal: Principal) -> tuple[Scalars, int]:
        shown = json.loads(orjson.dumps(serialize_object(row, principal)), parse_float=str, parse_int=str)
        size = 1_024 + len(document_text(row, "snapshot") or "")
        entry = self._cached[key] = (_scalars(shown), size)
        self._bytes += size
        while len(self._cached) > 1 and (len(self._cached) > MAX_CACHED_DOCUMENTS or self._bytes > CACHE_BYTES):
            _, (_, removed) = self._cached.popitem(last=False)
            self._bytes -= removed
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
