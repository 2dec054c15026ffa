"""The statements of sales reports. Instants are given to them; they know no time zone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    and_,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)

from domain import catalog, customers
from domain.analytics.model import (
    SaleChannel,
    SaleCustomer,
    SaleLine,
    SaleProduct,
    SalesCategoryDay,
    SalesCountryDay,
    SalesProductMonth,
    SalesQuarterHour,
)
from domain.analytics.statements.counted_lines import (
    END,
    LIMIT,
    OFFSET,
    ORDER,
    PAID_ONLY,
    START,
    STEPS,
    counted,
    revenue_of,
    sum_of,
)
from domain.analytics.statements.segments import channel_number
from domain.analytics.statements.spans import lines_beyond, summed
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT

_category_day, _country_day = SalesCategoryDay.__table__, SalesCountryDay.__table__
_month = SalesProductMonth.__table__
_line, _bucket = SaleLine.__table__.c, SalesQuarterHour.__table__.c
_product_no, _customer_no, _channel = SaleProduct.__table__.c, SaleCustomer.__table__.c, SaleChannel.__table__.c

_SHOWN = and_(_bucket.store_id == STORE, _bucket.at >= START, _bucket.at < END, or_(_bucket.paid, ~PAID_ONLY))
_step = func.width_bucket(_bucket.at, STEPS, type_=Integer())
SUMS_BY_STEP = Statement(
    "sales_by_step",
    select(
        _step.label("step"),
        sum_of(_bucket.orders).label("orders"),
        sum_of(_bucket.units).label("units"),
        sum_of(_bucket.net - _bucket.refunded).label("revenue"),
    )
    .where(_SHOWN)
    .group_by(_step),
)
"""The sums of the steps in which something was sold. ``steps``: the instants at which they begin; numbered from 1."""


def _sums(line: Any, key: Any, first: Any) -> Select[Any]:
    """The sums of lines by a number in them. ``first``: whether a line is the first of its order with this number."""
    return select(
        key.label("key"),
        sum_of(cast(first, Integer)).label("orders"),
        sum_of(line.c.quantity).label("units"),
        sum_of(line.c.net - line.c.refunded).label("revenue"),
    ).group_by(key)


def _sums_of_orders(key: Any) -> Any:
    """The sums of orders by a number of theirs."""
    return (
        select(
            key.label("key"),
            func.count().label("orders"),
            sum_of(ORDER.units).label("units"),
            sum_of(revenue_of(ORDER)).label("revenue"),
        )
        .where(counted(ORDER))
        .group_by(key)
        .subquery("sums")
    )


def _with_summed(counted: Select[Any], of_spans: Select[Any]) -> Select[Any]:
    """The sums of lines and those of whole spans together, by their key."""
    parts = union_all(counted, of_spans).subquery("parts")
    return select(parts.c.key, *(sum_of(each).label(each.name) for each in _figures(parts))).group_by(parts.c.key)


def _of_spans(span: str, sums: Any, key: Any) -> Select[Any]:
    """Those of whole spans. ``key``: what they are of, null for none."""
    c = sums.c
    return summed(span, sums, (key.label("key"), c.orders, c.units, (c.net - c.refunded).label("revenue")))


def _page(found: Select[Any]) -> Select[Any]:
    """A page, with the number of all groups."""
    rows = found.subquery("found")
    return _sorted(rows, (*rows.c, func.count().over().label("group_count")))


def _sorted(rows: Any, columns: Iterable[Any]) -> Select[Any]:
    """A page, the highest revenue first; groups of the same revenue by their key."""
    return (
        select(*columns)
        .order_by(rows.c.revenue.desc(), rows.c.units.desc(), rows.c.id.asc().nulls_last())
        .limit(LIMIT)
        .offset(OFFSET)
    )


def _figures(rows: Any) -> tuple[Any, ...]:
    return rows.c.orders, rows.c.units, rows.c.revenue


def _by_product() -> Select[Any]:
    line = lines_beyond("month", (_line.product_no, _line.quantity, _line.net, _line.refunded, _line.first_of_product))
    sums = _with_summed(
        _sums(line, line.c.product_no, line.c.first_of_product), _of_spans("month", _month, _month.c.product_no)
    ).subquery("sums")
    product = catalog.Product.__table__
    found = (
        select(_product_no.product_id.label("id"), product.c.name, *_figures(sums))
        .join(SaleProduct, and_(_product_no.store_id == STORE, _product_no.no == sums.c.key))
        .join(product, and_(product.c.store_id == STORE, product.c.id == _product_no.product_id))
    )
    return _page(found)


def _by_category() -> Select[Any]:
    """Orders are counted once in each category, however many of its products they have."""
    member, category = catalog.ProductCategory.__table__, catalog.Category.__table__
    columns = (_line.order_no, _line.product_no, _line.quantity, _line.net, _line.refunded)
    line = lines_beyond("day", columns)
    counted = (
        select(
            member.c.category_id.label("key"),
            func.count(line.c.order_no.distinct()).label("orders"),
            sum_of(line.c.quantity).label("units"),
            sum_of(line.c.net - line.c.refunded).label("revenue"),
        )
        .select_from(line)
        .join(SaleProduct, and_(_product_no.store_id == STORE, _product_no.no == line.c.product_no))
        .outerjoin(member, and_(member.c.store_id == STORE, member.c.product_id == _product_no.product_id))
        .group_by(member.c.category_id)
    )
    of_days = _of_spans("day", _category_day, func.nullif(_category_day.c.category_id, ""))
    sums = _with_summed(counted, of_days).subquery("sums")
    found = select(sums.c.key.label("id"), category.c.name, *_figures(sums)).outerjoin(
        category, and_(category.c.store_id == STORE, category.c.id == sums.c.key)
    )
    return _page(found)


def _by_customer() -> Select[Any]:
    """Names are looked up for the page alone, and for those who are level with its last."""
    sums = _sums_of_orders(ORDER.customer_no)
    best = (
        select(*sums.c, func.count().over().label("group_count"))
        .order_by(sums.c.revenue.desc(), sums.c.units.desc())
        .fetch(LIMIT + OFFSET, with_ties=True)
        .subquery("best")
    )
    customer = customers.Customer.__table__
    name = func.nullif(func.concat_ws(" ", customer.c.first_name, customer.c.last_name), "")
    found = (
        select(_customer_no.customer_id.label("id"), name.label("name"), *_figures(best), best.c.group_count)
        .select_from(best)
        .outerjoin(SaleCustomer, and_(_customer_no.store_id == STORE, _customer_no.no == best.c.key))
        .outerjoin(customer, and_(customer.c.store_id == STORE, customer.c.id == _customer_no.customer_id))
    ).subquery("found")
    return _sorted(found, found.c)


def _by_channel() -> Select[Any]:
    sums = _sums_of_orders(channel_number(ORDER))
    found = (
        select(_channel.channel.label("id"), cast(null(), KEY_TEXT).label("name"), *_figures(sums))
        .select_from(sums)
        .outerjoin(SaleChannel, and_(_channel.store_id == STORE, _channel.no == sums.c.key))
    )
    return _page(found)


BY_PRODUCT = Statement("sales_by_product", _by_product)
BY_CATEGORY = Statement("sales_by_category", _by_category)
BY_CUSTOMER = Statement("sales_by_customer", _by_customer)
BY_CHANNEL = Statement("sales_by_channel", _by_channel)


def _by_country() -> Select[Any]:
    line = lines_beyond("day", (_line.country, _line.quantity, _line.net, _line.refunded, _line.first_in_order))
    counted = _sums(line, line.c.country, line.c.first_in_order)
    of_days = _of_spans("day", _country_day, func.nullif(_country_day.c.country, -1))
    return _with_summed(counted, of_days)


BY_COUNTRY = Statement("sales_by_country", _by_country)
"""All of them: there are few, and their names are not in the database."""
