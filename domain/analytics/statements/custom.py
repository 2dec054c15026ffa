"""The statements of custom reports: each combination of dimensions, measures and filters is one, built once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Numeric, Select, cast, func, select, union_all

from domain.analytics.commands.custom import ReportDimension, ReportMeasure
from domain.analytics.statements.counted_lines import LIMIT, OFFSET, revenue_of, sum_of, sum_or_null
from domain.analytics.statements.custom_dimensions import NAMED, condition, group_key
from domain.analytics.statements.custom_facts import facts_of, with_categories
from domain.analytics.statements.custom_query import COLUMNS, CustomQuery
from domain.kernel.sql.statements import Statement

MAX_STATEMENTS = 500
"""Statements that are kept."""
_CATEGORY = ReportDimension.PRODUCT_CATEGORY.value
_SUMS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("revenue", "orders", "units", "refunds", "returned"), sum_of),
    **dict.fromkeys(("cost", "profit"), sum_or_null),
    "customers": func.max,
}
"""How sums of parts are added."""


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
        if dimension in NAMED:
            source, key, name = NAMED[dimension](source, key)
            columns.append(name.label(f"name_{dimension.value}"))
        columns.append(key.label(_key(dimension)))
    sums = [each for each in grouped.c if not each.name.startswith("key_")]
    return select(*columns, *sums).select_from(source)


def _grouped(query: CustomQuery) -> Select[Any]:
    lines, *others = facts_of(query)
    first = _grouped_products(query, lines) if query.groups_products_first else _grouped_facts(query, lines)
    if not others:
        return first
    parts = union_all(first, *(_grouped_facts(query, each) for each in others)).subquery("parts")
    keys = [parts.c[_key(each)] for each in query.dimensions]
    return select(*keys, *_added(parts)).group_by(*keys)


def _grouped_facts(query: CustomQuery, fact: Any) -> Select[Any]:
    keys = _keys(query.dimensions, fact)
    found = select(*keys, *_sums(query, fact.c)).select_from(fact)
    return found.where(*_conditions(query.filters, fact)).group_by(*keys)


def _grouped_products(query: CustomQuery, lines: Any) -> Select[Any]:
    """Sums by product and the other dimensions, summed again by category."""
    others = [each for each in query.dimensions if each != ReportDimension.PRODUCT_CATEGORY]
    number, keys = lines.c.product_no, _keys(others, lines)
    sums = select(number, *keys, *_sums(query, lines.c)).select_from(lines)
    wanted = sums.where(*_conditions(query.filters - {_CATEGORY}, lines)).group_by(number, *keys).subquery("by_product")
    source, category = with_categories(wanted, wanted.c.product_no)
    rows = select(*wanted.c, category.label("category_no")).select_from(source).subquery("of_category")
    known = {each: rows.c[_key(each)] for each in others}
    shown = [known[each] if each in known else _keys([each], rows)[0] for each in query.dimensions]
    found = select(*shown, *_added(rows)).where(*_conditions(query.filters & {_CATEGORY}, rows))
    return found.group_by(*shown)


def _keys(dimensions: Sequence[ReportDimension], fact: Any) -> list[Any]:
    return [group_key(each, fact.c).label(_key(each)) for each in dimensions]


def _conditions(filters: frozenset[str], fact: Any) -> list[Any]:
    return [condition(each, fact.c) for each in sorted(filters)]


def _added(parts: Any) -> list[Any]:
    """The sums of parts together. Customers are those of the first: no other part has more of them."""
    sums = [each for each in parts.c if each.name in _SUMS]
    return [_SUMS[each.name](each).label(each.name) for each in sums]


def _sums(query: CustomQuery, fact: Any) -> list[Any]:
    """The sums that the measures are made of."""
    made: Mapping[str, tuple[Any, frozenset[ReportMeasure]]] = {
        "revenue": (sum_of(revenue_of(fact)), frozenset({ReportMeasure.REVENUE, ReportMeasure.AVG_ORDER_VALUE})),
        "orders": (sum_of(fact.orders), frozenset({ReportMeasure.ORDER_COUNT, ReportMeasure.AVG_ORDER_VALUE})),
        "units": (sum_of(fact.units), frozenset({ReportMeasure.UNITS})),
        "customers": (
            func.count(fact.customer_no.distinct(), type_=BigInteger()),
            frozenset({ReportMeasure.CUSTOMER_COUNT}),
        ),
        "refunds": (sum_of(fact.refunded), frozenset({ReportMeasure.REFUNDS})),
        "returned": (sum_of(fact.returned), frozenset({ReportMeasure.RETURNED_UNITS})),
        "cost": (sum_or_null(fact.cost), frozenset({ReportMeasure.COST})),
        "profit": (sum_or_null(fact.costed_revenue - fact.cost), frozenset({ReportMeasure.PROFIT})),
    }
    return [value.label(name) for name, (value, measures) in made.items() if measures & query.measures]


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
