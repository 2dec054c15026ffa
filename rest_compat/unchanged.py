"""Members of a document that are written back as they were read.

A caller may GET a document, change a member and PUT it all back. Members that the command does not know (``id``,
``created_at``) are accepted where they are unchanged, and refused where they are not; see ``judge``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from domain.kernel.checks import FOLD_MAX, Refused, clean_instant, fold
from domain.kernel.errors import ErrorCode, Path, Problem
from domain.kernel.fields import Json, Many, Part, Place, specs
from rest_compat.speech import SPEECH

_NAMES = ("id", "sku")
"""What a part is recognised by, in this order."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """How a document differs from the command that changes it."""

    read_only: frozenset[str]
    echoes: frozenset[str]
    elsewhere: frozenset[str]
    """Written by routes of their own, and refused here even when unchanged."""
    parts: Mapping[str, Mirror]
    """The same for the members that are lists of commands."""

    def concerns(self, body: Json) -> bool:
        """Whether the body can only be judged beside the current document."""
        if not (self.read_only | self.echoes).isdisjoint(body):
            return True
        return any(part.concerns(item) for name, part in self.parts.items() for item in _objects(body.get(name)))


def mirror(
    command: type[Any], document: type[Any], echoes: frozenset[str], elsewhere: frozenset[str] = frozenset()
) -> Mirror:
    """What of ``document`` the command cannot set."""
    shown = get_type_hints(document)
    settable = {SPEECH.name(spec.name): spec for spec in specs(command) if spec.rule.place is not Place.PATH}
    parts: dict[str, Mirror] = {}
    for name, spec in settable.items():
        if isinstance(spec.rule, Many) and isinstance(spec.rule.item, Part) and get_origin(shown.get(name)) is list:
            parts[name] = mirror(get_args(spec.base)[0], get_args(shown[name])[0], echoes)
    return Mirror(frozenset(shown) - settable.keys(), echoes.intersection(shown, settable), elsewhere, parts)


def judge(mirror: Mirror, body: Json, current: Json | None, path: Path = ()) -> tuple[Json, list[Problem]]:
    """What of the body is left to read as a command, and a READ_ONLY problem for each member that was changed.

    ``current``: the document as it is, None where there is none yet, such as for a variant to be added.
    """
    kept: Json = {}
    problems: list[Problem] = []
    for name, value in body.items():
        if name in mirror.read_only:
            if name in mirror.elsewhere or not _is_unchanged(name, value, current):
                problems.append(Problem((*path, name), ErrorCode.READ_ONLY, "Cannot be changed."))
        elif name in mirror.parts and isinstance(value, list):
            kept[name], found = _judge_parts(mirror.parts[name], value, (current or {}).get(name), (*path, name))
            problems += found
        elif not (name in mirror.echoes and _is_unchanged(name, value, current)):
            kept[name] = value
    return kept, problems


def _judge_parts(mirror: Mirror, items: list[Any], current: Any, path: Path) -> tuple[list[Any], list[Problem]]:
    kept: list[Any] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        if isinstance(item, dict):
            left, found = judge(mirror, item, _counterpart(item, _objects(current)), (*path, index))
            kept.append(left)
            problems += found
        else:
            kept.append(item)
    return kept, problems


def _counterpart(item: Json, current: Sequence[Json]) -> Json | None:
    for name in _NAMES:
        if name in item:
            return next((there for there in current if name in there and _same(item[name], there[name])), None)
    return None


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_unchanged(name: str, value: Any, current: Json | None) -> bool:
    return current is not None and name in current and _same(value, current[name])


def _same(sent: Any, shown: Any) -> bool:
    """Whether what was sent says what is shown: numbers by value, texts in any case, times in any notation; lists and
    objects by what they hold."""
    if isinstance(sent, dict) and isinstance(shown, dict):
        return sent.keys() == shown.keys() and all(_same(value, shown[name]) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(shown, list):
        return len(sent) == len(shown) and all(map(_same, sent, shown))
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, int | Decimal) and isinstance(shown, int | Decimal):
        return sent == shown
    if isinstance(sent, str) and isinstance(shown, str):
        return sent == shown or _same_folded(sent, shown) or _same_instant(sent, shown)
    return sent is None and shown is None


def _same_folded(sent: str, shown: str) -> bool:
    """Texts too long to be folded are the same only as they are."""
    return max(len(sent), len(shown)) <= FOLD_MAX and fold(sent) == fold(shown)


def _same_instant(sent: str, shown: str) -> bool:
    try:
        return clean_instant(sent) == clean_instant(shown)
    except Refused:
        return False
