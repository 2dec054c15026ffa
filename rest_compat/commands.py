"""From what a write asks for to the command that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.kernel.errors import Conflict, ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET, FieldSpec, Json, Place, read_command, specs
from rest_compat.endpoint import Endpoint, Represented, Write
from rest_compat.reading import parse_object
from rest_compat.reads import written
from rest_compat.speech import SPEECH
from rest_compat.unchanged import Mirror, judge, mirror


@dataclass(frozen=True, slots=True)
class Wording:
    """How one endpoint says its command."""

    command: type[Any]
    bound: frozenset[str]
    """The fields that the path gives."""
    parameters: tuple[FieldSpec, ...]
    """Those that the query gives, where there is no body."""
    needs_body: bool
    has_version: bool
    mirror: Mirror | None
    """For methods that take a document back."""

    @classmethod
    def of(cls, endpoint: Endpoint, action: Write) -> Wording:
        """Worked out once, when the routes are made."""
        command = action.use_case.command
        fields = specs(command)
        takes_back = endpoint.method in ("PUT", "PATCH") and isinstance(endpoint.answer, type)
        return cls(
            command,
            frozenset(spec.name for spec in fields if spec.rule.place is Place.PATH),
            tuple(spec for spec in fields if spec.rule.place is Place.QUERY),
            needs_body(endpoint),
            any(spec.rule.place is Place.VERSION for spec in fields),
            mirror(command, endpoint.answer, action.echoes, action.elsewhere) if takes_back else None,
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a write asks for, before it is known how things are."""

    wording: Wording
    ids: Mapping[str, str]
    """By the command's fields."""
    body: Json
    versions: Sequence[int] | None
    """Those that ``If-Match`` admits."""

    @property
    def needs_current(self) -> bool:
        """Whether the command depends on how the thing is now."""
        several = self.versions is not None and len(self.versions) > 1
        mirror = self.wording.mirror
        return several or (mirror is not None and mirror.concerns(self.body))

    def command(self, currency: str, current: Represented | None = None) -> Any:
        """The command. Raises ValidationFailed with every problem found, Conflict for two versions at odds."""
        body, problems = (
            self.body,
            [
                Problem((name,), ErrorCode.UNKNOWN_FIELD, "No such field.")
                for name in self.body
                if name in self.wording.bound and not self._mirrors(name)
            ],
        )
        if current is not None and self.wording.mirror is not None:
            body, changed = judge(self.wording.mirror, self.body, parse_object(written(current.document)))
            # A stale version is refused by the use case as such, which says more than what has changed meanwhile.
            problems += [] if self._is_stale(current.version) else changed
        try:
            command = read_command(self.wording.command, {**body, **self.ids}, SPEECH, currency)
        except ValidationFailed as failed:
            raise ValidationFailed([*problems, *failed.problems]) from None
        if problems:
            raise ValidationFailed(problems)
        return self._versioned(command, current)

    def _mirrors(self, name: str) -> bool:
        return self.wording.mirror is not None and name in self.wording.mirror.read_only

    def _is_stale(self, version: int) -> bool:
        said = self.body.get(SPEECH.name("expected_version"), version)
        return said != version or (self.versions is not None and version not in self.versions)

    def _versioned(self, command: Any, current: Represented | None) -> Any:
        if self.versions is None:
            return command
        said = command.expected_version
        if said is not UNSET and said not in self.versions:
            message = "If-Match and the body speak of different versions."
            raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("expected_version",))
        if said is UNSET:
            known = current is not None and current.version in self.versions
            said = current.version if current is not None and known else self.versions[0]
        return replace(command, expected_version=said)


def body_fields(command: type[Any]) -> list[FieldSpec]:
    """The fields that a body may give, the version among them."""
    return [spec for spec in specs(command) if spec.rule.place not in (Place.PATH, Place.QUERY)]


def needs_body(endpoint: Endpoint) -> bool:
    """Whether a body must be sent: with PUT, and where a field is required; an action of options alone goes without."""
    if endpoint.body is None:
        return False
    return endpoint.method in ("PUT", "PATCH") or any(spec.required for spec in body_fields(endpoint.body))
