"""How REST and webhooks write times and money."""

from __future__ import annotations

from datetime import datetime

import orjson

from domain.kernel.money import to_major

DecimalJson = orjson.Fragment
"""An amount in major units with exactly its currency's digits, as a JSON number: ``200.00``."""


def format_instant(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: ``2026-01-15T10:30:00Z``. The instant must be in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def format_amount(minor_units: int, currency: str) -> DecimalJson:
    """Minor units as REST writes them, with the currency's digits and never through a float."""
    return orjson.Fragment(f"{to_major(minor_units, currency):f}".encode())
