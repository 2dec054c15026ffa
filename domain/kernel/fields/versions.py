"""The expected version of an object: a field of the commands that change it, and its check."""

from __future__ import annotations

from typing import Any

from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields.rules import UNSET, FieldLocation, Integer, Unset


def version_of(noun: str) -> Integer:
    """Return the rule of the expected version of an object."""
    return Integer(
        description=f"The version the change is based on. If the {noun} has changed since, the request fails with "
        "`VERSION_MISMATCH`.",
        min=1,
        place=FieldLocation.VERSION,
    )


def require_version(found: Any, noun: str, version: int | Unset) -> None:
    """Raises Conflict unless the entity is at this version; UNSET asks for none."""
    current = getattr(found, "version", None)
    if version is not UNSET and version != current:
        message = (
            f"The {noun} was changed by another request: it is at version {current}, not {version}. Read it again and "
            "retry."
        )
        raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("expected_version",))
