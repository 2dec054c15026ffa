"""What is shown of a thing that was changed to a caller who may not read it: what they know already.

Its id and version, and the members that they have written, as they are now. Of a list of parts, the parts that were
named, and of each what was said of it; of free JSON, the keys that were given. What they took back with null, and is
something nonetheless, comes from elsewhere and is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_compat.endpoint import Document, WriteAction
from rest_compat.get_handler import encode_document
from transport.body import parse_object

IDENTITY = ("id", "version")
_NAMES = ("id", "sku")


def visible_part(document: Document, body: bytes, action: WriteAction) -> Document:
    """The members of ``document`` that ``body`` gives, its identity, and what ``action`` writes besides."""
    return _narrowed(document, parse_object(body) if body else {}, action)


def _narrowed(document: Document, body: Mapping[str, Any], action: WriteAction) -> Document:
    given = {name: value for name, value in body.items() if _tells(action, body, name)}
    besides = action.writes or frozenset()
    shown = {name: value for name, value in document.items() if name in IDENTITY or name in besides}
    plain = parse_object(encode_document({name: value for name, value in document.items() if name in given}))
    return (
        shown
        | _parts(document, besides)
        | {
            name: _part(document[name], plain[name], given[name])
            for name in document
            if name in given and name not in shown and _is_theirs(document[name], given[name])
        }
    )


def _tells(action: WriteAction, body: Mapping[str, Any], name: str) -> bool:
    """Whether the body's member says what the answer's member of this name is."""
    derived = (path.split(".") for path in action.derived if path.partition(".")[0] == name)
    return action.described and not any(_is_said(body, path) for path in derived)


def _is_said(given: Any, path: list[str]) -> bool:
    for name in path:
        given = given.get(name) if isinstance(given, Mapping) else None
    return given is not None


def _is_theirs(shown: Any, given: Any) -> bool:
    return given is not None or shown is None


def _parts(document: Document, besides: frozenset[str]) -> dict[str, Any]:
    """The parts of members that ``besides`` names by paths; None where there is no such part."""
    found: dict[str, Any] = {}
    for path in sorted(besides):
        name, _, part = path.partition(".")
        if part:
            whole = document[name]
            found[name] = None if whole is None else {**found.get(name, {}), part: whole[part]}
    return found


def visible_results(document: Document, body: bytes, action: WriteAction) -> Document:
    """The same of a bulk write: each thing in ``document`` as its own input, of ``body``, gives it."""
    inputs = parse_object(body)["input"]
    return {"data": [_narrowed_result(row, inputs[row["index"]], action) for row in document["data"]]}


def _narrowed_result(row: Mapping[str, Any], given: Mapping[str, Any], action: WriteAction) -> dict[str, Any]:
    return {
        name: value if not isinstance(value, Mapping) else _narrowed(value, given, action)
        for name, value in row.items()
    }


def _part(shown: Any, plain: Any, given: Any) -> Any:
    """What was given of a member. ``plain``: the same without fragments of JSON in it, to compare with."""
    if isinstance(shown, Mapping) and isinstance(given, Mapping):
        return {
            name: _part(value, plain[name], given[name])
            for name, value in shown.items()
            if name in given and _is_theirs(plain[name], given[name])
        }
    if isinstance(shown, list) and isinstance(given, list) and any(isinstance(each, Mapping) for each in shown):
        found = ((_index(plain, each, place), each) for place, each in enumerate(given))
        return [_named(shown[index], plain[index], each) for index, each in found if index is not None]
    return shown


def _named(shown: Any, plain: Any, given: Any) -> Any:
    """A part that was named: its identity, and what was said of it."""
    if not isinstance(given, Mapping):
        return shown
    return {name: shown[name] for name in IDENTITY if name in shown} | _part(shown, plain, given)


def _index(plain: list[Any], given: Any, place: int) -> int | None:
    """Which of the parts an entry means: by its id or SKU, else the one at its place."""
    if isinstance(given, Mapping):
        for name in _NAMES:
            if given.get(name) is not None:
                return next((index for index, each in enumerate(plain) if each.get(name) == given[name]), None)
    return place if place < len(plain) else None
