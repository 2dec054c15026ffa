"""The statements of custom reports: each combination of dimensions, measures and filters is one, built once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Integer, Numeric, Select, and_, bindparam, case, cast, func, null, select

from domain import catalog, customers
from domain.analytics.counted_lines import LIMIT, LINE, OFFSET, ORDER, STEPS, counted, region_number, revenue_of, sum_of
from domain.analytics.custom_commands import ReportDimension, ReportMeasure
from domain.analytics.customer_commands import CustomerSegment
from domain.analytics.model import SaleCustomer, SaleLine, SaleOrder, SaleProduct
from domain.analytics.segments import (
    CHANNELS,
    by_customer,
    channel_number,
    customers_of_period,
    known_customers,
    number_of,
    segment_number,
)
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT

MAX_STATEMENTS = 500
"""Statements that are kept."""
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
_OF_PRODUCTS = frozenset({"product", "product_category"})


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
        return not _OF_PRODUCTS.isdisjoint({*self.filters, *(each.value for each in self.dimensions)})

    @property
    def fact(self) -> Any:
        """The columns of what is counted."""
        return LINE if self.of_lines else ORDER

    @property
    def whole(self) -> CustomQuery:
        """The same without dimensions."""
        return CustomQuery((), self.measures, self.filters, "", is_descending=False)


@lru_cache(MAX_STATEMENTS)
def custom_rows(query: CustomQuery) -> Statement:
    """A page of the rows, with the number of all: columns ``key_…`` and ``name_…`` of the dimensions, and the sums."""
    rows = _identified(query).subquery("rows")
    keys = [rows.c[_key(each)] for each in query.dimensions]
    order = [by.desc() if query.is_descending else by.asc() for by in _sort_keys(query, rows)]
    page = (
        select(*rows.c, func.count().over().label("row_count"))
        .order_by(*(each.nulls_last() for each in (*order, *(key.asc() for key in keys))))
        .limit(LIMIT)
        .offset(OFFSET)
    )
    return Statement("custom_report", page)


@lru_cache(MAX_STATEMENTS)
def custom_totals(query: CustomQuery) -> Statement:
    """The sums of all that is counted: a product in two categories counts once. ``query`` has no dimensions."""
    return Statement("custom_report_totals", _grouped(query))


def _key(dimension: ReportDimension) -> str:
    return f"key_{dimension.value}"


def _identified(query: CustomQuery) -> Select[Any]:
    """The groups, with ids in place of numbers, and names."""
    grouped = _grouped(query).subquery("grouped")
    source: Any = grouped
    columns: list[Any] = []
    for dimension in query.dimensions:
        key = grouped.c[_key(dimension)]
        if dimension in _NAMED:
            source, key, name = _NAMED[dimension](source, key)
            columns.append(name.label(f"name_{dimension.value}"))
        columns.append(key.label(_key(dimension)))
    sums = [each for each in grouped.c if not each.name.startswith("key_")]
    return select(*columns, *sums).select_from(source)


def _with_product(source: Any, number: Any) -> tuple[Any, Any, Any]:
    known, product = SaleProduct.__table__.alias("known_product"), catalog.Product.__table__
    joined = source.join(known, and_(known.c.store_id == STORE, known.c.no == number)).outerjoin(
        product, and_(product.c.store_id == STORE, product.c.id == known.c.product_id)
    )
    return joined, known.c.product_id, product.c.name


def _with_category(source: Any, number: Any) -> tuple[Any, Any, Any]:
    joined = source.outerjoin(_CATEGORIES, _CATEGORIES.c.category_no == number)
    return joined, _CATEGORIES.c.id, _CATEGORIES.c.name


def _with_customer(source: Any, number: Any) -> tuple[Any, Any, Any]:
    known, customer = SaleCustomer.__table__.alias("known_customer"), customers.Customer.__table__
    joined = source.outerjoin(known, and_(known.c.store_id == STORE, known.c.no == number)).outerjoin(
        customer, and_(customer.c.store_id == STORE, customer.c.id == known.c.customer_id)
    )
    name = func.nullif(func.concat_ws(" ", customer.c.first_name, customer.c.last_name), "")
    return joined, known.c.customer_id, name


def _with_channel(source: Any, number: Any) -> tuple[Any, Any, Any]:
    joined = source.outerjoin(CHANNELS, CHANNELS.c.channel_no == number)
    return joined, CHANNELS.c.channel, cast(null(), KEY_TEXT)


_NAMED = {
    ReportDimension.PRODUCT: _with_product,
    ReportDimension.PRODUCT_CATEGORY: _with_category,
    ReportDimension.CUSTOMER: _with_customer,
    ReportDimension.CHANNEL: _with_channel,
}
"""The dimensions that are grouped by numbers: what joins their values, and returns the id and the name."""


def _grouped(query: CustomQuery) -> Select[Any]:
    keys = {each: _group_key(each, query.fact) for each in query.dimensions}
    found = select(*(key.label(_key(each)) for each, key in keys.items()), *_sums(query)).select_from(_source(query))
    return found.where(counted(query.fact), *_conditions(query)).group_by(*keys.values())


def _source(query: CustomQuery) -> Any:
    """The lines or orders; lines joined with the categories of their products where these are a dimension."""
    if ReportDimension.PRODUCT_CATEGORY in query.dimensions:
        return SaleLine.__table__.outerjoin(_MEMBERS, _MEMBERS.c.product_no == LINE.product_no)
    return SaleLine.__table__ if query.of_lines else SaleOrder.__table__


def _categories() -> Select[Any]:
    """The categories with numbers, which are compared several times as fast as their ids."""
    category = catalog.Category.__table__
    return select(
        category.c.id, category.c.name, func.row_number().over(order_by=category.c.id).label("category_no")
    ).where(category.c.store_id == STORE)


def _members() -> Select[Any]:
    """The categories of products, all by number."""
    product, member = SaleProduct.__table__, catalog.ProductCategory.__table__
    return (
        select(product.c.no.label("product_no"), cast(_CATEGORIES.c.category_no, Integer).label("category_no"))
        .select_from(product)
        .join(member, and_(member.c.store_id == STORE, member.c.product_id == product.c.product_id))
        .join(_CATEGORIES, _CATEGORIES.c.id == member.c.category_id)
        .where(product.c.store_id == STORE)
    )


_CATEGORIES = _categories().cte("categories").prefix_with("MATERIALIZED", dialect="postgresql")
_MEMBERS = _members().cte("members").prefix_with("MATERIALIZED", dialect="postgresql")


def _segments() -> Any:
    """The segments of customers, which follow from all orders of the days, whatever is filtered. Guests have none."""
    sums = (
        select(ORDER.customer_no, func.count().label("orders"), sum_of(revenue_of(ORDER)).label("revenue"))
        .where(counted(ORDER))
        .group_by(ORDER.customer_no)
    ).subquery("sums")
    person = customers_of_period(sums, known_customers().subquery("known")).subquery("person")
    return by_customer("segments", person.c.customer_no, segment_number(person))


_SEGMENTS = _segments()


def _segment(fact: Any) -> Any:
    return func.coalesce(_SEGMENTS[fact.customer_no], number_of(CustomerSegment.GUEST), type_=Integer())


def _group_key(dimension: ReportDimension, fact: Any) -> Any:
    match dimension:
        case ReportDimension.PRODUCT:
            return LINE.product_no
        case ReportDimension.PRODUCT_CATEGORY:
            return _MEMBERS.c.category_no
        case ReportDimension.CUSTOMER:
            return fact.customer_no
        case ReportDimension.CUSTOMER_SEGMENT:
            return _segment(fact)
        case ReportDimension.REGION:
            return region_number(fact.country)
        case ReportDimension.COUNTRY:
            return fact.country
        case ReportDimension.CHANNEL:
            return channel_number(fact)
    return func.width_bucket(fact.at, STEPS, type_=Integer())


def _conditions(query: CustomQuery) -> list[Any]:
    return [_condition(name, query) for name in sorted(query.filters)]


def _condition(name: str, query: CustomQuery) -> Any:
    """The condition of a filter, whose value is the parameter of its name."""
    text, number = bindparam(name, type_=KEY_TEXT), bindparam(name, type_=Integer())
    product, customer = SaleProduct.__table__.alias("named_product"), SaleCustomer.__table__.alias("named_customer")
    numbered = select(product.c.no).where(product.c.store_id == STORE)
    match name:
        case "product":
            return LINE.product_no == numbered.where(product.c.product_id == text).scalar_subquery()
        case "product_category" if ReportDimension.PRODUCT_CATEGORY in query.dimensions:
            wanted = select(_CATEGORIES.c.category_no).where(_CATEGORIES.c.id == text)
            return _MEMBERS.c.category_no == wanted.scalar_subquery()
        case "product_category":
            member = catalog.ProductCategory.__table__
            in_it = and_(member.c.store_id == STORE, member.c.product_id == product.c.product_id)
            return LINE.product_no.in_(numbered.join(member, in_it).where(member.c.category_id == text))
        case "customer":
            known = select(customer.c.no).where(customer.c.store_id == STORE, customer.c.customer_id == text)
            return query.fact.customer_no == known.scalar_subquery()
        case "customer_segment":
            return _segment(query.fact) == number
        case "region":
            return region_number(query.fact.country) == number
        case "country":
            return query.fact.country == number
        case "channel":
            wanted = select(CHANNELS.c.channel_no).where(CHANNELS.c.channel == text)
            return channel_number(query.fact) == wanted.scalar_subquery()
    raise LookupError(name)


def _order_count(query: CustomQuery) -> Any:
    """The sum of a flag, where each order of a group has one line with it in the group; else orders are told apart."""
    if not query.of_lines:
        return func.count(type_=BigInteger())
    if ReportDimension.PRODUCT in query.dimensions or "product" in query.filters:
        return sum_of(cast(LINE.first_of_product, Integer))
    return func.count(LINE.order_no.distinct(), type_=BigInteger())


def _sums(query: CustomQuery) -> list[Any]:
    """The sums that the measures are made of."""
    fact = query.fact
    of_costed = case((LINE.cost.is_not(None), revenue_of(LINE))) if query.of_lines else ORDER.costed_revenue
    made: Mapping[str, tuple[Any, frozenset[ReportMeasure]]] = {
        "revenue": (sum_of(revenue_of(fact)), frozenset({ReportMeasure.REVENUE, ReportMeasure.AVG_ORDER_VALUE})),
        "orders": (_order_count(query), frozenset({ReportMeasure.ORDER_COUNT, ReportMeasure.AVG_ORDER_VALUE})),
        "units": (sum_of(LINE.quantity if query.of_lines else ORDER.units), frozenset({ReportMeasure.UNITS})),
        "customers": (
            func.count(fact.customer_no.distinct(), type_=BigInteger()),
            frozenset({ReportMeasure.CUSTOMER_COUNT}),
        ),
        "refunds": (sum_of(fact.refunded), frozenset({ReportMeasure.REFUNDS})),
        "returned": (sum_of(fact.returned), frozenset({ReportMeasure.RETURNED_UNITS})),
        "cost": (cast(func.sum(fact.cost), BigInteger), frozenset({ReportMeasure.COST})),
        "profit": (cast(func.sum(of_costed - fact.cost), BigInteger), frozenset({ReportMeasure.PROFIT})),
    }
    return [value.label(name) for name, (value, measures) in made.items() if measures & query.measures]


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


def _sort_keys(query: CustomQuery, rows: Any) -> list[Any]:
    """What the rows are sorted by before their dimensions. Products and categories have the order of their names;
    customers, whose names not everybody may see, that of their ids."""
    if query.sort == ReportMeasure.AVG_ORDER_VALUE:
        return [cast(rows.c.revenue, Numeric) / func.nullif(rows.c.orders, 0, type_=BigInteger())]
    if query.sort in COLUMNS:
        return [rows.c[COLUMNS[ReportMeasure(query.sort)]]]
    dimension = ReportDimension(query.sort)
    if dimension in (ReportDimension.PRODUCT, ReportDimension.PRODUCT_CATEGORY):
        return [rows.c[f"name_{dimension.value}"], rows.c[_key(dimension)]]
    return [rows.c[_key(dimension)]]
