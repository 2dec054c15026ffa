"""What was sold, as facts and rollups for reports. They follow from orders, refunds and lines, and can be rebuilt.

Amounts are minor units of the store's currency. Numbers stand for ids (``sale_product``, ``sale_customer``): ids of 31
characters would make the facts and their index three times as large. Orders have a number of their own. There are no
foreign keys: their checks would lock rows of products and customers, and writers of these would wait for the fold.
"""

from domain.analytics.model.dimensions import SaleCategory, SaleChannel, SaleCustomer, SaleProduct, SaleProductCategory
from domain.analytics.model.facts import SaleCategoryOverlap, SaleLine, SaleOrder
from domain.analytics.model.states import SalesCursor, SalesStaleDay, SalesStaleMonth, SalesState
from domain.analytics.model.sums import (
    CustomerSales,
    ProductViewCount,
    SalesCategoryDay,
    SalesCountryDay,
    SalesProductMonth,
    SalesQuarterHour,
)

__all__ = [
    "CustomerSales",
    "ProductViewCount",
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
    "SalesProductMonth",
    "SalesQuarterHour",
    "SalesStaleDay",
    "SalesStaleMonth",
    "SalesState",
]
