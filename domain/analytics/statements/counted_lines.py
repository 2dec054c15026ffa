"""What a report counts: the lines, or the orders, of a period that are not cancelled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, and_, bindparam, cast, func, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY

from domain.analytics.countries import UNKNOWN_REGION
from domain.analytics.model import SaleLine, SaleOrder
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import INSTANT

LINE, ORDER = SaleLine.__table__.c, SaleOrder.__table__.c
START, END = bindparam("start", type_=INSTANT), bindparam("end", type_=INSTANT)
STEPS = bindparam("steps", type_=ARRAY(INSTANT))
PAID_ONLY = bindparam("paid_only", type_=Boolean())
LIMIT, OFFSET = bindparam("limit", type_=BigInteger()), bindparam("offset", type_=BigInteger())
REGIONS = bindparam("regions", type_=LargeBinary())
"""The number of the region of each country, by its number: a byte each."""


def counted(fact: Any) -> Any:
    """Whether a fact, a line or an order, is counted."""
    return and_(fact.store_id == STORE, fact.at >= START, fact.at < END, ~fact.cancelled, or_(fact.paid, ~PAID_ONLY))


def revenue_of(fact: Any) -> Any:
    """The revenue of a line or an order."""
    return fact.net - fact.refunded


def sum_of(value: Any) -> Any:
    """A sum as a bigint, 0 of nothing."""
    return func.coalesce(sum_or_null(value), 0, type_=BigInteger())


def sum_or_null(value: Any) -> Any:
    """A sum as a bigint, null of nothing. PostgreSQL's own is numeric, which takes half as long again."""
    return func.bigint_sum(value, type_=BigInteger())


def region_number(country: Any) -> Any:
    """The number of the region of a country by its number."""
    known = func.get_byte(REGIONS, cast(country, Integer), type_=Integer())
    return func.coalesce(known, literal(UNKNOWN_REGION, Integer), type_=Integer())
