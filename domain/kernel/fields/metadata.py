"""Metadata as it changes: keys merge."""

from __future__ import annotations

from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.fields.rules import Json, Metadata, Unset
from domain.kernel.validation import Refused, clean_json


def merge_metadata(metadata: Json, given: Json | Unset) -> Json:
    """Keys merge; null drops one. Raises ValidationFailed when what comes of it is beyond the limits of one request."""
    merged = {key: value for key, value in {**metadata, **(given or {})}.items() if value is not None}
    if len(merged) > Metadata.max:
        raise ValidationFailed.of(("metadata",), ErrorCode.TOO_LONG, f"At most {Metadata.max} keys.")
    try:
        return clean_json(merged, Metadata.bytes_max)
    except Refused as refused:
        raise ValidationFailed.of(("metadata",), refused.code, refused.message) from None
