"""The endpoints of analytics."""

from __future__ import annotations

from domain import analytics
from domain.analytics.documents import (
    CustomerReportDocument,
    CustomReportDocument,
    ProductReportDocument,
    SalesReportDocument,
)
from domain.kernel.use_cases.calculations import calculation_of
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import CalculationAction, WriteAction
from rest_compat.catalog.objects import PRODUCT
from rest_compat.endpoint import Endpoint, tagged

ENDPOINTS = tagged(
    "Analytics",
    Endpoint(
        method="POST",
        path="/products/{id}/views",
        name="recordProductView",
        summary="Count a view of a product",
        description="To be called when a shopper opens the page of a product; publishable keys may. Views are written "
        "in batches: reports contain them after about a second.",
        is_public=True,
        action=WriteAction(use_case=use_case_of(analytics.record_product_view)),
        ids={"id": PRODUCT.id_in_path("product_id")},
    ),
    Endpoint(
        method="GET",
        path="/analytics/sales",
        name="reportSales",
        summary="Report sales",
        description="Adds up what was sold in a period: in all, by step, and by group. Orders count by the time they "
        "were created; cancelled ones do not count. A product in two categories counts in both groups, and once in the "
        "totals. As CSV and as a chart: the groups with `group_by`, otherwise the series.",
        action=CalculationAction(
            calculation=calculation_of(analytics.report_sales),
            document=SalesReportDocument,
            table=analytics.sales_table,
        ),
    ),
    Endpoint(
        method="GET",
        path="/analytics/products",
        name="reportProducts",
        summary="Report products",
        description="Reports the products that were sold or viewed in a period: sales, profit, returns, views, stock. "
        "Orders count by the time they were created; cancelled ones do not count. As CSV and as a chart: the page of "
        "products.",
        action=CalculationAction(
            calculation=calculation_of(analytics.report_products),
            document=ProductReportDocument,
            table=analytics.product_table,
        ),
    ),
    Endpoint(
        method="GET",
        path="/analytics/customers",
        name="reportCustomers",
        summary="Report customers",
        description="Reports the customers of a period: lifetime values, segments, cohorts with retention, countries, "
        "regions and channels of acquisition. Orders count as in the sales report. As CSV and as a chart: the first of "
        "`metrics`, by default the page of customers.",
        action=CalculationAction(
            calculation=calculation_of(analytics.report_customers),
            document=CustomerReportDocument,
            table=analytics.customer_table,
        ),
    ),
    Endpoint(
        method="POST",
        path="/analytics/custom",
        name="reportCustom",
        summary="Build a custom report",
        description="Adds up measures of order lines by dimensions, for the lines that filters choose. Orders count as "
        "in the sales report. A product in two categories counts in both rows, and once in the totals. Changes "
        "nothing; what is wrong with the body is 400. As CSV and as a chart: the page of rows.",
        action=CalculationAction(
            calculation=calculation_of(analytics.report_custom),
            document=CustomReportDocument,
            table=analytics.custom_table,
            asks=True,
        ),
    ),
)
