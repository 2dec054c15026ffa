"""E-mail addresses are unique in a store, whatever the case: the index decides, and who comes late is told so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from domain.customers.model import Customer
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_INDEX = "customer_email_key"


async def insert_customers(work: UnitOfWork, customers: Sequence[Customer]) -> None:
    """Insert them with one statement. Raises Conflict when an address is taken, or given twice."""
    if not customers:
        return
    columns = [attribute for attribute in Customer.__mapper__.column_attrs if attribute.key != "store_id"]
    rows: list[dict[str, Any]] = [
        {"store_id": work.store.number, **{column.key: getattr(customer, column.key) for column in columns}}
        for customer in customers
    ]
    rows.sort(key=lambda row: row["email_key"])  # one order for everybody, so that two writers cannot block each other
    claim = insert(Customer).on_conflict_do_nothing(index_elements=["store_id", "email_key"])
    inserted = (await work.session.scalars(claim.returning(Customer.id), rows)).all()
    if len(inserted) < len(rows):
        raise _taken()


async def change_email(work: UnitOfWork, customer: Customer, email: str) -> None:
    """Give a customer another address. Raises Conflict when it is taken."""
    before = customer.email_key
    customer.set_email(email)
    if customer.email_key == before:
        return
    # Both addresses in one order, so that two customers who exchange theirs do not wait for each other in a circle.
    for key in sorted((before, customer.email_key)):
        name = func.hashtextextended(f"customer_email/{work.store.number}/{key}", 0)
        await work.session.execute(select(func.pg_advisory_xact_lock(name)))
    try:
        async with work.session.begin_nested():
            await work.session.flush()
    except IntegrityError as error:
        if _INDEX not in str(error.orig):
            raise
        raise _taken() from None


def _taken() -> Conflict:
    return Conflict("Another customer already uses this e-mail address.", ErrorCode.TAKEN, ("email",))
