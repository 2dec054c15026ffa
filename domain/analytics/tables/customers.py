"""The customer report as a table: that of the first part that it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.analytics.commands.customers import CustomerMetric, CustomerReportInput
from domain.analytics.service.customer_figures import CustomerReport
from domain.analytics.tables.report_tables import ReportTable, TableColumn, TableForm, Unit
from domain.kernel.fields import UNSET

_CURRENCY = TableColumn("currency", Unit.TEXT)
_CUSTOMERS = TableColumn("customers", Unit.COUNT, "Customers")
_ORDERS = TableColumn("orders", Unit.COUNT, "Orders")
_REVENUE = TableColumn("revenue", Unit.AMOUNT, "Revenue")


@dataclass(frozen=True, slots=True)
class _Part:
    """How a part is a table. The columns have the names of the members of its rows."""

    title: str
    columns: Sequence[TableColumn]
    rows: Callable[[CustomerReport], Sequence[Any]]
    label: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class _CohortRow:
    """A month of a cohort."""

    cohort: str
    month: str
    currency: str
    customers: int
    retention: Any
    orders: int
    revenue: int


def _cohort_rows(report: CustomerReport) -> list[_CohortRow]:
    return [
        _CohortRow(
            cohort.label[:7], each.label[:7], each.currency, each.customers, each.retention, each.orders, each.revenue
        )
        for cohort in report.cohorts
        for each in cohort.months
    ]


def _words(code: str | None, otherwise: str) -> str:
    return otherwise if code is None else code.replace("_", " ").capitalize()


_PARTS = {
    CustomerMetric.LIFETIME_VALUE: _Part(
        "Customers by lifetime value",
        (
            TableColumn("customer_id", Unit.TEXT),
            TableColumn("name", Unit.TEXT),
            TableColumn("first_order_at", Unit.INSTANT),
            TableColumn("last_order_at", Unit.INSTANT),
            _CURRENCY,
            _REVENUE,
            _ORDERS,
            TableColumn("avg_order_value", Unit.AMOUNT, "Average order"),
        ),
        lambda report: report.customers,
        lambda row: row.name or row.customer_id,
    ),
    CustomerMetric.SEGMENTS: _Part(
        "Segments of customers",
        (
            TableColumn("segment", Unit.TEXT),
            _CURRENCY,
            _CUSTOMERS,
            _ORDERS,
            _REVENUE,
            TableColumn("lifetime_revenue", Unit.AMOUNT, "Lifetime revenue"),
        ),
        lambda report: report.segments,
        lambda row: _words(row.segment.value, ""),
    ),
    CustomerMetric.COHORTS: _Part(
        "Retention by cohort and month",
        (
            TableColumn("cohort", Unit.TEXT),
            TableColumn("month", Unit.TEXT),
            _CURRENCY,
            TableColumn("retention", Unit.RATIO, "Retention"),
            _CUSTOMERS,
            _ORDERS,
            _REVENUE,
        ),
        _cohort_rows,
        lambda row: f"{row.cohort} in {row.month}",
    ),
    CustomerMetric.GEOGRAPHY: _Part(
        "Customers by country",
        (TableColumn("country", Unit.TEXT), TableColumn("region", Unit.TEXT), _CURRENCY, _CUSTOMERS, _ORDERS, _REVENUE),
        lambda report: report.countries,
        lambda row: row.country or "Unknown country",
    ),
    CustomerMetric.CHANNELS: _Part(
        "Customers by channel",
        (
            TableColumn("channel", Unit.TEXT),
            _CURRENCY,
            _CUSTOMERS,
            TableColumn("new_customers", Unit.COUNT, "New customers"),
            _ORDERS,
            _REVENUE,
        ),
        lambda report: report.channels,
        lambda row: _words(row.channel, "Guests"),
    ),
}


def customer_table(report: CustomerReport, command: CustomerReportInput) -> ReportTable:
    """The rows of the first of ``command.metrics``; the page of customers by lifetime value by default."""
    metric = CustomerMetric.LIFETIME_VALUE if command.metrics is UNSET else command.metrics[0]
    part = _PARTS[metric]
    found = part.rows(report)
    is_page = metric == CustomerMetric.LIFETIME_VALUE
    return ReportTable(
        title=part.title,
        period=report.period,
        currency=report.currency,
        as_of=report.as_of,
        form=TableForm.GROUPS,
        columns=part.columns,
        rows=[[_value(row, each.name) for each in part.columns] for row in found],
        labels=[part.label(row) for row in found],
        empty_text="No customers",
        offset=(command.page - 1) * command.limit if is_page else 0,
        row_count=report.lifetime_customer_count if is_page else None,
    )


def _value(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return value.lower() if name == "currency" else value
