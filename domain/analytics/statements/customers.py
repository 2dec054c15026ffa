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
    case,
    cast,
    column,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from domain import customers
from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.countries import REGION_NUMBERS
from domain.analytics.model import SaleChannel, SaleCustomer, SaleOrder
from domain.analytics.statements.counted_lines import (
    LIMIT,
    OFFSET,
    ORDER,
    STEPS,
    counted,
    region_number,
    revenue_of,
    sum_of,
)
from domain.analytics.statements.segments import (
    customers_of_period,
    is_at_risk,
    is_high_value,
    is_new,
    known_customers,
)
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT


def _bit_of(region: Any) -> Any:
    return literal(1, Integer).op("<<")(region)


_SUMS = (
    select(
        ORDER.customer_no,
        func.count().label("orders"),
        sum_of(revenue_of(ORDER)).label("revenue"),
        func.bit_or(_bit_of(region_number(ORDER.country)), type_=Integer()).label("regions"),
    )
    .where(counted(ORDER))
    .group_by(ORDER.customer_no)
    .cte("sums")
)
"""What was ordered by customer, a row of guests among them. ``regions``: a bit for each that was shipped to."""
_PERSON = customers_of_period(_SUMS, known_customers().subquery("known")).cte("person")
_GUESTS = _SUMS.c.customer_no.is_(None)
_COUNT = func.count(type_=BigInteger())


def _kinds() -> Any:
    """The customers by all that they have in common. There are few kinds, and parts are sums of them: so the customers,
    who may be a hundred thousand, are read once for all."""
    kinds = (
        is_new(_PERSON).label("is_new"),
        is_high_value(_PERSON).label("is_high_value"),
        is_at_risk(_PERSON).label("is_at_risk"),
        _PERSON.c.regions,
        _PERSON.c.channel_no,
    )
    names = ("orders", "revenue", "lifetime_revenue")
    sums = [_COUNT.label("customers"), *(sum_of(_PERSON.c[name]).label(name) for name in names)]
    return select(*kinds, *sums).group_by(*kinds).cte("kind")


_KIND = _kinds()


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
) -> Select[Any]:
    """A part of the report: what its rows are called, whether it was requested, and the columns that it has."""
    return (
        select(
            literal(name, KEY_TEXT).label("part"),
            cast(null() if key is None else key, KEY_TEXT).label("key"),
            cast(null() if step is None else step, Integer).label("step"),
            cast(_COUNT if customers is None else customers, BigInteger).label("customers"),
            cast(null() if new is None else new, BigInteger).label("new_customers"),
            sum_of(rows.c.orders).label("orders"),
            sum_of(rows.c.revenue).label("revenue"),
            cast(null() if lifetime is None else lifetime, BigInteger).label("lifetime_revenue"),
        )
        .select_from(rows)
        .where(is_wanted)
    )


def _wanted(name: str) -> ColumnElement[bool]:
    return bindparam(f"with_{name}", type_=Boolean())


def _of_kinds(
    name: str, is_wanted: ColumnElement[bool], condition: ColumnElement[bool], key: Any = None
) -> Select[Any]:
    customers, lifetime = sum_of(_KIND.c.customers), sum_of(_KIND.c.lifetime_revenue)
    new = sum_of(case((_KIND.c.is_new, _KIND.c.customers)))
    return _part(name, is_wanted, _KIND, customers=customers, key=key, new=new, lifetime=lifetime).where(condition)


def _segment(segment: CustomerSegment, condition: ColumnElement[bool]) -> Select[Any]:
    return _of_kinds(segment.value, _wanted("segments"), condition)


def _at_risk() -> Select[Any]:
    """Those without an order in the period too."""
    known = known_customers().subquery("known_at_risk")
    of_all = select(_COUNT.label("customers"), sum_of(known.c.revenue).label("lifetime")).where(
        _wanted("segments"), is_at_risk(known)
    )
    row = of_all.cte("at_risk").prefix_with("MATERIALIZED", dialect="postgresql")
    people, lifetime = (select(value).scalar_subquery() for value in (row.c.customers, row.c.lifetime))
    name = CustomerSegment.AT_RISK.value
    return _part(name, _wanted("segments"), _KIND, customers=people, lifetime=lifetime).where(_KIND.c.is_at_risk)


def _regions() -> Select[Any]:
    """The customers of each, however many of its countries they have. What they ordered follows from the countries."""
    numbers = func.generate_series(0, len(REGION_NUMBERS) - 1).table_valued(column("no", Integer))
    region = numbers.render_derived("region")
    found = _part("region", _wanted("geography"), _KIND, customers=sum_of(_KIND.c.customers), step=region.c.no)
    return found.join(region, _KIND.c.regions.op("&")(_bit_of(region.c.no)) != 0).group_by(region.c.no)


def _channels() -> Select[Any]:
    channel = SaleChannel.__table__
    found = _of_kinds("channel", _wanted("channels"), true(), key=channel.c.channel)
    is_of_kind = and_(channel.c.store_id == STORE, channel.c.no == _KIND.c.channel_no)
    return found.outerjoin(channel, is_of_kind).group_by(channel.c.channel)


def _cohorts() -> Select[Any]:
    """By the month of the first order (``key``) and the month of others (``step``). Before the first month: 0."""
    cohort = func.width_bucket(_PERSON.c.first_at, STEPS, type_=Integer())
    month = func.width_bucket(ORDER.at, STEPS, type_=Integer())
    return (
        select(
            literal("cohort", KEY_TEXT),
            cast(cohort, KEY_TEXT),
            month,
            func.count(ORDER.customer_no.distinct()),
            cast(null(), BigInteger),
            _COUNT,
            sum_of(revenue_of(ORDER)),
            cast(null(), BigInteger),
        )
        .select_from(SaleOrder.__table__.join(_PERSON, _PERSON.c.customer_no == ORDER.customer_no))
        .where(_wanted("cohorts"), counted(ORDER), is_new(_PERSON), cohort > 0)
        .group_by(cohort, month)
    )


def _all_parts() -> Select[Any]:
    parts = union_all(
        _of_kinds("customers", true(), true()),
        _part(CustomerSegment.GUEST.value, true(), _SUMS, customers=literal(0, BigInteger)).where(_GUESTS),
        _segment(CustomerSegment.NEW, _KIND.c.is_new),
        _segment(CustomerSegment.RETURNING, ~_KIND.c.is_new),
        _segment(CustomerSegment.HIGH_VALUE, _KIND.c.is_high_value),
        _at_risk(),
        _regions(),
        _channels(),
        _cohorts(),
    ).subquery("parts")
    return select(*parts.c)


PARTS = Statement("customers_by_part", _all_parts)
"""The rows of the requested parts of a customer report. ``steps``: the beginnings of the months of cohorts."""


def _countries() -> Select[Any]:
    """An index has all of it, so the orders are read again: sums by customer and country, from which those by customer
    would follow, are nearly as many as the orders."""
    sums = sum_of(revenue_of(ORDER)).label("revenue")
    people = func.count(ORDER.customer_no.distinct()).label("customers")
    found = select(ORDER.country, people, func.count().label("orders"), sums)
    return found.where(counted(ORDER)).group_by(ORDER.country)


COUNTRIES = Statement("customers_by_country", _countries)
"""What was shipped to each country."""


def _lifetime_value() -> Select[Any]:
    known = known_customers().subquery("known")
    return select(
        _COUNT.label("customers"), sum_of(known.c.orders).label("orders"), sum_of(known.c.revenue).label("revenue")
    ).select_from(known)


def _best_customers() -> Select[Any]:
    """Ids and names are looked up for the page alone, and for those who are level with its last."""
    known = known_customers().subquery("known")
    best = (
        select(known)
        .order_by(known.c.revenue.desc(), known.c.orders.desc())
        .fetch(LIMIT + OFFSET, with_ties=True)
        .subquery("best")
    )
    number, customer = SaleCustomer.__table__, customers.Customer.__table__
    name = func.nullif(func.concat_ws(" ", customer.c.first_name, customer.c.last_name), "")
    columns = (best.c.orders, best.c.revenue, best.c.first_at, best.c.last_at)
    return (
        select(number.c.customer_id.label("id"), *columns, name.label("name"))
        .select_from(best)
        .join(number, and_(number.c.store_id == STORE, number.c.no == best.c.customer_no))
        .outerjoin(customer, and_(customer.c.store_id == STORE, customer.c.id == number.c.customer_id))
        .order_by(best.c.revenue.desc(), best.c.orders.desc(), number.c.customer_id.asc())
        .limit(LIMIT)
        .offset(OFFSET)
    )


LIFETIME_VALUE = Statement("customers_lifetime_value", _lifetime_value)
BEST_CUSTOMERS = Statement("customers_by_lifetime_value", _best_customers)
