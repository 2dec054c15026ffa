"""Writes of e-mail addresses, which are unique in a store ignoring case. The unique index decides."""

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
    """Insert customers with one statement. Raises Conflict if an e-mail address is in use or occurs twice."""
    if not customers:
        return
    columns = [attribute for attribute in Customer.__mapper__.column_attrs if attribute.key != "store_id"]
    rows: list[dict[str, Any]] = [
        {"store_id": work.store.number, **{column.key: getattr(customer, column.key) for column in columns}}
        for customer in customers
    ]
    rows.sort(key=lambda row: row["email_key"])  # one order for all writers: two cannot deadlock
    statement = insert(Customer).on_conflict_do_nothing(index_elements=["store_id", "email_key"])
    inserted = (await work.session.scalars(statement.returning(Customer.id), rows)).all()
    if len(inserted) < len(rows):
        raise _email_in_use()


async def change_email(work: UnitOfWork, customer: Customer, email: str) -> None:
    """Change the e-mail address of a customer. Raises Conflict if it is in use."""
    before = customer.email_key
    customer.set_email(email)
    if customer.email_key == before:
        return
    # Both keys are locked in sorted order, so that two customers who swap addresses do not deadlock.
    for key in sorted((before, customer.email_key)):
        name = func.hashtextextended(f"customer_email/{work.store.number}/{key}", 0)
        await work.session.execute(select(func.pg_advisory_xact_lock(name)))
    try:
        async with work.session.begin_nested():
            await work.session.flush()
    except IntegrityError as error:
        if _INDEX not in str(error.orig):
            raise
        raise _email_in_use() from None


def _email_in_use() -> Conflict:
    return Conflict("Another customer already uses this e-mail address.", ErrorCode.TAKEN, ("email",))
