"""Reports as tables: what is written as CSV, and what charts are drawn from.

A report declares its table once, as a function of its result and its input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from domain.kernel.principal import Store


class Unit(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    INSTANT = "instant"
    """In UTC."""
    AMOUNT = "amount"
    """Integers in minor units of the currency of the table."""
    COUNT = "count"
    NUMBER = "number"
    """Decimal numbers, without a unit."""
    RATIO = "ratio"
    """Decimal numbers, of which 1 is the whole."""


MEASURES = frozenset({Unit.AMOUNT, Unit.COUNT, Unit.NUMBER, Unit.RATIO})
"""The units of columns that charts draw."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table."""

    name: str
    """In CSV."""
    unit: Unit
    title: str = ""
    """In charts; of measures only."""


class TableForm(StrEnum):
    """What the rows of a table are."""

    SERIES = "series"
    """Steps of time, in order."""
    GROUPS = "groups"
    """Groups, the first of them first."""


class TablePeriod(Protocol):
    """The days of a table, as YYYY-MM-DD, both included."""

    @property
    def start_date(self) -> str:
        """The first day."""

    @property
    def end_date(self) -> str:
        """The last day."""

    @property
    def timezone(self) -> str:
        """Their time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A report as a table."""

    title: str
    """What is reported: ``Sales by product``."""
    period: TablePeriod
    currency: str
    as_of: datetime | None
    form: TableForm
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[Any]]
    """The values of each row in the order of the columns. None: no value."""
    labels: Sequence[str]
    """What stands at each row in a chart, a line for each of several names. Of a series: the first day of a step as
    YYYY-MM-DD; of hours with THH:MM."""
    empty_text: str = "No sales"
    """What a chart says without values."""
    interval: str = ""
    """The length of the steps of a series: ``hour``, ``day``, ``week``, ``month``, ``quarter`` or ``year``."""
    totals: Mapping[str, Any] = field(default_factory=dict)
    """The values over everything reported, by the name of the column; empty if there are none."""
    previous: Mapping[str, Any] = field(default_factory=dict)
    """The same of the period before."""
    offset: int = 0
    """Rows on earlier pages."""
    row_count: int | None = None
    """Rows of all pages; None if there is one."""

    @property
    def measures(self) -> list[int]:
        """The places of the columns that charts draw."""
        return [place for place, column in enumerate(self.columns) if column.unit in MEASURES]


ToTable = Callable[[Any, Any], ReportTable]
"""The table of a report: of its result and its input."""


class ChartFormat(StrEnum):
    """What a chart can be, as its media type."""

    SVG = "image/svg+xml"
    PNG = "image/png"


class ChartPrinter(Protocol):
    """Draws the chart of a table."""

    async def draw(self, table: ReportTable, form: ChartFormat, store: Store) -> bytes:
        """The picture. ``store``: whose it is. Raises Unavailable if it cannot be drawn in time."""
