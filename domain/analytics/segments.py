"""Segments of customers: the conditions, as statements see them.

``new``: the first order is in the period; ``returning``: there was one before. ``high_value``: the first fifth, rounded
up, of the customers of the period by their revenue in it. ``at_risk``: no order for 90 days, as of now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, cast, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from domain import customers
from domain.analytics.counted_lines import PAID_ONLY, START, sum_of
from domain.analytics.customer_commands import CustomerSegment
from domain.analytics.model import CustomerSales, SaleCustomer
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import INSTANT

AT_RISK_AFTER = timedelta(days=90)
HIGH_VALUE_SHARE = 5
"""One of so many customers."""
QUIET_SINCE = bindparam("quiet_since", type_=INSTANT)
"""Whose last order was not later is at risk."""

_bought = CustomerSales.__table__.c


def known_customers() -> Select[Any]:
    """Each customer with an order that counts: their number, orders and revenue over all time, first and last order."""
    return (
        select(
            _bought.customer_no,
            sum_of(_bought.orders).label("orders"),
            sum_of(_bought.net - _bought.refunded).label("revenue"),
            func.min(_bought.first_at, type_=INSTANT).label("first_at"),
            func.max(_bought.last_at, type_=INSTANT).label("last_at"),
        )
        .where(_bought.store_id == STORE, or_(_bought.paid, ~PAID_ONLY))
        .group_by(_bought.customer_no)
    )


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


def _channels() -> Any:
    """The channels of acquisition, with numbers from 1."""
    channel = customers.Customer.__table__.c.acquisition_channel
    known = select(channel).where(customers.Customer.__table__.c.store_id == STORE, channel.is_not(None)).distinct()
    found = known.subquery("known_channels")
    number = func.row_number().over(order_by=found.c.acquisition_channel)
    numbered = select(found.c.acquisition_channel.label("channel"), cast(number, Integer).label("channel_no"))
    return numbered.cte("channels").prefix_with("MATERIALIZED", dialect="postgresql")


CHANNELS = _channels()


def _channel_numbers() -> Any:
    number, customer = SaleCustomer.__table__, customers.Customer.__table__
    people = (
        select(number.c.no.label("customer_no"), CHANNELS.c.channel_no)
        .join(customer, and_(customer.c.store_id == STORE, customer.c.id == number.c.customer_id))
        .join(CHANNELS, CHANNELS.c.channel == customer.c.acquisition_channel)
        .where(number.c.store_id == STORE)
    ).subquery("people")
    return by_customer("channel_numbers", people.c.customer_no, people.c.channel_no)


_CHANNEL_NUMBERS = _channel_numbers()


def channel_number(fact: Any) -> Any:
    """The number of the channel of the customer of an order or a line, 0 where it is not known, as of guests."""
    return func.coalesce(_CHANNEL_NUMBERS[fact.customer_no], 0, type_=Integer())


def customers_of_period(sums: Any, known: Any) -> Select[Any]:
    """The customers of a period, with their rank by revenue and the number of them all, and their channel.

    ``sums``: the rows ``customer_no``, ``orders``, ``revenue`` of the period; ``known``: those of ``known_customers``.
    """
    number = _identified_customers()
    by_revenue = (sums.c.revenue.desc(), number.c.customer_id.asc())
    return (
        select(
            sums.c.customer_no,
            sums.c.orders,
            sums.c.revenue,
            known.c.revenue.label("lifetime_revenue"),
            known.c.first_at,
            known.c.last_at,
            number.c.channel,
            func.row_number().over(order_by=by_revenue).label("rank"),
            func.count().over().label("customers"),
        )
        .select_from(sums)
        .join(known, known.c.customer_no == sums.c.customer_no)
        .join(number, number.c.customer_no == sums.c.customer_no)
    )


def _identified_customers() -> Any:
    """The id and the channel of each customer who has a number.

    Materialized, because it is joined with sums: the planner takes these for a few rows, and would look each up.
    """
    number, customer = SaleCustomer.__table__, customers.Customer.__table__
    known = (
        select(number.c.no.label("customer_no"), number.c.customer_id, customer.c.acquisition_channel.label("channel"))
        .select_from(number)
        .outerjoin(customer, and_(customer.c.store_id == STORE, customer.c.id == number.c.customer_id))
        .where(number.c.store_id == STORE)
    )
    return known.cte("numbered").prefix_with("MATERIALIZED", dialect="postgresql")


def is_new(person: Any) -> Any:
    """Whether the first order of a customer of the period is in it."""
    return person.c.first_at >= START


def is_high_value(person: Any) -> Any:
    """Whether a customer of the period is among the first fifth by revenue."""
    return person.c.rank <= (person.c.customers + HIGH_VALUE_SHARE - 1) // HIGH_VALUE_SHARE


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
