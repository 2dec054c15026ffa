"""Members of a document that are sent back as they were read.

A client may GET a document, change a member and PUT all of it. So in a body that is compared with the current document
(see ``check_read_only``)

- members that the command does not have (``id``, ``created_at``) are accepted if they are unchanged, otherwise refused;
- optional members of the command are dropped if they are unchanged: omitted members stay, so an unchanged document
  changes nothing (within parts only those that mean something else when written);
- members outside the version (stock, sums, derived values: those with ``versioned=False``) may have changed
  since they were read, without a change of the version. Sent back under a condition, or in a body that is a document
  sent back, a different value is accepted only if ``If-Match`` has the whole current tag. Otherwise it is a conflict:
  it may be the value from before a sale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, get_args

from domain.kernel.documents import Document
from domain.kernel.errors import ErrorCode, Path, Problem
from domain.kernel.fields import FieldLocation, Json, ListOf, NestedObject, specs
from domain.kernel.validation import MAX_FOLDED_LENGTH, InvalidValueError, clean_instant, fold
from rest_compat.wire_format import WIRE_FORMAT

_NAMES = ("id", "sku")
"""The members that identify a part, in this order."""


@dataclass(frozen=True, slots=True)
class ReadOnlyMembers:
    """How a document differs from the command that changes it."""

    read_only: frozenset[str]
    optional: frozenset[str]
    """Members of both that may be left out, and then stay as they are."""
    echoes: frozenset[str]
    """Members of both that mean more when read than when written."""
    elsewhere: frozenset[str]
    """Written by routes of their own, and refused here even when unchanged."""
    unversioned: frozenset[str]
    """Members whose value changes without the version."""
    parts: Mapping[str, ReadOnlyMembers]
    """The same for the members that are lists of commands."""

    def concerns(self, body: Json) -> bool:
        """Whether the body must be compared with the current document.

        Texts, numbers and flags of the command need no comparison: a use case that gets current values changes nothing.
        Null, lists and objects do: when written, they may mean something else than when read.
        """
        if not (self.read_only | self.echoes | self.unversioned).isdisjoint(body):
            return True
        return any(value is None or isinstance(value, list | dict) for name, value in body.items() if self._shows(name))

    def sets_unversioned(self, body: Json) -> bool:
        """Whether the body sets members of the command that other writes change meanwhile."""
        if not (self.unversioned - self.read_only).isdisjoint(body):
            return True
        return any(
            part.sets_unversioned(item) for name, part in self.parts.items() for item in _objects(body.get(name))
        )

    def _shows(self, name: str) -> bool:
        return name in self.optional or name in self.parts


@dataclass(frozen=True, slots=True)
class ReadOnlyResult:
    """The result of the comparison."""

    kept: Any
    """The members that remain for the command."""
    problems: list[Problem] = field(default_factory=list)
    """READ_ONLY for each member that cannot be changed, and was."""
    stale: list[Path] = field(default_factory=list)
    """Members without a version that differ, and that the caller did not show to have seen as they are."""

    def add(self, name: str, parts: Sequence[ReadOnlyResult]) -> None:
        """Add the result of the parts of a member."""
        self.kept[name] = [part.kept for part in parts]
        for part in parts:
            self.problems.extend(part.problems)
            self.stale.extend(part.stale)


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """The condition of a request about the document that the client has read."""

    conditional: bool = False
    """Whether they named a version, in ``If-Match`` or in the body."""
    whole: bool = False
    """Whether ``If-Match`` names the tag of the document as it is now."""

    @property
    def needs_tag(self) -> bool:
        """Whether a different value outside the version may be older than the current one."""
        return self.conditional and not self.whole


def read_only_members(
    command: type[Any], document: type[Document], echoes: frozenset[str], elsewhere: frozenset[str] = frozenset()
) -> ReadOnlyMembers:
    """The members of ``document`` that the command cannot set."""
    shown = document.members
    settable = {
        WIRE_FORMAT.name(spec.name): spec for spec in specs(command) if spec.rule.place is not FieldLocation.PATH
    }
    parts: dict[str, ReadOnlyMembers] = {}
    for name, spec in settable.items():
        if isinstance(spec.rule, ListOf) and isinstance(spec.rule.item, NestedObject) and name in shown:
            (within,) = shown[name].documents
            parts[name] = read_only_members(get_args(spec.base)[0], within, echoes)
    may_be_left_out = {
        name for name, spec in settable.items() if not spec.required and spec.rule.place is not FieldLocation.VERSION
    }
    return ReadOnlyMembers(
        read_only=frozenset(shown) - settable.keys(),
        optional=frozenset(may_be_left_out.intersection(shown)),
        echoes=echoes.intersection(shown, settable),
        elsewhere=elsewhere,
        unversioned=unversioned_members(document),
        parts=parts,
    )


def unversioned_members(document: type[Document]) -> frozenset[str]:
    """The document's own members whose value changes without its version."""
    return frozenset(name for name, member in document.members.items() if not member.versioned)


def check_read_only(
    mirror: ReadOnlyMembers, body: Json, current: Json | None, seen: SeenVersion, path: Path = ()
) -> ReadOnlyResult:
    """The members of the body that are meant as changes.

    ``current``: the current document; None if there is none yet, for example for a variant to be added.
    """
    seen = SeenVersion(seen.conditional or _is_written_back(mirror, body, current), seen.whole)
    known = current or {}
    judged = ReadOnlyResult({})
    for name, value in body.items():
        is_there, now = name in known, known.get(name)
        if name in mirror.unversioned and is_there and seen.needs_tag and not _same(value, now):
            judged.stale.append((*path, name))
        elif name in mirror.read_only:
            if name in mirror.elsewhere or not (is_there and _same(value, now)):
                judged.problems.append(Problem((*path, name), ErrorCode.READ_ONLY, "This field is read-only."))
        elif is_there and _is_unchanged(mirror, name, value, now, within=bool(path)):
            continue
        elif name in mirror.parts and isinstance(value, list):
            items = [_judge_part(mirror.parts[name], item, now, seen, (*path, name, i)) for i, item in enumerate(value)]
            judged.add(name, items)
        else:
            judged.kept[name] = value
    return judged


def _judge_part(mirror: ReadOnlyMembers, item: Any, current: Any, seen: SeenVersion, path: Path) -> ReadOnlyResult:
    """One of a list of commands, beside the part that it names."""
    if not isinstance(item, dict):
        return ReadOnlyResult(item)
    return check_read_only(mirror, item, _counterpart(item, _objects(current)), seen, path)


def _is_written_back(mirror: ReadOnlyMembers, body: Json, current: Json | None) -> bool:
    """Whether the body bears a member that only a document has: it was read, then."""
    return current is not None and any(
        name in current and name not in _NAMES and _same(body[name], current[name])
        for name in (mirror.read_only - mirror.unversioned).intersection(body)
    )


def _is_unchanged(mirror: ReadOnlyMembers, name: str, value: Any, now: Any, *, within: bool) -> bool:
    """``within``: for a part, whose omitted members may have a meaning: the position of an image is then that in the
    list.
    """
    if name in mirror.echoes or name in mirror.unversioned:
        return _same(value, now)
    return not within and name in mirror.optional and _identical(value, now)


def _counterpart(item: Json, current: Sequence[Json]) -> Json | None:
    for name in _NAMES:
        if name in item:
            return next((there for there in current if name in there and _same(item[name], there[name])), None)
    return None


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _same(sent: Any, shown: Any) -> bool:
    """Whether a sent value equals the shown one: numbers by value, texts in any case, times in any notation; lists and
    objects by their members.
    """
    if isinstance(sent, str) and isinstance(shown, str):
        return sent == shown or _same_folded(sent, shown) or _same_instant(sent, shown)
    return _alike(sent, shown, _same)


def _identical(sent: Any, shown: Any) -> bool:
    """As ``_same``, of what may be changed: texts to the letter."""
    if isinstance(sent, str) and isinstance(shown, str):
        return sent == shown
    return _alike(sent, shown, _identical)


def _alike(sent: Any, shown: Any, compare: Any) -> bool:
    if isinstance(sent, dict) and isinstance(shown, dict):
        return sent.keys() == shown.keys() and all(compare(value, shown[name]) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(shown, list):
        return len(sent) == len(shown) and all(map(compare, sent, shown))
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, int | Decimal) and isinstance(shown, int | Decimal):
        return sent == shown
    return sent is None and shown is None


def _same_folded(sent: str, shown: str) -> bool:
    """Texts too long to be folded are the same only as they are."""
    return max(len(sent), len(shown)) <= MAX_FOLDED_LENGTH and fold(sent) == fold(shown)


def _same_instant(sent: str, shown: str) -> bool:
    try:
        return clean_instant(sent) == clean_instant(shown)
    except InvalidValueError:
        return False
