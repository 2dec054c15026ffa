"""The statements of product reports. Instants are given to them; they know no time zone."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    any_,
    bindparam,
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
from sqlalchemy.dialects.postgresql import ARRAY

from domain import catalog, inventory
from domain.analytics.commands.products import ProductMetric
from domain.analytics.model import ProductViewCount, SaleLine, SaleProduct, SalesProductMonth
from domain.analytics.statements.counted_lines import sum_or_null
from domain.analytics.statements.spans import lines_beyond, summed
from domain.analytics.statements.view_spans import SPANS
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import INSTANT, KEY_TEXT

_line, _numbered, _count = SaleLine.__table__.c, SaleProduct.__table__.c, ProductViewCount.__table__.c
_month = SalesProductMonth.__table__
_product, _category = catalog.Product.__table__.c, catalog.Category.__table__.c
_member = catalog.ProductCategory.__table__.c
_level, _movement = inventory.InventoryLevel.__table__.c, inventory.InventoryMovement.__table__.c
_START, _END = bindparam("start", type_=INSTANT), bindparam("end", type_=INSTANT)
_UNTIL = bindparam("until", type_=INSTANT)
_MILLISECONDS = bindparam("milliseconds", type_=BigInteger())
_PAID_ONLY = bindparam("paid_only", type_=Boolean())
_SLUG, _IDS = bindparam("category", type_=KEY_TEXT), bindparam("product_ids", type_=ARRAY(Text()))
_SORT, _DESCENDING = bindparam("sort", type_=Text()), bindparam("descending", type_=Boolean())
_LIMIT, _OFFSET = bindparam("limit", type_=BigInteger()), bindparam("offset", type_=BigInteger())

SUMS = ("orders", "units", "returned", "revenue", "costed_revenue", "cost", "views", "stock_time")
"""What figures are made of, of a product and (``total_…``) of all."""


def _sold() -> Any:
    """The sums by product: of whole months, and of lines beyond them. Revenue and cost of lines with a recorded cost
    are null where there are none."""
    columns = (_line.product_no, _line.quantity, _line.returned, _line.net, _line.refunded, _line.cost)
    line = lines_beyond("month", (*columns, _line.first_of_product)).c
    net, month = line.net - line.refunded, _month.c
    counted = select(
        line.product_no.label("no"),
        sum_or_null(cast(line.first_of_product, Integer)).label("orders"),
        sum_or_null(line.quantity).label("units"),
        sum_or_null(line.returned).label("returned"),
        sum_or_null(net).label("revenue"),
        sum_or_null(case((line.cost.is_not(None), net))).label("costed_revenue"),
        sum_or_null(line.cost).label("cost"),
    ).group_by(line.product_no)
    revenue = (month.net - month.refunded).label("revenue")
    figures = (month.orders, month.units, month.returned, revenue, month.costed_revenue, month.cost)
    parts = union_all(counted, summed("month", _month, (month.product_no.label("no"), *figures))).subquery("parts")
    names = ("orders", "units", "returned", "revenue", "costed_revenue", "cost")
    sums = (
        select(parts.c.no, *(sum_or_null(parts.c[name]).label(name) for name in names))
        .group_by(parts.c.no)
        .subquery("sums")
    )
    joined = and_(_numbered.store_id == STORE, _numbered.no == sums.c.no)
    return select(_numbered.product_id, *(sums.c[name] for name in names)).join(SaleProduct, joined).subquery("sold")


def _viewed() -> Any:
    """The views by product: the sums of counts of several lengths, each range by the primary key."""
    counts = union_all(
        *(
            select(_count.product_id, _count.views).where(
                _count.store_id == STORE,
                _count.span == literal(span, KEY_TEXT),
                _count.at >= bindparam(f"start_{number}", type_=INSTANT),
                _count.at < bindparam(f"end_{number}", type_=INSTANT),
            )
            for number, span in enumerate(SPANS)
        )
    ).subquery("counts")
    views = sum_or_null(counts.c.views).label("views")
    return select(counts.c.product_id, views).group_by(counts.c.product_id).subquery("viewed")


def _held() -> Any:
    """Units on hand times milliseconds, by product: what is there now all the time, less what came since.

    A movement of the period counts for the part of it before, a later one for all of it.
    """
    on_hand = (
        select(_level.product_id, sum_or_null(_level.on_hand).label("units"))
        .where(_level.store_id == STORE)
        .group_by(_level.product_id)
        .subquery("on_hand")
    )
    # A number of float8, exact to a microsecond in centuries: numeric would take twice the time of the whole scan.
    before = func.date_part("epoch", func.least(_movement.created_at, _UNTIL) - _START) * 1000
    moved = (
        select(_movement.product_id, func.sum(_movement.quantity * cast(before, BigInteger)).label("unit_time"))
        .where(_movement.store_id == STORE, _movement.created_at >= _START)
        .group_by(_movement.product_id)
        .subquery("moved")
    )
    now = cast(func.coalesce(on_hand.c.units, 0), Numeric) * _MILLISECONDS
    stock_time = (now - func.coalesce(moved.c.unit_time, 0)).label("stock_time")
    id = func.coalesce(on_hand.c.product_id, moved.c.product_id).label("product_id")
    both = on_hand.join(moved, on_hand.c.product_id == moved.c.product_id, full=True)
    return select(id, stock_time).select_from(both).subquery("held")


def _wanted(id: Any) -> tuple[Any, ...]:
    """Whether a product is within the filters."""
    of_slug = select(_category.id).where(_category.store_id == STORE, _category.slug == _SLUG).scalar_subquery()
    inside = exists().where(_member.store_id == STORE, _member.product_id == id, _member.category_id == of_slug)
    return or_(_SLUG.is_(None), inside), or_(_IDS.is_(None), id == any_(_IDS))


def _sort_key(found: Any) -> Any:
    """The exact figure that products are sorted by."""
    c = found.c

    def ratio(part: Any, whole: Any) -> Any:
        return cast(part, Numeric) / func.nullif(cast(whole, Numeric), 0)

    profit = c.costed_revenue - c.cost
    figures = {
        ProductMetric.REVENUE: c.revenue,
        ProductMetric.ORDERS: c.orders,
        ProductMetric.UNITS: c.units,
        ProductMetric.PROFIT: profit,
        ProductMetric.MARGIN: ratio(profit, c.costed_revenue),
        ProductMetric.RETURNED: c.returned,
        ProductMetric.RETURN_RATE: ratio(c.returned, c.units),
        ProductMetric.VIEWS: c.views,
        ProductMetric.CONVERSION: ratio(c.orders, c.views),
        ProductMetric.MEAN_STOCK: c.stock_time,
        ProductMetric.TURNOVER: ratio(c.units, c.stock_time),
    }
    whens: list[Any] = [(_SORT.op("=")(metric.value), cast(figure, Numeric)) for metric, figure in figures.items()]
    return case(*whens)


def _report(*, with_stock: bool) -> Select[Any]:
    """A page of products that were sold or viewed, with the sums of all of them."""
    sold, viewed = _sold(), _viewed()
    id = func.coalesce(sold.c.product_id, viewed.c.product_id)
    both = sold.join(viewed, sold.c.product_id == viewed.c.product_id, full=True)
    names = ("orders", "units", "returned", "revenue")
    figures = [func.coalesce(sold.c[name], literal(0, BigInteger())).label(name) for name in names]
    views = func.coalesce(viewed.c.views, literal(0, BigInteger())).label("views")
    figures += [sold.c.costed_revenue, sold.c.cost, views]
    active = select(id.label("id"), *figures).select_from(both).subquery("active")
    source: Any = active.join(catalog.Product, and_(_product.store_id == STORE, _product.id == active.c.id))
    stock_time: Any = cast(null(), Numeric).label("stock_time")
    if with_stock:
        held = _held()
        source = source.outerjoin(held, held.c.product_id == active.c.id)
        stock_time = func.coalesce(held.c.stock_time, 0).label("stock_time")
    found = (
        select(*active.c, _product.name, stock_time).select_from(source).where(*_wanted(active.c.id)).subquery("found")
    )
    return _page(select(*found.c, _sort_key(found).label("sort_key")).subquery("ranked"))


def _page(ranked: Any) -> Select[Any]:
    """A page of products in the order of their keys, with the sums of all."""
    totals = [func.sum(ranked.c[name]).over().label(f"total_{name}") for name in SUMS]
    key = ranked.c.sort_key
    return (
        select(*ranked.c, *totals, func.count().over().label("product_count"))
        .order_by(case((_DESCENDING, -key), else_=key).nulls_last(), ranked.c.id)
        .limit(_LIMIT)
        .offset(_OFFSET)
    )


REPORT = Statement("product_report", partial(_report, with_stock=False))
REPORT_WITH_STOCK = Statement("product_report_with_stock", partial(_report, with_stock=True))
"""The same with ``stock_time``: the units on hand times milliseconds of the period until now. Null in the other."""
