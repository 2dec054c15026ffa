"""Fields that take bytes."""

from __future__ import annotations

import dataclasses
from base64 import b64decode
from typing import Any

from domain.kernel.errors import ErrorCode, Path
from domain.kernel.fields.rules import ReadContext, Rule
from domain.kernel.validation import InvalidValueError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Base64(Rule):
    """Bytes, at least one: in JSON as base64 (RFC 4648, with its padding); an upload passes them as they are."""

    max: int
    """Bytes, decoded."""

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> bytes:
        content = value if isinstance(value, bytes) else self._decoded(value)
        if not content:
            raise InvalidValueError(ErrorCode.TOO_SHORT, "Must not be empty.")
        if len(content) > self.max:
            raise InvalidValueError(ErrorCode.TOO_LARGE, f"Must have at most {self.max:,} bytes.")
        return content

    def _decoded(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise InvalidValueError(ErrorCode.INVALID, "Must be a string in base64.")
        try:
            return b64decode(value, validate=True)
        except ValueError:  # also of characters outside ASCII
            raise InvalidValueError(ErrorCode.INVALID, "Must be base64 with padding, without blanks.") from None
