"""Customers as orders see them: who buys."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from domain.customers.model import Customer, CustomerStatus
from domain.kernel.errors import Conflict, ErrorCode, Path, ValidationFailed
from domain.kernel.reads import STORE
from domain.kernel.statements import Statement
from domain.kernel.tables import KEY_TEXT
from domain.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer who may order."""

    id: str
    email: str


_customer = Customer.__table__.c
_BUYER = Statement(
    "buyer",
    select(_customer.id, _customer.email, _customer.status)
    .where(_customer.store_id == STORE, _customer.id == bindparam("id", type_=KEY_TEXT))
    .with_for_update(read=True),
)


async def find_buyer(work: Work, customer_id: str, path: Path) -> Buyer:
    """The customer, kept from being erased until the transaction ends. ``path``: where the command names them.

    Raises ValidationFailed (no such customer, or erased), Conflict (archived).
    """
    row = next(iter(await _BUYER.rows(work.reader, id=customer_id)), None)
    if row is None or row.status == CustomerStatus.ERASED:
        raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "There is no such customer in the store.")
    if row.status == CustomerStatus.ARCHIVED:
        raise Conflict("The customer is archived.", ErrorCode.ILLEGAL_TRANSITION, path)
    work.concerns(row.id)
    return Buyer(row.id, row.email)
