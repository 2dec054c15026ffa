"""Commands of reports and views."""

from domain.analytics.commands.custom import (
    MAX_DIMENSIONS,
    CustomReportFilter,
    CustomReportInput,
    CustomReportSortInput,
    DateRange,
    DateRangeInput,
    ReportDimension,
    ReportField,
    ReportMeasure,
)
from domain.analytics.commands.customers import CustomerMetric, CustomerReportInput, CustomerSegment
from domain.analytics.commands.products import MAX_PRODUCTS, ProductMetric, ProductReportInput
from domain.analytics.commands.sales import (
    MAX_GROUPS,
    PAID_ONLY,
    PERIOD,
    TIMEZONE,
    RecordProductView,
    ReportComparison,
    SalesDimension,
    SalesMetric,
    SalesReportInput,
    date_text,
)

__all__ = [
    "MAX_DIMENSIONS",
    "MAX_GROUPS",
    "MAX_PRODUCTS",
    "PAID_ONLY",
    "PERIOD",
    "TIMEZONE",
    "CustomReportFilter",
    "CustomReportInput",
    "CustomReportSortInput",
    "CustomerMetric",
    "CustomerReportInput",
    "CustomerSegment",
    "DateRange",
    "DateRangeInput",
    "ProductMetric",
    "ProductReportInput",
    "RecordProductView",
    "ReportComparison",
    "ReportDimension",
    "ReportField",
    "ReportMeasure",
    "SalesDimension",
    "SalesMetric",
    "SalesReportInput",
    "date_text",
]
