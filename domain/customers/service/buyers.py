"""Customers as buyers: the data that orders copy from a customer, locked against erasure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.customers.model import Customer, CustomerAddress, CustomerStatus
from domain.kernel.address import ADDRESS_FIELDS
from domain.kernel.errors import Conflict, ErrorCode, Path, ValidationFailed
from domain.kernel.sql.executor import Row
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer who is neither archived nor erased and may order."""

    id: str
    email: str
    shipping_address: dict[str, Any] | None
    """The default shipping address in its stored form; None if there is none."""
    billing_address: dict[str, Any] | None


_IDS = any_(bindparam("ids", type_=ARRAY(Text)))
_customer, _address = Customer.__table__.c, CustomerAddress.__table__.c
_BUYERS = Statement(
    "buyers",
    select(_customer.id, _customer.email, _customer.status, _customer.default_shipping_id, _customer.default_billing_id)
    .where(_customer.store_id == STORE, _customer.id == _IDS)
    .order_by(_customer.id)
    .with_for_update(read=True),
)
_ADDRESSES = Statement(
    "default_addresses",
    select(_address.id, *(_address[name] for name in ADDRESS_FIELDS)).where(
        _address.store_id == STORE, _address.id == _IDS
    ),
)


async def find_buyer(work: UnitOfWork, customer_id: str, path: Path) -> Buyer:
    """Fetch a buyer, locked against erasure until the transaction ends. ``path``: the field with the customer's id.

    Call it before locking orders and drafts of the customer, as erasure does. Raises as ``find_buyers``.
    """
    return (await find_buyers(work, [customer_id], path))[customer_id]


async def find_buyers(
    work: UnitOfWork, customer_ids: Collection[str], path: Path, *, also_archived: bool = False
) -> Mapping[str, Buyer]:
    """Fetch buyers by id, locked against erasure until the transaction ends.

    Takes one statement, or two if there are default addresses. ``also_archived``: for past orders.

    Raises ValidationFailed (no such customer, or erased), Conflict (archived).
    """
    sorted_ids = sorted(set(customer_ids))
    rows = await _BUYERS.rows(work.reader, ids=sorted_ids) if sorted_ids else []
    known = {row.id for row in rows if row.status != CustomerStatus.ERASED}
    if len(known) < len(sorted_ids):
        raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "No customer with this id exists in the store.")
    if not also_archived and any(row.status == CustomerStatus.ARCHIVED for row in rows):
        raise Conflict(
            "The customer is archived. Set the status to `active` first.", ErrorCode.ILLEGAL_TRANSITION, path
        )
    for id in sorted_ids:
        work.note_person(id)
    addresses = await _default_addresses(work, rows)
    return {
        row.id: Buyer(row.id, row.email, *map(addresses.get, (row.default_shipping_id, row.default_billing_id)))
        for row in rows
    }


async def _default_addresses(work: UnitOfWork, rows: Sequence[Row]) -> Mapping[str | None, dict[str, Any]]:
    ids = {id for row in rows for id in (row.default_shipping_id, row.default_billing_id) if id is not None}
    if not ids:
        return {}
    found = await _ADDRESSES.rows(work.reader, ids=sorted(ids))
    return {row.id: {name: getattr(row, name) for name in ADDRESS_FIELDS} for row in found}
