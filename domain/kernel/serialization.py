"""The format of REST and webhook documents: descriptions of members, times and money.

A document is a ``TypedDict`` whose members are ``Annotated[type, FieldDoc]``: the function that builds it is checked
against it, and the OpenAPI document is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.kernel.money import to_major

DecimalJson = orjson.Fragment
"""An amount in major units with exactly its currency's digits, as a JSON number: ``200.00``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDoc:
    """The documentation of a member of a document."""

    description: str
    example: Any = None
    read_only: bool = False
    """Answered, but not accepted in a write unless unchanged."""
    format: str | None = None
    versioned: bool = True
    """Whether a change of the member changes the version of the document. Derived members (stock, sums) do not: only
    the whole ETag covers them.
    """


def format_instant(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: ``2026-01-15T10:30:00Z``. The instant must be in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def format_optional_instant(moment: datetime | None) -> str | None:
    """As ``format_instant``, where there may be none."""
    return None if moment is None else format_instant(moment)


def format_amount(minor_units: int, currency: str) -> DecimalJson:
    """Minor units as REST writes them, with the currency's digits and never through a float."""
    return orjson.Fragment(f"{to_major(minor_units, currency):f}".encode())
