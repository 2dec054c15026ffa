"""What a statement of a custom report depends on."""

from __future__ import annotations

from dataclasses import dataclass

from domain.analytics.commands.custom import ReportDimension, ReportMeasure

TIME_DIMENSIONS = frozenset(
    {
        ReportDimension.HOUR,
        ReportDimension.DAY,
        ReportDimension.WEEK,
        ReportDimension.MONTH,
        ReportDimension.QUARTER,
        ReportDimension.YEAR,
    }
)
_OF_FEW_VALUES = frozenset({ReportDimension.CUSTOMER_SEGMENT, ReportDimension.REGION, ReportDimension.CHANNEL})
_OF_ORDERS = frozenset({ReportMeasure.ORDER_COUNT, ReportMeasure.AVG_ORDER_VALUE})
COLUMNS = {
    ReportMeasure.REVENUE: "revenue",
    ReportMeasure.ORDER_COUNT: "orders",
    ReportMeasure.UNITS: "units",
    ReportMeasure.CUSTOMER_COUNT: "customers",
    ReportMeasure.REFUNDS: "refunds",
    ReportMeasure.RETURNED_UNITS: "returned",
    ReportMeasure.COST: "cost",
    ReportMeasure.PROFIT: "profit",
}
"""The columns of the measures; the mean has none."""


@dataclass(frozen=True, slots=True)
class CustomQuery:
    """What a statement depends on; the values of filters and the instants are its parameters."""

    dimensions: tuple[ReportDimension, ...]
    measures: frozenset[ReportMeasure]
    filters: frozenset[str]
    sort: str
    """A dimension or measure among these."""
    is_descending: bool

    @property
    def of_lines(self) -> bool:
        """Whether lines are read: only they have products. Else orders, a third of the rows."""
        return self.of_products or self.of_categories

    @property
    def of_products(self) -> bool:
        """Whether products are told apart, or one is named."""
        return self._names("product")

    @property
    def of_categories(self) -> bool:
        """Whether categories are told apart, or one is named."""
        return self._names("product_category")

    @property
    def groups_products_first(self) -> bool:
        """Whether lines are summed by product before they are joined with its categories: where nothing else tells many
        groups apart that takes half the time. Customers cannot be counted so."""
        others = set(self.dimensions) - {ReportDimension.PRODUCT_CATEGORY}
        is_few = others <= _OF_FEW_VALUES and ReportMeasure.CUSTOMER_COUNT not in self.measures
        return self.of_categories and not self.of_products and is_few

    @property
    def counts_orders(self) -> bool:
        """Whether the number of orders is needed."""
        return not _OF_ORDERS.isdisjoint(self.measures)

    @property
    def whole(self) -> CustomQuery:
        """The same without dimensions."""
        return CustomQuery((), self.measures, self.filters, "", is_descending=False)

    def _names(self, name: str) -> bool:
        return name in self.filters or name in {each.value for each in self.dimensions}
