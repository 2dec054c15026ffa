"""The paths that a condition may name: those of the scalars in the REST documents of events' objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from domain.events.event_types import EventType, area_of
from domain.kernel.errors import ErrorCode, Problem, ValidationFailed

ANY_PATH = ".*"
"""Suffix of the path of a member with free members of its own (metadata)."""


def require_paths(types: Iterable[EventType], paths: Sequence[str]) -> None:
    """Raise ValidationFailed for each path that no object of these events has, with the nearest known path."""
    known = frozenset[str]().union(*(paths_of(type) for type in types))
    problems = [
        Problem(("where", index, "path"), ErrorCode.INVALID, _unknown(path, known))
        for index, path in enumerate(paths)
        if not _is_known(path, known)
    ]
    if problems:
        raise ValidationFailed(problems)


@cache
def paths_of(type: EventType) -> frozenset[str]:
    """List the paths of the scalars in the objects of these events."""
    document = get_type_hints(area_of(type).document)["return"]
    return frozenset(_paths(document, ""))


def _paths(document: Any, before: str) -> Iterator[str]:
    for name, hint in get_type_hints(document).items():
        for member in _alternatives(hint):
            if is_typeddict(member):
                yield from _paths(member, f"{before}{name}.")
            elif get_origin(member) is dict:
                yield f"{before}{name}{ANY_PATH}"
            elif get_origin(member) is not list:
                yield f"{before}{name}"


def _alternatives(hint: Any) -> list[Any]:
    """List the types that a member can have, except null."""
    if get_origin(hint) in (Union, UnionType):
        return [each for each in get_args(hint) if each is not type(None)]
    return [hint]


def _is_known(path: str, known: frozenset[str]) -> bool:
    parts = path.split(".")
    free = (".".join(parts[:count]) + ANY_PATH for count in range(1, len(parts)))
    return path in known or any(each in known for each in free)


def _unknown(path: str, known: frozenset[str]) -> str:
    near = get_close_matches(path, sorted(each for each in known if not each.endswith(ANY_PATH)), 1, 0.5)
    return f"No object of these events has a single value at {path}" + (f"; did you mean {near[0]}?" if near else ".")
