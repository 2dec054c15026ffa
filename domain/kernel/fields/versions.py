"""The expected version of an object, a field of the commands that change it."""

from __future__ import annotations

from domain.kernel.fields.rules import FieldLocation, Integer


def version_of(noun: str) -> Integer:
    """Return the rule of the expected version of an object."""
    return Integer(
        description=f"The version the change is based on. If the {noun} has changed since, the request fails with "
        "`VERSION_MISMATCH`.",
        min=1,
        place=FieldLocation.VERSION,
    )
