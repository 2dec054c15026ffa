"""The sales report as a table: its series, or its groups if it was asked for some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.analytics.commands.sales import SalesDimension, SalesReportInput
from domain.analytics.service.sales_report import SalesFigures, SalesGroup, SalesReport
from domain.analytics.tables.report_tables import ReportTable, TableColumn, TableForm, Unit
from domain.kernel.fields import UNSET

_MEASURES = (
    TableColumn("revenue", Unit.AMOUNT, "Revenue"),
    TableColumn("orders", Unit.COUNT, "Orders"),
    TableColumn("units", Unit.COUNT, "Units"),
    TableColumn("avg_order_value", Unit.AMOUNT, "Average order"),
)
_CURRENCY = TableColumn("currency", Unit.TEXT)
_NAMELESS = {
    SalesDimension.CATEGORY: "No category",
    SalesDimension.CUSTOMER: "Guests",
    SalesDimension.COUNTRY: "Unknown country",
    SalesDimension.CHANNEL: "Unknown channel",
}
"""What stands at the group of what belongs to none."""


def sales_table(report: SalesReport, command: SalesReportInput) -> ReportTable:
    """The groups if ``command`` asks for some, otherwise the series; only the figures that it asks for."""
    measures = [each for each in _MEASURES if command.metrics is UNSET or each.name in command.metrics]
    if command.group_by is UNSET:
        return _series(report, measures)
    return _groups(report, measures, command, command.group_by)


def _series(report: SalesReport, measures: Sequence[TableColumn]) -> ReportTable:
    return ReportTable(
        title="Sales",
        period=report.period,
        currency=report.currency,
        as_of=report.as_of,
        form=TableForm.SERIES,
        columns=(TableColumn("start", Unit.INSTANT), TableColumn("label", Unit.TEXT), _CURRENCY, *measures),
        rows=[(each.start, each.label, *_values(each.figures, measures)) for each in report.series],
        labels=[each.label for each in report.series],
        interval=report.interval,
        **_sums(report, measures),
    )


def _groups(
    report: SalesReport, measures: Sequence[TableColumn], command: SalesReportInput, dimension: SalesDimension
) -> ReportTable:
    return ReportTable(
        title=f"Sales by {dimension.value}",
        period=report.period,
        currency=report.currency,
        as_of=report.as_of,
        form=TableForm.GROUPS,
        columns=(TableColumn("key", Unit.TEXT), TableColumn("name", Unit.TEXT), _CURRENCY, *measures),
        rows=[(each.key, each.name, *_values(each.figures, measures)) for each in report.groups],
        labels=[_label(each, dimension) for each in report.groups],
        offset=(command.page - 1) * command.limit,
        row_count=report.group_count,
        **_sums(report, measures),
    )


def _values(figures: SalesFigures, measures: Sequence[TableColumn]) -> tuple[Any, ...]:
    return (figures.currency.lower(), *(getattr(figures, each.name) for each in measures))


def _sums(report: SalesReport, measures: Sequence[TableColumn]) -> dict[str, Any]:
    """The totals of the report, and of the period before if it has them."""
    before = None if report.previous is None else report.previous.totals
    return {
        "totals": {each.name: getattr(report.totals, each.name) for each in measures},
        "previous": {} if before is None else {each.name: getattr(before, each.name) for each in measures},
    }


def _label(group: SalesGroup, dimension: SalesDimension) -> str:
    if group.key is None:
        return _NAMELESS.get(dimension, "None")
    if dimension == SalesDimension.REGION:
        return group.key.replace("_", " ").capitalize()
    return group.name or group.key
