"""What a follower wants of the log: types, an object, and conditions on what the object was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain.kernel.fields import UNSET, Unset
from domain.kernel.principal import Principal
from domain.kernel.sql import Row
from domain.webhooks.document import object_document
from domain.webhooks.paths import require_paths
from domain.webhooks.types import EventType, wanted_types

_WORDS: Mapping[Any, str] = {True: "true", False: "false", None: "null"}


@dataclass(frozen=True, slots=True)
class Wanting:
    """Decides event by event. What the caller may not see of an object, no condition finds out either."""

    principal: Principal
    types: frozenset[str]
    object_id: str | Unset
    where: Sequence[tuple[str, str]]

    def has(self, row: Row) -> bool:
        """Whether the follower is told of this event."""
        if row.type not in self.types or self.object_id not in (UNSET, row.object_id):
            return False
        return not self.where or self._meets(row)

    def _meets(self, row: Row) -> bool:
        """Whether each condition's scalar is as it says, both as JSON writes them, texts without their quotes."""
        document = orjson.dumps(object_document(row, self.principal))
        shown = json.loads(document, parse_float=str, parse_int=str)  # 10.00 is not 10.0
        return all(_scalar_at(shown, path) == value for path, value in self.where)


def wanting(
    principal: Principal,
    types: Iterable[EventType] | None = None,
    object_id: str | Unset = UNSET,
    where: Sequence[tuple[str, str]] = (),
) -> Wanting:
    """What this caller wants. ``where``: dotted paths in the object's REST document (``status``,
    ``shipping_address.country``), each with the text that must stand there. Raises Forbidden for a type that the
    caller may not see, ValidationFailed for a path that none of the objects has.
    """
    wanted = wanted_types(principal, types)
    require_paths(wanted, [path for path, _ in where])
    return Wanting(principal, frozenset(wanted), object_id, where)


def _scalar_at(shown: Any, path: str) -> str | None:
    """The text of the scalar at a path; None where there is none."""
    for name in path.split("."):
        if not isinstance(shown, dict) or name not in shown:
            return None
        shown = shown[name]
    if isinstance(shown, dict | list):
        return None
    return shown if isinstance(shown, str) else _WORDS[shown]
