"""The statements of custom reports: each combination of dimensions, measures and filters is one, built once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Integer, Numeric, Select, and_, bindparam, case, cast, func, select

from domain import catalog, customers
from domain.analytics.counted_lines import COUNTED, LIMIT, LINE, OFFSET, REVENUE, STEPS, region_number, sum_of
from domain.analytics.custom_commands import ReportDimension, ReportMeasure
from domain.analytics.customer_commands import CustomerSegment
from domain.analytics.model import SaleCustomer, SaleLine, SaleProduct
from domain.analytics.segments import customer_channels, customers_of_period, known_customers, number_of, segment_number
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT

MAX_STATEMENTS = 500
"""Statements that are kept."""
TIMES = frozenset(
    {
        ReportDimension.HOUR,
        ReportDimension.DAY,
        ReportDimension.WEEK,
        ReportDimension.MONTH,
        ReportDimension.QUARTER,
        ReportDimension.YEAR,
    }
)
_OF_CUSTOMERS = frozenset({"customer_segment", "channel"})


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


_NAMED = {
    ReportDimension.PRODUCT: _with_product,
    ReportDimension.PRODUCT_CATEGORY: _with_category,
    ReportDimension.CUSTOMER: _with_customer,
}
"""The dimensions whose values have names: what joins them, and returns the id and the name."""


def _grouped(query: CustomQuery) -> Select[Any]:
    people = _people(query)
    keys = {each: _group_key(each, people) for each in query.dimensions}
    found = select(*(key.label(_key(each)) for each, key in keys.items()), *_sums(query)).select_from(
        _source(query, people)
    )
    return found.where(COUNTED, *_conditions(query, people)).group_by(*keys.values())


def _source(query: CustomQuery, people: Any) -> Any:
    """The lines, joined with what their keys and conditions are about."""
    source: Any = SaleLine.__table__
    if people is not None:
        source = source.outerjoin(people, people.c.customer_no == LINE.customer_no)
    if ReportDimension.PRODUCT_CATEGORY in query.dimensions:
        source = source.outerjoin(_MEMBERS, _MEMBERS.c.product_no == LINE.product_no)
    return source


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


def _people(query: CustomQuery) -> Any:
    """Customers with their channel, and their segment where it matters; None where neither does."""
    needed = _OF_CUSTOMERS & {*query.filters, *(each.value for each in query.dimensions)}
    if not needed:
        return None
    if "customer_segment" not in needed:
        return customer_channels().cte("people").prefix_with("MATERIALIZED", dialect="postgresql")
    sums = (
        select(
            LINE.customer_no,
            sum_of(cast(LINE.first_in_order, Integer)).label("orders"),
            sum_of(REVENUE).label("revenue"),
        )
        .where(COUNTED, LINE.customer_no.is_not(None))
        .group_by(LINE.customer_no)
    ).subquery("sums")
    person = customers_of_period(sums, known_customers().subquery("known")).subquery("person")
    # Worked out per customer before the lines are joined with it: per line it costs half as much again.
    people = select(person.c.customer_no, person.c.channel, segment_number(person).label("segment")).cte("people")
    return people.prefix_with("MATERIALIZED", dialect="postgresql")


def _segment(people: Any) -> Any:
    return func.coalesce(people.c.segment, number_of(CustomerSegment.GUEST), type_=Integer())


def _group_key(dimension: ReportDimension, people: Any) -> Any:
    match dimension:
        case ReportDimension.PRODUCT:
            return LINE.product_no
        case ReportDimension.PRODUCT_CATEGORY:
            return _MEMBERS.c.category_no
        case ReportDimension.CUSTOMER:
            return LINE.customer_no
        case ReportDimension.CUSTOMER_SEGMENT:
            return _segment(people)
        case ReportDimension.REGION:
            return region_number(LINE.country)
        case ReportDimension.COUNTRY:
            return LINE.country
        case ReportDimension.CHANNEL:
            return people.c.channel
    return func.width_bucket(LINE.at, STEPS, type_=Integer())


def _conditions(query: CustomQuery, people: Any) -> list[Any]:
    return [_condition(name, query, people) for name in sorted(query.filters)]


def _condition(name: str, query: CustomQuery, people: Any) -> Any:
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
            return LINE.customer_no == known.scalar_subquery()
        case "customer_segment":
            return _segment(people) == number
        case "region":
            return region_number(LINE.country) == number
        case "country":
            return LINE.country == number
        case "channel":
            return people.c.channel == text
    raise LookupError(name)


def _order_count(query: CustomQuery) -> Any:
    """The sum of a flag, where each order of a group has one line with it in the group; else orders are told apart."""
    if ReportDimension.PRODUCT in query.dimensions or "product" in query.filters:
        return sum_of(cast(LINE.first_of_product, Integer))
    if ReportDimension.PRODUCT_CATEGORY in query.dimensions or "product_category" in query.filters:
        return func.count(LINE.order_no.distinct(), type_=BigInteger())
    return sum_of(cast(LINE.first_in_order, Integer))


def _sums(query: CustomQuery) -> list[Any]:
    """The sums that the measures are made of."""
    profit = case((LINE.cost.is_not(None), REVENUE - LINE.cost))
    made: Mapping[str, tuple[Any, frozenset[ReportMeasure]]] = {
        "revenue": (sum_of(REVENUE), frozenset({ReportMeasure.REVENUE, ReportMeasure.AVG_ORDER_VALUE})),
        "orders": (_order_count(query), frozenset({ReportMeasure.ORDER_COUNT, ReportMeasure.AVG_ORDER_VALUE})),
        "units": (sum_of(LINE.quantity), frozenset({ReportMeasure.UNITS})),
        "customers": (
            func.count(LINE.customer_no.distinct(), type_=BigInteger()),
            frozenset({ReportMeasure.CUSTOMER_COUNT}),
        ),
        "refunds": (sum_of(LINE.refunded), frozenset({ReportMeasure.REFUNDS})),
        "returned": (sum_of(LINE.returned), frozenset({ReportMeasure.RETURNED_UNITS})),
        "cost": (cast(func.sum(LINE.cost), BigInteger), frozenset({ReportMeasure.COST})),
        "profit": (cast(func.sum(profit), BigInteger), frozenset({ReportMeasure.PROFIT})),
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
