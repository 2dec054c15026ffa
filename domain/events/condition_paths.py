"""The paths that a condition may name: those of the scalars in the REST documents of events' objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from domain.events.event_types import EventType, area_of
from domain.kernel.documents import Document, JsonMember
from domain.kernel.errors import ErrorCode, Problem, ValidationFailed
from domain.kernel.fields.suggestions import suggestion

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
    return frozenset(_paths(area_of(type).document, ""))


def _paths(document: type[Document], before: str) -> Iterator[str]:
    for name, member in document.members.items():
        if isinstance(member, JsonMember):
            yield f"{before}{name}{ANY_PATH}"
        elif not member.is_list:
            for within in member.documents:
                yield from _paths(within, f"{before}{name}.")
            if not member.documents:
                yield f"{before}{name}"


def _is_known(path: str, known: frozenset[str]) -> bool:
    parts = path.split(".")
    free = (".".join(parts[:count]) + ANY_PATH for count in range(1, len(parts)))
    return path in known or any(each in known for each in free)


def _unknown(path: str, known: frozenset[str]) -> str:
    near = suggestion(path, sorted(each for each in known if not each.endswith(ANY_PATH)))
    return f"No object of these events has a single value at {path}{near}"
