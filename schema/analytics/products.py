"""The product report."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from resolvers.types import Id
from schema.analytics.spans import ReportSpan
from schema.fields import attribute
from schema.money import Money, money
from schema.scalars import BigInt, Currency


@strawberry.type(description="The figures of products.")
class ProductFigures:
    """Describes the domain's own ProductFigures."""

    revenue: Money | None = money(
        "revenue",
        description="The price of the lines after discount, without tax and shipping, less refunds. Null if not "
        "requested.",
    )
    orders: int | None = attribute(
        "The number of orders with the product; in the totals an order counts for each of its products. Null if not "
        "requested."
    )
    units: BigInt | None = attribute("The number of units that were ordered. Null if not requested.")
    profit: Money | None = money(
        "profit",
        description="The revenue of the lines whose cost was recorded, less the cost of their units. Null if no cost "
        "was recorded, or if not requested.",
    )
    margin: Decimal | None = attribute(
        "The profit per revenue of the lines whose cost was recorded, with four decimals. Null without that revenue, "
        "or if not requested."
    )
    returned: BigInt | None = attribute("The number of these units that came back. Null if not requested.")
    return_rate: Decimal | None = attribute(
        "The returned units per ordered one, with four decimals. Null without units, or if not requested."
    )
    views: BigInt | None = attribute("The number of views. Null if not requested.")
    conversion: Decimal | None = attribute(
        "The orders per view, with four decimals. Null without views, or if not requested."
    )
    mean_stock: Decimal | None = attribute(
        "The units on hand in all warehouses, averaged over the time of the period until now, with four decimals. Null "
        "before the period, or if not requested."
    )
    turnover: Decimal | None = attribute(
        "The ordered units per unit of the mean stock, with four decimals. Null without stock, or if not requested."
    )


@strawberry.type(description="A product of a report.")
class ReportedProduct:
    """Describes the domain's own ReportedProduct."""

    product_id: Id = attribute("The id of the product.")
    name: str = attribute("The name of the product.")
    figures: ProductFigures = attribute("The figures of the product.")


@strawberry.type(description="A product report.")
class ProductReport:
    """Describes the domain's own ProductReport."""

    period: ReportSpan = attribute("The days of the report.")
    currency: Currency = attribute("The currency of the store.")
    as_of: datetime | None = attribute(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt."
    )
    totals: ProductFigures = attribute("The figures of all these products.")
    products: list[ReportedProduct] = attribute("A page of the products that were sold or viewed.")
    product_count: int = attribute("The number of all these products.")
