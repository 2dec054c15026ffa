"""The statements of customer reports. Instants are given to them; they know no time zone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from domain import customers
from domain.analytics.counted_lines import LIMIT, OFFSET, ORDER, STEPS, counted, region_number, revenue_of, sum_of
from domain.analytics.customer_commands import CustomerSegment
from domain.analytics.model import SaleCustomer
from domain.analytics.segments import (
    customers_of_period,
    is_at_risk,
    is_high_value,
    is_new,
    known_customers,
)
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT

_KNOWN = known_customers().cte("known")
_ACTIVE = (
    select(
        ORDER.customer_no,
        ORDER.country,
        func.width_bucket(ORDER.at, STEPS, type_=Integer()).label("month"),
        func.count().label("orders"),
        sum_of(revenue_of(ORDER)).label("revenue"),
    )
    .where(counted(ORDER))
    .group_by(ORDER.customer_no, ORDER.country, func.width_bucket(ORDER.at, STEPS, type_=Integer()))
    .cte("active")
)
"""What was ordered by customer, country and month. All parts are read from it, so the orders are read once."""
_SUMS = (
    select(_ACTIVE.c.customer_no, sum_of(_ACTIVE.c.orders).label("orders"), sum_of(_ACTIVE.c.revenue).label("revenue"))
    .where(_ACTIVE.c.customer_no.is_not(None))
    .group_by(_ACTIVE.c.customer_no)
    .cte("sums")
)
_PERSON = customers_of_period(_SUMS, _KNOWN).cte("person")
_GUESTS = _ACTIVE.c.customer_no.is_(None)
_COUNT = func.count(type_=BigInteger())


def _part(
    name: str,
    is_wanted: ColumnElement[bool],
    rows: Any,
    *,
    customers: Any = None,
    key: Any = None,
    step: Any = None,
    new: Any = None,
    lifetime: Any = None,
    orders: Any = None,
    revenue: Any = None,
) -> Select[Any]:
    """A part of the report: what its rows are called, whether it was requested, and the columns that it has."""
    return (
        select(
            literal(name, KEY_TEXT).label("part"),
            cast(null() if key is None else key, KEY_TEXT).label("key"),
            cast(null() if step is None else step, Integer).label("step"),
            cast(_COUNT if customers is None else customers, BigInteger).label("customers"),
            cast(null() if new is None else new, BigInteger).label("new_customers"),
            sum_of(rows.c.orders if orders is None else orders).label("orders"),
            sum_of(rows.c.revenue if revenue is None else revenue).label("revenue"),
            (cast(null(), BigInteger) if lifetime is None else sum_of(lifetime)).label("lifetime_revenue"),
        )
        .select_from(rows)
        .where(is_wanted)
    )


def _wanted(name: str) -> ColumnElement[bool]:
    return bindparam(f"with_{name}", type_=Boolean())


def _segment(segment: CustomerSegment, condition: Any) -> Select[Any]:
    found = _part(segment.value, _wanted("segments"), _PERSON, lifetime=_PERSON.c.lifetime_revenue)
    return found.where(condition)


def _at_risk() -> Select[Any]:
    """Those without an order in the period too."""
    rows = _KNOWN.outerjoin(_SUMS, _SUMS.c.customer_no == _KNOWN.c.customer_no)
    return (
        select(
            literal(CustomerSegment.AT_RISK.value, KEY_TEXT),
            cast(null(), KEY_TEXT),
            cast(null(), Integer),
            _COUNT,
            cast(null(), BigInteger),
            sum_of(_SUMS.c.orders),
            sum_of(_SUMS.c.revenue),
            sum_of(_KNOWN.c.revenue),
        )
        .select_from(rows)
        .where(_wanted("segments"), is_at_risk(_KNOWN))
    )


def _places(name: str, key: Any) -> Select[Any]:
    people = func.count(_ACTIVE.c.customer_no.distinct())
    return _part(name, _wanted("geography"), _ACTIVE, customers=people, step=key).group_by(key)


def _channels() -> Select[Any]:
    new = _COUNT.filter(is_new(_PERSON))
    found = _part("channel", _wanted("channels"), _PERSON, key=_PERSON.c.channel, new=new)
    return found.group_by(_PERSON.c.channel)


def _cohorts() -> Select[Any]:
    """By the month of the first order (``key``) and the month of others (``step``). Before the first month: 0."""
    rows = _ACTIVE.join(_PERSON, _PERSON.c.customer_no == _ACTIVE.c.customer_no)
    cohort = func.width_bucket(_PERSON.c.first_at, STEPS, type_=Integer())
    return (
        select(
            literal("cohort", KEY_TEXT),
            cast(cohort, KEY_TEXT),
            _ACTIVE.c.month,
            func.count(_ACTIVE.c.customer_no.distinct()),
            cast(null(), BigInteger),
            sum_of(_ACTIVE.c.orders),
            sum_of(_ACTIVE.c.revenue),
            cast(null(), BigInteger),
        )
        .select_from(rows)
        .where(_wanted("cohorts"), is_new(_PERSON), cohort > 0)
        .group_by(cohort, _ACTIVE.c.month)
    )


def _all_parts() -> Statement:
    parts = union_all(
        _part("customers", true(), _PERSON, new=_COUNT.filter(is_new(_PERSON))),
        _part(CustomerSegment.GUEST.value, true(), _ACTIVE, customers=literal(0, BigInteger)).where(_GUESTS),
        _segment(CustomerSegment.NEW, is_new(_PERSON)),
        _segment(CustomerSegment.RETURNING, ~is_new(_PERSON)),
        _segment(CustomerSegment.HIGH_VALUE, is_high_value(_PERSON)),
        _at_risk(),
        _places("country", _ACTIVE.c.country),
        _places("region", region_number(_ACTIVE.c.country)),
        _channels(),
        _cohorts(),
    ).subquery("parts")
    return Statement("customers_by_part", select(*parts.c))


PARTS = _all_parts()
"""The rows of the requested parts of a customer report. ``steps``: the beginnings of the months of cohorts."""


def _lifetime_value() -> Statement:
    known = known_customers().subquery("known")
    return Statement(
        "customers_lifetime_value",
        select(
            _COUNT.label("customers"), sum_of(known.c.orders).label("orders"), sum_of(known.c.revenue).label("revenue")
        ).select_from(known),
    )


def _best_customers() -> Statement:
    known = known_customers().subquery("known")
    number, customer = SaleCustomer.__table__, customers.Customer.__table__
    name = func.nullif(func.concat_ws(" ", customer.c.first_name, customer.c.last_name), "")
    page = (
        select(
            number.c.customer_id.label("id"),
            known.c.orders,
            known.c.revenue,
            known.c.first_at,
            known.c.last_at,
            func.count().over().label("group_count"),
        )
        .select_from(known)
        .join(number, and_(number.c.store_id == STORE, number.c.no == known.c.customer_no))
        .order_by(known.c.revenue.desc(), known.c.orders.desc(), number.c.customer_id.asc())
        .limit(LIMIT)
        .offset(OFFSET)
    ).subquery("page")
    found = (
        select(*page.c, name.label("name"))
        .select_from(page)
        .outerjoin(customer, and_(customer.c.store_id == STORE, customer.c.id == page.c.id))
        .order_by(page.c.revenue.desc(), page.c.orders.desc(), page.c.id.asc())
    )
    return Statement("customers_by_lifetime_value", found)


LIFETIME_VALUE, BEST_CUSTOMERS = _lifetime_value(), _best_customers()
