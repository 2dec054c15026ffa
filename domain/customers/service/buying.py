"""Customers as orders see them: who buys."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from domain.customers.model import Customer, CustomerStatus
from domain.kernel.errors import Conflict, ErrorCode, Path, ValidationFailed
from domain.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer who may order."""

    id: str
    email: str


async def find_buyer(work: Work, customer_id: str, path: Path) -> Buyer:
    """The customer, kept from being erased until the transaction ends. ``path``: where the command names them.

    Raises ValidationFailed (no such customer, or erased), Conflict (archived).
    """
    statement = (
        select(Customer.id, Customer.email, Customer.status)
        .where(Customer.store_id == work.store.number, Customer.id == customer_id)
        .with_for_update(read=True)
    )
    row = (await work.session.execute(statement)).one_or_none()
    if row is None or row.status == CustomerStatus.ERASED:
        raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "There is no such customer in the store.")
    if row.status == CustomerStatus.ARCHIVED:
        raise Conflict("The customer is archived.", ErrorCode.ILLEGAL_TRANSITION, path)
    work.concerns(row.id)
    return Buyer(row.id, row.email)
