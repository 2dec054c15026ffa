"""From a write request to its command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET, FieldLocation, FieldSpec, Json, read_command, specs
from rest_compat.actions import CalculationAction, WriteAction
from rest_compat.endpoint import Endpoint
from rest_compat.etags import NO_VERSION, EntityTag, etag
from rest_compat.objects import Representation
from rest_compat.read_only_members import (
    ReadOnlyMembers,
    ReadOnlyResult,
    SeenVersion,
    check_read_only,
    read_only_members,
)
from rest_compat.wire_format import WIRE_FORMAT
from transport.body import parse_object


@dataclass(frozen=True, slots=True)
class CommandBinding:
    """The mapping of the requests of one endpoint to its command."""

    command: type[Any]
    bound: frozenset[str]
    """The fields from the path."""
    parameters: tuple[FieldSpec, ...]
    """The fields from the query, if there is no body, or it is a file."""
    needs_body: bool
    has_version: bool
    mirror: ReadOnlyMembers | None
    """For methods that accept a document sent back."""

    @classmethod
    def of(cls, endpoint: Endpoint, action: WriteAction | CalculationAction) -> CommandBinding:
        """Computed once, when the routes are built."""
        command = action.calculation.command if isinstance(action, CalculationAction) else action.use_case.command
        fields = specs(command)
        mirror = None if isinstance(action, CalculationAction) else _mirror(endpoint, action)
        return cls(
            command,
            frozenset(spec.name for spec in fields if spec.rule.place is FieldLocation.PATH),
            tuple(spec for spec in fields if spec.rule.place is FieldLocation.QUERY),
            needs_body(endpoint),
            any(spec.rule.place is FieldLocation.VERSION for spec in fields),
            mirror,
        )


def _mirror(endpoint: Endpoint, action: WriteAction) -> ReadOnlyMembers | None:
    """The members of the response that may be sent back; None for methods that take no document back."""
    if endpoint.method not in ("PUT", "PATCH") or not isinstance(endpoint.response, type):
        return None
    command = action.use_case.command
    return read_only_members(command, endpoint.response, action.echoes, action.managed_elsewhere)


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """A write request, before the current state is known."""

    wording: CommandBinding
    ids: Mapping[str, str]
    """By the command's fields."""
    body: Json
    tags: Sequence[EntityTag] | None
    """Those that ``If-Match`` admits."""

    @property
    def needs_current(self) -> bool:
        """Whether the command depends on the current state."""
        several = self.tags is not None and len(self.tags) > 1
        mirror = self.wording.mirror
        return several or (mirror is not None and mirror.concerns(self.body))

    @property
    def needs_unversioned(self) -> bool:
        """Whether the request sets, under a condition, values that other writes change meanwhile: these must be locked
        before the check.
        """
        mirror = self.wording.mirror
        return self.tags is not None and mirror is not None and mirror.sets_unversioned(self.body)

    def command(self, currency: str, current: Representation | None = None) -> Any:
        """The command. Raises ValidationFailed with every problem found, Conflict for two versions at odds, and for
        what has changed since it was read."""
        problems = [
            Problem((name,), ErrorCode.UNKNOWN_FIELD, "Unknown field. The path gives this value.")
            for name in self.body
            if name in self.wording.bound and not self._mirrors(name)
        ]
        judged = self._judged(current)
        problems += judged.problems
        try:
            command = read_command(self.wording.command, {**judged.kept, **self.ids}, WIRE_FORMAT, currency)
        except ValidationFailed as failed:
            raise ValidationFailed([*problems, *failed.problems]) from None
        if problems:
            raise ValidationFailed(problems)
        if judged.stale:
            raise _changed_since(judged.stale)
        return self._versioned(command, current)

    def _judged(self, current: Representation | None) -> ReadOnlyResult:
        if current is None or self.wording.mirror is None:
            return ReadOnlyResult(self.body)
        seen = SeenVersion(
            conditional=self.tags is not None or WIRE_FORMAT.name("expected_version") in self.body,
            whole=self.tags is not None and any(tag.text == etag(current.version, current.body) for tag in self.tags),
        )
        judged = check_read_only(self.wording.mirror, self.body, parse_object(current.body), seen)
        # The use case refuses a stale version, with a better message than one about changed values.
        return ReadOnlyResult(judged.kept) if self._is_stale(current.version) else judged

    def _mirrors(self, name: str) -> bool:
        return self.wording.mirror is not None and name in self.wording.mirror.read_only

    def _is_stale(self, version: int) -> bool:
        version_sent = self.body.get(WIRE_FORMAT.name("expected_version"), version)
        return version_sent != version or (self.tags is not None and all(tag.version != version for tag in self.tags))

    def _versioned(self, command: Any, current: Representation | None) -> Any:
        if self.tags is None:
            return command
        versions = [tag.version for tag in self.tags]
        version_sent = command.expected_version
        if version_sent is not UNSET and version_sent not in versions:
            message = "`If-Match` and `version` in the body differ. Send only one of them."
            raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("expected_version",))
        if version_sent is not UNSET:
            return command
        if all(version == NO_VERSION for version in versions):
            raise Conflict(_foreign(self.tags), ErrorCode.VERSION_MISMATCH, ("expected_version",))
        if current is not None and current.version in versions:
            return replace(command, expected_version=current.version)
        return replace(command, expected_version=next(each for each in versions if each != NO_VERSION))


def _changed_since(stale: Sequence[Path]) -> Conflict:
    """The error for values that may be older than the current ones."""
    name = stale[0][-1]
    message = (
        f"{name} differs from its current value. It is not part of the version, so the value sent may be older. Omit "
        "it to change the other fields, or send If-Match with the current ETag to set it."
    )
    return Conflict(message, ErrorCode.VERSION_MISMATCH, stale[0])


def _foreign(tags: Sequence[EntityTag]) -> str:
    """The message about tags that were never an ETag of this API."""
    return f"If-Match contains {tags[0].text}, which is not an ETag of this document. Send the ETag of a response."


def body_fields(command: type[Any]) -> list[FieldSpec]:
    """The fields of a JSON body, including the version."""
    return [spec for spec in specs(command) if spec.rule.place in (FieldLocation.BODY, FieldLocation.VERSION)]


def needs_body(endpoint: Endpoint) -> bool:
    """Whether a body must be sent: with PUT, and where a field is required; an action of options alone goes without."""
    if endpoint.body is None:
        return False
    return endpoint.method in ("PUT", "PATCH") or any(spec.required for spec in body_fields(endpoint.body))
