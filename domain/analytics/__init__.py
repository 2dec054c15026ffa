"""Analytics: what was sold, as facts and rollups that follow the event log, views, and the reports on them."""

from domain.analytics import commands, documents
from domain.analytics.fold.folder import SalesFolder, rebuild_batch, start_rebuild
from domain.analytics.fold.recount import Difference, recount
from domain.analytics.fold.summed_spans import sum_stale_spans
from domain.analytics.model import (
    CustomerSales,
    ProductViewCount,
    SaleCategory,
    SaleCategoryOverlap,
    SaleChannel,
    SaleCustomer,
    SaleLine,
    SaleOrder,
    SaleProduct,
    SaleProductCategory,
    SalesCategoryDay,
    SalesCountryDay,
    SalesCursor,
    SalesProductMonth,
    SalesQuarterHour,
    SalesStaleDay,
    SalesStaleMonth,
    SalesState,
)
from domain.analytics.service import (
    CustomerReport,
    CustomReport,
    ProductReport,
    ProductViewed,
    ProductViews,
    SalesReport,
    record_product_view,
    report_custom,
    report_customers,
    report_products,
    report_sales,
)
from domain.analytics.tables.custom import custom_table
from domain.analytics.tables.customers import customer_table
from domain.analytics.tables.products import product_table
from domain.analytics.tables.report_tables import ChartFormat, ChartPrinter, ReportTable
from domain.analytics.tables.sales import sales_table

__all__ = [
    "ChartFormat",
    "ChartPrinter",
    "CustomReport",
    "CustomerReport",
    "CustomerSales",
    "Difference",
    "ProductReport",
    "ProductViewCount",
    "ProductViewed",
    "ProductViews",
    "ReportTable",
    "SaleCategory",
    "SaleCategoryOverlap",
    "SaleChannel",
    "SaleCustomer",
    "SaleLine",
    "SaleOrder",
    "SaleProduct",
    "SaleProductCategory",
    "SalesCategoryDay",
    "SalesCountryDay",
    "SalesCursor",
    "SalesFolder",
    "SalesProductMonth",
    "SalesQuarterHour",
    "SalesReport",
    "SalesStaleDay",
    "SalesStaleMonth",
    "SalesState",
    "commands",
    "custom_table",
    "customer_table",
    "documents",
    "product_table",
    "rebuild_batch",
    "record_product_view",
    "recount",
    "report_custom",
    "report_customers",
    "report_products",
    "report_sales",
    "sales_table",
    "start_rebuild",
    "sum_stale_spans",
]
