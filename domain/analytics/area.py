"""What analytics announces."""

from __future__ import annotations

from domain.analytics.commands.custom import DateRange, ReportDimension, ReportField, ReportMeasure
from domain.analytics.commands.customers import CustomerMetric, CustomerSegment
from domain.analytics.commands.products import ProductMetric
from domain.analytics.commands.sales import ReportComparison, SalesDimension, SalesMetric
from domain.analytics.countries import Region
from domain.analytics.periods import ReportInterval, ReportPeriod
from domain.kernel.area import Area, EnumDoc, own_tables

_DIMENSIONS = {
    ReportDimension.PRODUCT: "The product.",
    ReportDimension.PRODUCT_CATEGORY: "The categories that the product is in now. A product in two counts in both.",
    ReportDimension.CUSTOMER: "The customer.",
    ReportDimension.CUSTOMER_SEGMENT: "The segment of the customer; of several the first of at risk, high value, "
    "returning and new.",
    ReportDimension.REGION: "The region of the shipping country.",
    ReportDimension.COUNTRY: "The shipping country.",
    ReportDimension.CHANNEL: "The channel through which the customer was acquired.",
    ReportDimension.HOUR: "The hour in which the order was created.",
    ReportDimension.DAY: "The day on which the order was created.",
    ReportDimension.WEEK: "The week, from Monday, in which the order was created.",
    ReportDimension.MONTH: "The month in which the order was created.",
    ReportDimension.QUARTER: "The quarter in which the order was created.",
    ReportDimension.YEAR: "The year in which the order was created.",
}
_MEASURES = {
    ReportMeasure.REVENUE: "The price of the lines after discount, without tax and shipping, less refunds.",
    ReportMeasure.ORDER_COUNT: "The number of orders.",
    ReportMeasure.UNITS: "The number of units.",
    ReportMeasure.AVG_ORDER_VALUE: "The revenue per order.",
    ReportMeasure.CUSTOMER_COUNT: "The number of customers, without guests.",
    ReportMeasure.REFUNDS: "What was paid back of the price of the lines, without tax and shipping.",
    ReportMeasure.RETURNED_UNITS: "The number of units that were sent back.",
    ReportMeasure.COST: "What the units cost the store, of lines whose cost was recorded.",
    ReportMeasure.PROFIT: "The revenue less the cost, of lines whose cost was recorded.",
}
_ENUMS = (
    EnumDoc(
        ReportPeriod,
        "A period of a report.",
        {
            ReportPeriod.DAY: "Today.",
            ReportPeriod.WEEK: "This week to date, from Monday.",
            ReportPeriod.MONTH: "This month to date.",
            ReportPeriod.QUARTER: "This quarter to date.",
            ReportPeriod.YEAR: "This year to date.",
            ReportPeriod.CUSTOM: "From a start date to an end date.",
        },
    ),
    EnumDoc(
        ReportInterval,
        "The length of the steps of a series.",
        {
            ReportInterval.HOUR: "Hours.",
            ReportInterval.DAY: "Days.",
            ReportInterval.WEEK: "Weeks, from Monday.",
            ReportInterval.MONTH: "Months.",
            ReportInterval.QUARTER: "Quarters.",
            ReportInterval.YEAR: "Years.",
        },
    ),
    EnumDoc(
        SalesMetric,
        "A figure of a sales report.",
        {
            SalesMetric.REVENUE: "The price of the lines after discount, without tax and shipping, less refunds.",
            SalesMetric.ORDERS: "The number of orders.",
            SalesMetric.UNITS: "The number of units.",
            SalesMetric.AVG_ORDER_VALUE: "The revenue per order.",
        },
    ),
    EnumDoc(
        SalesDimension,
        "A dimension that sales are grouped by.",
        {
            SalesDimension.PRODUCT: "The product.",
            SalesDimension.CATEGORY: "The categories that the product is in now. A product in two counts in both.",
            SalesDimension.CUSTOMER: "The customer.",
            SalesDimension.REGION: "The region of the shipping country.",
            SalesDimension.COUNTRY: "The shipping country.",
            SalesDimension.CHANNEL: "The channel through which the customer was acquired.",
        },
    ),
    EnumDoc(
        ProductMetric,
        "A figure of a product report.",
        {
            ProductMetric.REVENUE: "The price of the lines after discount, without tax and shipping, less refunds.",
            ProductMetric.ORDERS: "The number of orders with the product.",
            ProductMetric.UNITS: "The number of units that were ordered.",
            ProductMetric.PROFIT: "The revenue of the lines whose cost was recorded, less the cost of their units.",
            ProductMetric.MARGIN: "The profit per revenue of the lines whose cost was recorded.",
            ProductMetric.RETURNED: "The number of these units that came back.",
            ProductMetric.RETURN_RATE: "The returned units per ordered one.",
            ProductMetric.VIEWS: "The number of views.",
            ProductMetric.CONVERSION: "The orders per view.",
            ProductMetric.MEAN_STOCK: "The units on hand, averaged over the time of the period until now.",
            ProductMetric.TURNOVER: "The ordered units per unit of the mean stock.",
        },
    ),
    EnumDoc(
        ReportComparison,
        "What a report is compared with.",
        {ReportComparison.PREVIOUS_PERIOD: "The period before."},
    ),
    EnumDoc(
        CustomerMetric,
        "A part of a customer report.",
        {
            CustomerMetric.LIFETIME_VALUE: "What customers bought over all time.",
            CustomerMetric.SEGMENTS: "The segments of customers.",
            CustomerMetric.COHORTS: "Customers by the month of their first order, and how many came back.",
            CustomerMetric.GEOGRAPHY: "The countries and regions that were shipped to.",
            CustomerMetric.CHANNELS: "The channels through which customers were acquired.",
        },
    ),
    EnumDoc(
        CustomerSegment,
        "A segment of customers.",
        {
            CustomerSegment.NEW: "The first order is in the period.",
            CustomerSegment.RETURNING: "There is an order in the period, and one before it.",
            CustomerSegment.HIGH_VALUE: "The first fifth, rounded up, of the customers of the period by their revenue.",
            CustomerSegment.AT_RISK: "The last order, of any time, is 90 days ago or more.",
            CustomerSegment.GUEST: "Orders without a customer.",
        },
    ),
    EnumDoc(
        Region,
        "A part of the world.",
        {
            Region.NORTH_AMERICA: "The United States, Canada, Bermuda, Greenland, and Saint Pierre and Miquelon.",
            Region.LATIN_AMERICA: "Mexico, Central and South America, and the Caribbean.",
            Region.EUROPE: "Europe, with Cyprus and Russia.",
            Region.MIDDLE_EAST: "From Egypt and Turkey to Iran and the Arabian Peninsula.",
            Region.AFRICA: "Africa without Egypt.",
            Region.ASIA: "Asia without the Middle East.",
            Region.OCEANIA: "Australia, New Zealand and the Pacific.",
            Region.UNKNOWN: "No country, or Antarctica.",
        },
    ),
    EnumDoc(ReportDimension, "A dimension of the rows of a custom report.", _DIMENSIONS),
    EnumDoc(ReportMeasure, "A figure of a custom report.", _MEASURES),
    EnumDoc(
        ReportField,
        "A sort of the rows of a custom report. Products and categories are sorted by name, customers by id.",
        {ReportField(each.value): text for each, text in (*_DIMENSIONS.items(), *_MEASURES.items())},
    ),
    EnumDoc(
        DateRange,
        "A range of days that follows from today.",
        {
            DateRange.TODAY: "Today.",
            DateRange.YESTERDAY: "Yesterday.",
            DateRange.LAST_7_DAYS: "Today and the six days before.",
            DateRange.LAST_30_DAYS: "Today and the 29 days before.",
            DateRange.LAST_90_DAYS: "Today and the 89 days before.",
            DateRange.THIS_MONTH: "This month to date.",
            DateRange.LAST_MONTH: "The whole month before.",
            DateRange.THIS_QUARTER: "This quarter to date.",
            DateRange.THIS_YEAR: "This year to date.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"analytics:read", "products:read"}),
    tables=own_tables("domain.analytics", without_store={"sales_cursor"}),
    enums=_ENUMS,
)
