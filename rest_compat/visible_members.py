"""The members of a changed object that are shown to a caller who may not read it: those that the caller knows.

These are its id and version, and the current values of the members that the caller has written. Of a list of parts, the
named parts with their written members; of free JSON, the written keys. A member that was set to null and still has a
value is not shown, because the value has another source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.kernel.fields import Json
from rest_compat.actions import WriteAction
from transport.body import parse_object

IDENTITY = ("id", "version")
_NAMES = ("id", "sku")


def visible_part(document: Json, body: bytes, action: WriteAction) -> Json:
    """The members of ``document`` that are in ``body``, its identity, and the members that ``action`` also writes."""
    return _narrowed(document, parse_object(body) if body else {}, action)


def _narrowed(document: Json, body: Mapping[str, Any], action: WriteAction) -> Json:
    given = {name: value for name, value in body.items() if _tells(action, body, name)}
    besides = action.writes or frozenset()
    shown = {name: value for name, value in document.items() if name in IDENTITY or name in besides}
    return (
        shown
        | _parts(document, besides)
        | {
            name: _part(document[name], given[name])
            for name in document
            if name in given and name not in shown and _is_theirs(document[name], given[name])
        }
    )


def _tells(action: WriteAction, body: Mapping[str, Any], name: str) -> bool:
    """Whether the member of the body is the member of the response with this name."""
    derived = (path.split(".") for path in action.derived if path.partition(".")[0] == name)
    return action.described and not any(_is_said(body, path) for path in derived)


def _is_said(given: Any, path: list[str]) -> bool:
    for name in path:
        given = given.get(name) if isinstance(given, Mapping) else None
    return given is not None


def _is_theirs(shown: Any, given: Any) -> bool:
    return given is not None or shown is None


def _parts(document: Json, besides: frozenset[str]) -> dict[str, Any]:
    """The parts of members that ``besides`` names by paths; None where there is no such part."""
    found: dict[str, Any] = {}
    for path in sorted(besides):
        name, _, part = path.partition(".")
        if part:
            whole = document[name]
            found[name] = None if whole is None else {**found.get(name, {}), part: whole[part]}
    return found


def visible_results(document: Json, body: bytes, action: WriteAction) -> Json:
    """The same for a bulk write: the members of each object in ``document`` that are in its own input of ``body``."""
    inputs = parse_object(body)["input"]
    return {"data": [_narrowed_result(row, inputs[row["index"]], action) for row in document["data"]]}


def _narrowed_result(row: Json, given: Mapping[str, Any], action: WriteAction) -> dict[str, Any]:
    return {
        name: value if not isinstance(value, dict) else _narrowed(value, given, action) for name, value in row.items()
    }


def _part(shown: Any, given: Any) -> Any:
    """The written part of a member."""
    if isinstance(shown, Mapping) and isinstance(given, Mapping):
        return {
            name: _part(value, given[name])
            for name, value in shown.items()
            if name in given and _is_theirs(value, given[name])
        }
    if isinstance(shown, list) and isinstance(given, list) and any(isinstance(each, Mapping) for each in shown):
        found = ((_index(shown, each, place), each) for place, each in enumerate(given))
        return [_named(shown[index], each) for index, each in found if index is not None]
    return shown


def _named(shown: Any, given: Any) -> Any:
    """A named part: its identity, and its written members."""
    if not isinstance(given, Mapping):
        return shown
    return {name: shown[name] for name in IDENTITY if name in shown} | _part(shown, given)


def _index(shown: list[Any], given: Any, place: int) -> int | None:
    """The part that an entry refers to: by its id or SKU, otherwise the one with the same index."""
    if isinstance(given, Mapping):
        for name in _NAMES:
            if given.get(name) is not None:
                return next((index for index, each in enumerate(shown) if each.get(name) == given[name]), None)
    return place if place < len(shown) else None
