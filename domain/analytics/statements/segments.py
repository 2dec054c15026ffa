"""Segments of customers: the conditions, as statements see them.

``new``: the first order is in the period; ``returning``: there was one before. ``high_value``: the first fifth, rounded
up, of the customers of the period by their revenue in it. ``at_risk``: no order for 90 days, as of now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.model import CustomerSales, SaleCustomer
from domain.analytics.statements.counted_lines import PAID_ONLY, START
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import INSTANT

AT_RISK_AFTER = timedelta(days=90)
HIGH_VALUE_SHARE = 5
"""One of so many customers."""
QUIET_SINCE = bindparam("quiet_since", type_=INSTANT)
"""Whose last order was not later is at risk."""

_bought = CustomerSales.__table__.c


def known_customers() -> Select[Any]:
    """Each customer with an order that counts: their number and channel, and over all time their orders and revenue,
    the first and the last order."""
    revenue = (_bought.net - _bought.refunded).label("revenue")
    columns = (_bought.customer_no, _bought.channel_no, _bought.orders, revenue, _bought.first_at, _bought.last_at)
    return select(*columns).where(_bought.store_id == STORE, _bought.paid_only == PAID_ONLY)


def by_customer(name: str, customer_no: Any, value: Any) -> Any:
    """Numbers of customers as an array whose index is the number of the customer; 0 for those without one.

    Rows joined with a CTE have no statistics: the planner takes a hundred thousand customers for two hundred, and built
    a hash of all lines of a year, with all guests in one place of it (two minutes). An array needs no join. It has no
    nulls, since reading one that has them takes longer the higher the index.
    """
    number = SaleCustomer.__table__.c
    last = select(func.max(number.no)).where(number.store_id == STORE).scalar_subquery()
    numbers = func.generate_series(1, last).table_valued(column("no", Integer)).render_derived("numbers")
    of_all = numbers.outerjoin(customer_no.table, customer_no == numbers.c.no)
    listed = func.array_agg(aggregate_order_by(func.coalesce(value, 0), numbers.c.no), type_=ARRAY(Integer))
    row = select(listed.label("list")).select_from(of_all).cte(name).prefix_with("MATERIALIZED", dialect="postgresql")
    return select(row.c.list).scalar_subquery()


def _channel_numbers() -> Any:
    person = SaleCustomer.__table__.alias("person")
    numbers = select(person.c.no, person.c.channel_no).where(person.c.store_id == STORE).subquery("people")
    return by_customer("channel_numbers", numbers.c.no, numbers.c.channel_no)


_CHANNEL_NUMBERS = _channel_numbers()


def channel_number(fact: Any) -> Any:
    """The number of the channel of the customer of an order or a line, 0 where it is not known, as of guests."""
    return func.coalesce(_CHANNEL_NUMBERS[fact.customer_no], 0, type_=Integer())


def customers_of_period(sums: Any, known: Any) -> Select[Any]:
    """The customers of a period: their sums in it and over all time, and whether they are of high value.

    ``sums``: a CTE of the rows ``customer_no``, ``orders``, ``revenue`` of the period, one of them of guests;
    ``known``: the rows of ``known_customers``.
    """
    return select(
        *sums.c,
        known.c.revenue.label("lifetime_revenue"),
        known.c.first_at,
        known.c.last_at,
        known.c.channel_no,
        _is_high_value(sums).label("is_high_value"),
    ).select_from(sums.join(known, known.c.customer_no == sums.c.customer_no))


def _is_high_value(sums: Any) -> Any:
    """Whether a customer is among the first fifth, rounded up. Of those level with its last the ids decide: they are
    read of these alone, since a sort of all customers by revenue and id takes as long as summing their orders."""
    revenue, number = sums.c.revenue, SaleCustomer.__table__.alias("level")
    is_person = sums.c.customer_no.is_not(None)
    share = (func.count() + HIGH_VALUE_SHARE - 1) // HIGH_VALUE_SHARE
    wanted = _single("high_value_count", select(share.label("value")).select_from(sums).where(is_person))
    last = select(revenue.label("value")).where(is_person).order_by(revenue.desc())
    lowest = _single("high_value_lowest", last.offset(func.greatest(wanted - 1, 0)).limit(1))
    above = select(func.count()).select_from(sums).where(is_person, revenue > lowest).scalar_subquery()
    level = (
        select(sums.c.customer_no)
        .join(number, and_(number.c.store_id == STORE, number.c.no == sums.c.customer_no))
        .where(revenue == lowest)
        .order_by(number.c.customer_id)
        .limit(wanted - above)
    )
    return or_(revenue > lowest, and_(revenue == lowest, sums.c.customer_no.in_(level)))


def _single(name: str, value: Select[Any]) -> Any:
    """A value that is worked out once for all places that name it."""
    row = value.cte(name).prefix_with("MATERIALIZED", dialect="postgresql")
    return select(row.c.value).scalar_subquery()


def is_new(person: Any) -> Any:
    """Whether the first order of a customer of the period is in it."""
    return person.c.first_at >= START


def is_high_value(person: Any) -> Any:
    """Whether a customer of the period is among the first fifth by revenue."""
    return person.c.is_high_value


def is_at_risk(person: Any) -> Any:
    """Whether the last order is 90 days ago or more."""
    return person.c.last_at <= QUIET_SINCE


SEGMENT_NUMBERS = tuple(sorted(CustomerSegment))
"""The segments by number, from 0, in the order of their names: rows are grouped by numbers faster than by texts."""


def segment_number(person: Any) -> Any:
    """The number of the one segment of a customer of the period, where there can only be one."""
    return case(
        (is_at_risk(person), number_of(CustomerSegment.AT_RISK)),
        (is_high_value(person), number_of(CustomerSegment.HIGH_VALUE)),
        (is_new(person), number_of(CustomerSegment.NEW)),
        else_=number_of(CustomerSegment.RETURNING),
    )


def number_of(segment: CustomerSegment) -> Any:
    """The number of a segment, in a statement."""
    return literal(SEGMENT_NUMBERS.index(segment), Integer)
