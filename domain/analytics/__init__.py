"""Analytics: what was sold, as facts and rollups that follow the event log, views, and the reports on them."""

from domain.analytics import (
    commands,
    custom_commands,
    custom_documents,
    customer_commands,
    customer_documents,
    documents,
)
from domain.analytics.custom_report import CustomReport, report_custom
from domain.analytics.custom_table import custom_table
from domain.analytics.customer_figures import CustomerReport
from domain.analytics.customer_report import report_customers
from domain.analytics.customer_table import customer_table
from domain.analytics.fold import SalesFolder, rebuild_batch, start_rebuild
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
from domain.analytics.product_report import ProductReport, report_products
from domain.analytics.product_table import product_table
from domain.analytics.product_views import ProductViewed, ProductViews, record_product_view
from domain.analytics.recount import Difference, recount
from domain.analytics.report_tables import ChartFormat, ChartPrinter, ReportTable
from domain.analytics.sales_report import SalesReport, report_sales
from domain.analytics.sales_table import sales_table
from domain.analytics.summed_spans import sum_stale_spans

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
    "custom_commands",
    "custom_documents",
    "custom_table",
    "customer_commands",
    "customer_documents",
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
