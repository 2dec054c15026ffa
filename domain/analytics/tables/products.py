"""The product report as a table: a page of products."""

from __future__ import annotations

from typing import Any

from domain.analytics.commands.products import ProductReportInput
from domain.analytics.service.product_report import ProductReport
from domain.analytics.tables.report_tables import ReportTable, TableColumn, TableForm, Unit
from domain.kernel.fields import UNSET

_MEASURES = (
    TableColumn("revenue", Unit.AMOUNT, "Revenue"),
    TableColumn("orders", Unit.COUNT, "Orders"),
    TableColumn("units", Unit.COUNT, "Units"),
    TableColumn("profit", Unit.AMOUNT, "Profit"),
    TableColumn("margin", Unit.RATIO, "Margin"),
    TableColumn("returned", Unit.COUNT, "Returned"),
    TableColumn("return_rate", Unit.RATIO, "Return rate"),
    TableColumn("views", Unit.COUNT, "Views"),
    TableColumn("conversion", Unit.RATIO, "Conversion"),
    TableColumn("mean_stock", Unit.NUMBER, "Mean stock"),
    TableColumn("turnover", Unit.NUMBER, "Turnover"),
)
_NAMES = (TableColumn("product_id", Unit.TEXT), TableColumn("name", Unit.TEXT), TableColumn("currency", Unit.TEXT))


def product_table(report: ProductReport, command: ProductReportInput) -> ReportTable:
    """The products of the page with the figures that ``command`` asks for."""
    measures = [each for each in _MEASURES if command.metrics is UNSET or each.name in command.metrics]

    def values(figures: Any) -> list[Any]:
        return [getattr(figures, each.name) for each in measures]

    return ReportTable(
        title="Products",
        period=report.period,
        currency=report.currency,
        as_of=report.as_of,
        form=TableForm.GROUPS,
        columns=(*_NAMES, *measures),
        rows=[(each.product_id, each.name, report.currency.lower(), *values(each.figures)) for each in report.products],
        labels=[each.name for each in report.products],
        empty_text="No sales and no views",
        totals={each.name: getattr(report.totals, each.name) for each in measures},
        offset=(command.page - 1) * command.limit,
        row_count=report.product_count,
    )
