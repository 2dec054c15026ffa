"""Rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

CSV = "text/csv"
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of cells that spreadsheets take for formulas."""


def csv_rows(rows: Iterable[Sequence[Any]]) -> bytes:
    """The rows in UTF-8, each with CRLF at its end (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Null is empty; a text that a spreadsheet would run as a formula is quoted, as OWASP advises."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_MARKS) else value
