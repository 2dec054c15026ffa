"""The use cases of analytics: reports, and views of products."""

from domain.analytics.service.custom_report import CustomReport, report_custom
from domain.analytics.service.customer_figures import CustomerReport
from domain.analytics.service.customer_report import report_customers
from domain.analytics.service.product_report import ProductReport, report_products
from domain.analytics.service.product_views import ProductViewed, ProductViews, record_product_view
from domain.analytics.service.sales_report import SalesReport, report_sales

__all__ = [
    "CustomReport",
    "CustomerReport",
    "ProductReport",
    "ProductViewed",
    "ProductViews",
    "SalesReport",
    "record_product_view",
    "report_custom",
    "report_customers",
    "report_products",
    "report_sales",
]
