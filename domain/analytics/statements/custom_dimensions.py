"""The dimensions of custom reports: what facts are grouped and filtered by, and the names of the groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, and_, bindparam, cast, func, null, select

from domain import catalog, customers
from domain.analytics.commands.custom import ReportDimension
from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.model import SaleCategory, SaleChannel, SaleCustomer, SaleProduct
from domain.analytics.statements.counted_lines import ORDER, STEPS, counted, region_number, revenue_of, sum_of
from domain.analytics.statements.segments import (
    by_customer,
    channel_number,
    customers_of_period,
    known_customers,
    number_of,
    segment_number,
)
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT


def _with_product(source: Any, number: Any) -> tuple[Any, Any, Any]:
    known, product = SaleProduct.__table__.alias("known_product"), catalog.Product.__table__
    joined = source.join(known, and_(known.c.store_id == STORE, known.c.no == number)).outerjoin(
        product, and_(product.c.store_id == STORE, product.c.id == known.c.product_id)
    )
    return joined, known.c.product_id, product.c.name


def _with_category(source: Any, number: Any) -> tuple[Any, Any, Any]:
    known, category = SaleCategory.__table__.alias("known_category"), catalog.Category.__table__
    joined = source.outerjoin(known, and_(known.c.store_id == STORE, known.c.no == number)).outerjoin(
        category, and_(category.c.store_id == STORE, category.c.id == known.c.category_id)
    )
    return joined, known.c.category_id, category.c.name


def _with_customer(source: Any, number: Any) -> tuple[Any, Any, Any]:
    known, customer = SaleCustomer.__table__.alias("known_customer"), customers.Customer.__table__
    joined = source.outerjoin(known, and_(known.c.store_id == STORE, known.c.no == number)).outerjoin(
        customer, and_(customer.c.store_id == STORE, customer.c.id == known.c.customer_id)
    )
    name = func.nullif(func.concat_ws(" ", customer.c.first_name, customer.c.last_name), "")
    return joined, known.c.customer_id, name


def _with_channel(source: Any, number: Any) -> tuple[Any, Any, Any]:
    known = SaleChannel.__table__.alias("known_channel")
    joined = source.outerjoin(known, and_(known.c.store_id == STORE, known.c.no == number))
    return joined, known.c.channel, cast(null(), KEY_TEXT)


NAMED = {
    ReportDimension.PRODUCT: _with_product,
    ReportDimension.PRODUCT_CATEGORY: _with_category,
    ReportDimension.CUSTOMER: _with_customer,
    ReportDimension.CHANNEL: _with_channel,
}
"""The dimensions that are grouped by numbers: what joins their values, and returns the id and the name."""


def _segments() -> Any:
    """The segments of customers, which follow from all orders of the days, whatever is filtered. Guests have none."""
    sums = (
        select(ORDER.customer_no, func.count().label("orders"), sum_of(revenue_of(ORDER)).label("revenue"))
        .where(counted(ORDER))
        .group_by(ORDER.customer_no)
    ).cte("sums_by_customer")
    person = customers_of_period(sums, known_customers().subquery("known")).subquery("person")
    return by_customer("segments", person.c.customer_no, segment_number(person))


_SEGMENTS = _segments()


def _segment(fact: Any) -> Any:
    return func.coalesce(_SEGMENTS[fact.customer_no], number_of(CustomerSegment.GUEST), type_=Integer())


def group_key(dimension: ReportDimension, fact: Any) -> Any:
    """What the facts are grouped by: a number."""
    match dimension:
        case ReportDimension.PRODUCT:
            return fact.product_no
        case ReportDimension.PRODUCT_CATEGORY:
            return fact.category_no
        case ReportDimension.CUSTOMER:
            return fact.customer_no
        case ReportDimension.CUSTOMER_SEGMENT:
            return _segment(fact)
        case ReportDimension.REGION:
            return region_number(fact.country)
        case ReportDimension.COUNTRY:
            return fact.country
        case ReportDimension.CHANNEL:
            return channel_number(fact)
    return func.width_bucket(fact.at, STEPS, type_=Integer())


def condition(name: str, fact: Any) -> Any:
    """The condition of a filter, whose value is the parameter of its name."""
    text, number = bindparam(name, type_=KEY_TEXT), bindparam(name, type_=Integer())
    match name:
        case "product":
            return fact.product_no == _number(SaleProduct.__table__, "product_id", text)
        case "product_category":
            return fact.category_no == _number(SaleCategory.__table__, "category_id", text)
        case "customer":
            return fact.customer_no == _number(SaleCustomer.__table__, "customer_id", text)
        case "customer_segment":
            return _segment(fact) == number
        case "region":
            return region_number(fact.country) == number
        case "country":
            return fact.country == number
        case "channel":
            return channel_number(fact) == _number(SaleChannel.__table__, "channel", text)
    raise LookupError(name)


def _number(table: Any, column: str, value: Any) -> Any:
    """The number of an id."""
    known = table.alias(f"named_{table.name}")
    return select(known.c.no).where(known.c.store_id == STORE, known.c[column] == value).scalar_subquery()
