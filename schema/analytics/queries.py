"""The reports, and the root field that they are fields of."""

from __future__ import annotations

import strawberry

import resolvers.analytics
from domain import analytics
from schema.analytics.custom import CustomReport
from schema.analytics.customers import CustomerReport
from schema.analytics.products import ProductReport
from schema.analytics.sales import SalesReport
from schema.fields import calculated, root


@strawberry.type(description="Reports.")
class Analytics:
    """The reports, each a calculation of the domain's."""

    sales: SalesReport = calculated(
        analytics.report_sales,
        description="Report sales: in all, by step, and by group. Orders count by the time they were created; "
        "cancelled ones do not count. A product in two categories counts in both groups, and once in the totals.",
    )
    products: ProductReport = calculated(
        analytics.report_products,
        description="Report the products that were sold or viewed in a period: sales, profit, returns, views, stock. "
        "Orders count by the time they were created; cancelled ones do not count.",
    )
    customers: CustomerReport = calculated(
        analytics.report_customers,
        description="Report customers: lifetime values, segments, cohorts with retention, countries, regions and "
        "channels of acquisition. Orders count as in the sales report.",
    )
    custom: CustomReport = calculated(
        analytics.report_custom,
        description="Add up measures of order lines by dimensions, for the lines that filters choose. Orders count as "
        "in the sales report. A product in two categories counts in both rows, and once in the totals.",
    )


@strawberry.type
class AnalyticsQuery:
    """Root reads of analytics."""

    analytics: Analytics = root(resolvers.analytics.reports, description="Reports.", scopes=("analytics:read",))
