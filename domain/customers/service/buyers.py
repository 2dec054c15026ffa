"""Customers as orders see them: who buys, how they are written to, and where things go unless an order says so."""

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
    """A customer who may order."""

    id: str
    email: str
    shipping_address: dict[str, Any] | None
    """Their default one, as an address is stored; None without one."""
    billing_address: dict[str, Any] | None


_WANTED = any_(bindparam("wanted", type_=ARRAY(Text)))
_customer, _address = Customer.__table__.c, CustomerAddress.__table__.c
_BUYERS = Statement(
    "buyers",
    select(_customer.id, _customer.email, _customer.status, _customer.default_shipping_id, _customer.default_billing_id)
    .where(_customer.store_id == STORE, _customer.id == _WANTED)
    .order_by(_customer.id)
    .with_for_update(read=True),
)
_ADDRESSES = Statement(
    "default_addresses",
    select(_address.id, *(_address[name] for name in ADDRESS_FIELDS)).where(
        _address.store_id == STORE, _address.id == _WANTED
    ),
)


async def find_buyer(work: UnitOfWork, customer_id: str, path: Path) -> Buyer:
    """The customer, kept from being erased until the transaction ends. ``path``: where the command names them.

    Lock them before their orders and drafts, as erasing does. Raises as ``find_buyers``.
    """
    return (await find_buyers(work, [customer_id], path))[customer_id]


async def find_buyers(work: UnitOfWork, customer_ids: Collection[str], path: Path) -> Mapping[str, Buyer]:
    """The customers by id, kept from being erased until the transaction ends; one statement, or two where they have
    default addresses.

    Raises ValidationFailed (no such customer, or erased), Conflict (archived).
    """
    wanted = sorted(set(customer_ids))
    rows = await _BUYERS.rows(work.reader, wanted=wanted) if wanted else []
    known = {row.id for row in rows if row.status != CustomerStatus.ERASED}
    if len(known) < len(wanted):
        raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "No customer with this id exists in the store.")
    if any(row.status == CustomerStatus.ARCHIVED for row in rows):
        raise Conflict(
            "The customer is archived. Set the status to `active` first.", ErrorCode.ILLEGAL_TRANSITION, path
        )
    for id in wanted:
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
    found = await _ADDRESSES.rows(work.reader, wanted=sorted(ids))
    return {row.id: {name: getattr(row, name) for name in ADDRESS_FIELDS} for row in found}
