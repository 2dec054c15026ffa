"""What events say, made once for all followers with conditions on them.

A condition looks at the object as REST writes it for its caller. Making that of a large snapshot takes 20 ms, so it is
made once an event, one at a time, and the event loop goes round before the next.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from domain.catalog.serializers import COST_SCOPES
from domain.events.serializers import serialize_object
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row, document_text

MAX_CACHED_DOCUMENTS = 256
"""Events whose scalars are kept."""
CACHE_BYTES = 8 * 2**20
"""Of the snapshots that they were made of."""
_WORDS = {True: "true", False: "false", None: "null"}

_Key = tuple[str, int, bool]
Scalars = dict[str, str]
"""The scalars of a document by their dotted paths, as JSON writes them, texts without their quotes."""


class RecentDocuments:
    """The scalars of the events that were looked at last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[Scalars, int]] = OrderedDict()
        self._bytes = 0
        self._turn = asyncio.Lock()

    async def scalars(self, row: Row, principal: Principal) -> Scalars:
        """The scalars of an event's object, as this caller may see it."""
        # By its text too: that of an event about somebody who was erased is another then.
        key = (row.id, hash(document_text(row, "snapshot")), any(map(principal.has_scope, COST_SCOPES)))
        known = self._kept.get(key)
        if known is None:
            async with self._turn:  # one at a time, however many followers come to it
                known = self._kept.get(key)
                if known is None:
                    known = self._keep(key, row, principal)
                    await asyncio.sleep(0)
        return known[0]

    def _keep(self, key: _Key, row: Row, principal: Principal) -> tuple[Scalars, int]:
        shown = json.loads(orjson.dumps(serialize_object(row, principal)), parse_float=str, parse_int=str)
        size = 1_024 + len(document_text(row, "snapshot") or "")
        made = self._kept[key] = (_scalars(shown), size)
        self._bytes += size
        while len(self._kept) > 1 and (len(self._kept) > MAX_CACHED_DOCUMENTS or self._bytes > CACHE_BYTES):
            _, (_, gone) = self._kept.popitem(last=False)
            self._bytes -= gone
        return made


_OF: WeakKeyDictionary[EventLog, RecentDocuments] = WeakKeyDictionary()


def recent_documents(log: EventLog) -> RecentDocuments:
    """Those of the followers of a log."""
    if log not in _OF:
        _OF[log] = RecentDocuments()
    return _OF[log]


def _scalars(shown: Any) -> Scalars:
    """Lists have no paths."""
    found: Scalars = {}
    waiting: list[tuple[str, Any]] = [("", shown)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{path}.{name}" if path else name, member) for name, member in value.items()]
        elif not isinstance(value, list):
            found[path] = value if isinstance(value, str) else _WORDS[value]
    return found
