"""Reports in other forms than JSON: their table as CSV, and its chart."""

from __future__ import annotations

from typing import Any

from domain.analytics.tables.report_tables import ChartFormat, ChartPrinter, ReportTable, Unit
from domain.kernel.database import Database
from domain.kernel.money import to_major
from domain.kernel.principal import Store
from domain.kernel.serialization import format_instant
from rest_compat.csv_rows import CSV, csv_rows

REPORT_FORMATS = (CSV, ChartFormat.SVG.value, ChartFormat.PNG.value)
"""The media types of a report besides JSON. ``image/*`` means the first image."""

COMPRESSED_FORMATS = frozenset({ChartFormat.PNG.value})
"""Those that no middleware compresses again."""


async def report_as(media: str, table: ReportTable, database: Database, store: Store) -> bytes:
    """The report as one of these media types. Raises Unavailable if a chart cannot be drawn in time."""
    if media == CSV:
        return table_as_csv(table)
    printer: ChartPrinter = database.dependency(ChartPrinter)
    return await printer.draw(table, ChartFormat(media), store)


def table_as_csv(table: ReportTable) -> bytes:
    """The columns' names, and the rows: amounts in major units with the digits of the currency, times as in JSON."""
    units = [column.unit for column in table.columns]
    rows = [[_value(value, unit, table) for value, unit in zip(row, units, strict=True)] for row in table.rows]
    return csv_rows([[column.name for column in table.columns], *rows])


def _value(value: Any, unit: Unit, table: ReportTable) -> Any:
    if value is None:
        return None
    if unit == Unit.AMOUNT:
        return to_major(value, table.currency)
    return format_instant(value) if unit == Unit.INSTANT else value
