"""Uploads: use cases that get a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.fields import Base64, FieldLocation, FieldSpec, Text, describe_limits, specs
from domain.kernel.principal import Principal
from rest_compat.actions import WriteAction


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAction(WriteAction):
    """Runs a use case with a file: the body is its bytes, ``Content-Type`` its media type, the rest parameters."""

    @property
    def content(self) -> FieldSpec:
        """The field of the command that the body fills. Its rule is Base64."""
        return self._field_from(FieldLocation.CONTENT)

    @property
    def media_type(self) -> FieldSpec:
        """The field of the command that ``Content-Type`` fills. Its rule is a Text of words."""
        return self._field_from(FieldLocation.CONTENT_TYPE)

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that are accepted."""
        rule = self.media_type.rule
        assert isinstance(rule, Text)  # noqa: S101 - as declared above
        return rule.words

    @property
    def body_description(self) -> str:
        """What the body is, and how long it may be."""
        return f"{self.content.rule.description} {describe_limits(self.content.rule)}"

    @property
    def max_bytes(self) -> int:
        """Bytes of the longest file."""
        rule = self.content.rule
        assert isinstance(rule, Base64)  # noqa: S101 - as declared above
        return rule.max

    def _field_from(self, place: FieldLocation) -> FieldSpec:
        return next(spec for spec in specs(self.use_case.command) if spec.rule.place is place)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedUploadAction(UploadAction):
    """As UploadAction, of files that are too long for memory: the field of the command is given the id of the file."""

    max_size: int
    """Bytes of the longest file."""
    body: str
    """What the body is."""
    check_parameters: Callable[[Principal, Mapping[str, Any]], None]
    """Raises Forbidden for parameters that the caller may not use, before the body is read."""

    @property
    def body_description(self) -> str:
        """What the body is, and how long it may be."""
        return f"{self.body} At most {self.max_size:,} bytes."

    @property
    def max_bytes(self) -> int:
        """Bytes of the longest file."""
        return self.max_size
