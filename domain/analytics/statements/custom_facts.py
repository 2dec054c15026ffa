"""What the statements of custom reports count: orders, lines, or lines with the categories of their products.

An order with several products of a category counts once in it. Telling orders apart takes longer than all else that a
report does (a second for a year of a million orders), so the first lines of products are added up, and what that is too
much is taken away: rows of its own, stored for each day that is over, and worked out of the lines of stale days.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from domain.analytics.model import (
    SaleCategoryOverlap,
    SaleLine,
    SaleProductCategory,
    SalesStaleDay,
)
from domain.analytics.statements.counted_lines import END, LINE, ORDER, PAID_ONLY, START, counted, revenue_of
from domain.analytics.statements.custom_query import CustomQuery
from domain.analytics.statements.spans import lines_in_stale
from domain.kernel.sql.statements import STORE

NO_CATEGORY = 0
"""The number of the category of products that are in none."""

_OVERLAP, _STALE = SaleCategoryOverlap.__table__.c, SalesStaleDay.__table__.c


def facts_of(query: CustomQuery) -> list[Any]:
    """The facts, with the columns ``at``, ``customer_no``, ``country``, ``product_no``, ``category_no``, ``orders``,
    ``units``, ``returned``, ``net``, ``refunded``, ``costed_revenue`` and ``cost``; without those of products where
    orders are counted, and without the category where products are grouped first. The orders of a group are the sum of
    ``orders``.

    Of several each is grouped by itself, and then all together: most rows are of the first.
    """
    if not query.of_lines:
        return [_orders()]
    if not query.of_categories:
        return [_lines(SaleLine.__table__, counted(LINE)).subquery("fact")]
    if query.groups_products_first:
        lines = _lines(SaleLine.__table__, counted(LINE))
    else:
        source, category = with_categories(SaleLine.__table__, LINE.product_no)
        lines = _lines(source, counted(LINE), category_no=category)
    if query.of_products or not query.counts_orders:
        return [lines.subquery("fact")]
    return [lines.subquery("fact"), _too_many()]


def with_categories(rows: Any, product_no: Any) -> tuple[Any, Any]:
    """Rows joined with the categories of their product, and the number of the category."""
    member = SaleProductCategory.__table__
    joined = rows.outerjoin(member, and_(member.c.store_id == STORE, member.c.product_no == product_no))
    return joined, func.coalesce(member.c.category_no, NO_CATEGORY)


def _orders() -> Any:
    names = ("at", "customer_no", "country", "units", "returned", "net", "refunded", "costed_revenue", "cost")
    counts = literal(1, Integer).label("orders")
    return select(*(ORDER[name] for name in names), counts).where(counted(ORDER)).subquery("fact")


def _lines(source: Any, *conditions: ColumnElement[bool], category_no: Any = None) -> Select[Any]:
    """The lines of a source. Each product of an order counts as an order of its own."""
    columns = [
        *(LINE.at, LINE.customer_no, LINE.country, LINE.product_no),
        cast(LINE.first_of_product, Integer).label("orders"),
        LINE.quantity.label("units"),
        *(LINE.returned, LINE.net, LINE.refunded),
        case((LINE.cost.is_not(None), revenue_of(LINE))).label("costed_revenue"),
        LINE.cost,
    ]
    if category_no is not None:
        columns.append(category_no.label("category_no"))
    return select(*columns).select_from(source).where(*conditions)


def _too_many() -> Any:
    """Facts that have nothing but the orders that lines count too often."""
    rows = union_all(*(select(*each.c) for each in (_stored_overlaps(), _overlaps_of_stale_days()))).subquery("rows")
    names = ("units", "returned", "net", "refunded", "costed_revenue", "cost")
    return select(
        *(rows.c[name] for name in ("at", "customer_no", "country", "category_no")),
        (-rows.c.overlap).label("orders"),
        *(cast(null(), BigInteger).label(name) for name in names),
    ).subquery("too_many")


def _stored_overlaps() -> Any:
    """Those of days that are not stale."""
    day = func.date_trunc("day", _OVERLAP.at, "UTC")
    is_stale = exists().where(_STALE.store_id == STORE, _STALE.day == day)
    columns = (_OVERLAP.at, _OVERLAP.customer_no, _OVERLAP.country, _OVERLAP.category_no, _OVERLAP.overlap)
    in_period = and_(_OVERLAP.store_id == STORE, _OVERLAP.at >= START, _OVERLAP.at < END)
    return select(*columns).where(in_period, or_(_OVERLAP.paid, ~PAID_ONLY), ~is_stale).subquery("stored")


def _overlaps_of_stale_days() -> Any:
    columns = (LINE.order_no, LINE.at, LINE.customer_no, LINE.country, LINE.product_no, LINE.first_of_product)
    line = lines_in_stale("day", columns)
    source, category = with_categories(line, line.c.product_no)
    keys = (line.c.order_no, line.c.at, line.c.customer_no, line.c.country, category)
    return (
        select(*keys[1:4], category.label("category_no"), cast(func.count() - 1, Integer).label("overlap"))
        .select_from(source)
        .where(line.c.first_of_product)
        .group_by(*keys)
        .having(func.count() > 1)
        .subquery("stale")
    )
