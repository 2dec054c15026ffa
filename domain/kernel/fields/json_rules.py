"""Rules of fields that take JSON objects."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from domain.kernel.errors import ErrorCode, Path, ValidationFailed
from domain.kernel.fields.rules import Json, ReadContext, Rule, Unset
from domain.kernel.validation import (
    InvalidValueError,
    clean_json,
    clean_text,
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Attributes(Rule):
    """Key-value pairs of text, such as size and colour."""

    max: int = 20
    key_max: ClassVar[int] = 50
    value_max: ClassVar[int] = 255

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise InvalidValueError(ErrorCode.INVALID, "Must be an object with string values.")
        if len(value) > self.max:
            raise InvalidValueError(ErrorCode.TOO_LONG, f"Must have at most {self.max} entries, not {len(value):,}.")
        return {
            clean_text(key, 1, self.key_max, None): clean_text(item, 0, self.value_max, None)
            for key, item in value.items()
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Metadata(Rule):
    """Custom JSON data. On update, keys are merged and a null value removes its key."""

    max: ClassVar[int] = 50
    key_max: ClassVar[int] = 64
    bytes_max: ClassVar[int] = 16_384

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> Json:
        if not isinstance(value, Mapping):
            raise InvalidValueError(ErrorCode.INVALID, "Must be an object.")
        if len(value) > self.max:
            raise InvalidValueError(ErrorCode.TOO_LONG, f"Must have at most {self.max} keys, not {len(value):,}.")
        return {clean_text(key, 1, self.key_max, None): item for key, item in clean_json(value, self.bytes_max).items()}


def merge_metadata(metadata: Json, given: Json | Unset) -> Json:
    """Merge the keys; null removes one. Raises ValidationFailed if the result exceeds the limits of one request."""
    merged = {key: value for key, value in {**metadata, **(given or {})}.items() if value is not None}
    if len(merged) > Metadata.max:
        raise ValidationFailed.of(("metadata",), ErrorCode.TOO_LONG, f"Must have at most {Metadata.max} keys.")
    try:
        return clean_json(merged, Metadata.bytes_max)
    except InvalidValueError as refused:
        raise ValidationFailed.of(("metadata",), refused.code, refused.message) from None
