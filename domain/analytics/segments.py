"""Segments of customers: the conditions, as statements see them.

``new``: the first order is in the period; ``returning``: there was one before. ``high_value``: the first fifth, rounded
up, of the customers of the period by their revenue in it. ``at_risk``: no order for 90 days, as of now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, func, literal, or_, select

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


def customer_channels() -> Select[Any]:
    """The id and the channel of each customer who has a number.

    To be materialized where it is joined with sums: the planner takes these for a few rows, and would look each up.
    """
    number, customer = SaleCustomer.__table__, customers.Customer.__table__
    return (
        select(number.c.no.label("customer_no"), number.c.customer_id, customer.c.acquisition_channel.label("channel"))
        .select_from(number)
        .outerjoin(customer, and_(customer.c.store_id == STORE, customer.c.id == number.c.customer_id))
        .where(number.c.store_id == STORE)
    )


def customers_of_period(sums: Any, known: Any) -> Select[Any]:
    """The customers of a period, with their rank by revenue and the number of them all, and their channel.

    ``sums``: the rows ``customer_no``, ``orders``, ``revenue`` of the period; ``known``: those of ``known_customers``.
    """
    number = customer_channels().cte("numbered").prefix_with("MATERIALIZED", dialect="postgresql")
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
