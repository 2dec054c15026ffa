"""A custom report as a table: a page of its rows, a column for each dimension and measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.analytics.commands.custom import CustomReportInput, ReportDimension, ReportMeasure
from domain.analytics.service.custom_report import CustomReport, CustomRow, NamedValue
from domain.analytics.statements.custom_query import TIME_DIMENSIONS
from domain.analytics.tables.report_tables import ReportTable, TableColumn, TableForm, Unit

_COUNTS = (
    ReportMeasure.ORDER_COUNT,
    ReportMeasure.UNITS,
    ReportMeasure.CUSTOMER_COUNT,
    ReportMeasure.RETURNED_UNITS,
)
_TITLES = {
    ReportMeasure.ORDER_COUNT: "Orders",
    ReportMeasure.AVG_ORDER_VALUE: "Average order",
    ReportMeasure.CUSTOMER_COUNT: "Customers",
}
_NAMED = (ReportDimension.PRODUCT, ReportDimension.PRODUCT_CATEGORY, ReportDimension.CUSTOMER)
"""The dimensions whose values have an id and a name."""
_NAMELESS = {
    ReportDimension.PRODUCT_CATEGORY: "No category",
    ReportDimension.CUSTOMER: "Guests",
    ReportDimension.COUNTRY: "Unknown country",
    ReportDimension.CHANNEL: "Guests",
}


def custom_table(report: CustomReport, command: CustomReportInput) -> ReportTable:
    """The rows of the page; without dimensions the totals alone. It is a series by time alone, in order."""
    dimensions, measures = tuple(dict.fromkeys(command.dimensions)), tuple(dict.fromkeys(command.measures))
    rows: Sequence[Any] = report.rows if dimensions else [report.totals]
    labels = [_label(row, dimensions) for row in rows]
    is_series = len(dimensions) == 1 and dimensions[0] in TIME_DIMENSIONS and labels == sorted(labels)
    columns = [column for each in dimensions for column in _columns(each)]
    return ReportTable(
        title=_title(dimensions),
        period=report.period,
        currency=report.currency,
        as_of=report.as_of,
        form=TableForm.SERIES if is_series else TableForm.GROUPS,
        columns=[*columns, TableColumn("currency", Unit.TEXT), *(_measure(each) for each in measures)],
        rows=[_cells(row, dimensions, measures, report.currency) for row in rows],
        labels=labels,
        interval=dimensions[0].value if is_series else "",
        totals={each.value: getattr(report.totals, each.value) for each in measures},
        offset=(command.page - 1) * command.limit,
        row_count=report.row_count if dimensions else None,
    )


def _cells(
    row: Any, dimensions: Sequence[ReportDimension], measures: Sequence[ReportMeasure], currency: str
) -> list[Any]:
    values = (value for each in dimensions for value in _values(row, each))
    return [*values, currency.lower(), *(getattr(row, each.value) for each in measures)]


def _title(dimensions: Sequence[ReportDimension]) -> str:
    names = [each.value.replace("_", " ") for each in dimensions]
    return f"Sales by {' and '.join(names)}" if names else "Sales"


def _measure(measure: ReportMeasure) -> TableColumn:
    title = _TITLES.get(measure, measure.value.replace("_", " ").capitalize())
    return TableColumn(measure.value, Unit.COUNT if measure in _COUNTS else Unit.AMOUNT, title)


def _columns(dimension: ReportDimension) -> list[TableColumn]:
    column = TableColumn(dimension.value, Unit.TEXT)
    return [TableColumn(f"{dimension.value}_id", Unit.TEXT), column] if dimension in _NAMED else [column]


def _values(row: CustomRow, dimension: ReportDimension) -> list[Any]:
    value = getattr(row, dimension.value)
    if dimension not in _NAMED:
        return [value]
    named = value or NamedValue(None, None)
    return [named.id, named.name]


def _label(row: Any, dimensions: Sequence[ReportDimension]) -> str:
    """A line for each dimension."""
    if not dimensions:
        return "All"
    return "\n".join(" ".join(_words(_values(row, each), each).split()) for each in dimensions)


def _words(values: Sequence[Any], dimension: ReportDimension) -> str:
    """What stands for the value of a dimension: its name, else its id or code."""
    known = [each for each in reversed(values) if each is not None]
    if not known:
        return _NAMELESS.get(dimension, "None")
    if dimension in (ReportDimension.REGION, ReportDimension.CUSTOMER_SEGMENT):
        return str(known[0]).replace("_", " ").capitalize()
    return str(known[0])
