"""Snapshots of customers: written to the event log, and turned back into rows and documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB

from domain.customers import reads
from domain.customers.model import Customer, CustomerAddress
from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.reads.stored_rows import OwnedItems, StoredRows, members_of

_ADDRESS = StoredRows(members_of(reads.addresses_by_customer))
CUSTOMER = StoredRows(
    members_of(reads.customer_by_id, addresses=JSONB()),
    owned={reads.addresses_by_customer: OwnedItems("addresses", _ADDRESS)},
)
"""Snapshots of customers."""


def customer_snapshot(customer: Customer) -> dict[str, Any]:
    """Build the snapshot of a customer with its addresses; times in ISO 8601. Orders belong to another area."""
    return {
        "id": customer.id,
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone": customer.phone,
        "phone_e164": customer.phone_e164,
        "tags": list(customer.tags),
        "metadata": customer.metadata_,
        "acquisition_channel": customer.acquisition_channel,
        "status": str(customer.status),
        "default_shipping_id": customer.default_shipping_id,
        "default_billing_id": customer.default_billing_id,
        "addresses": [_address(customer, address) for address in customer.addresses],
        "archived_at": _iso(customer.archived_at),
        "erased_at": _iso(customer.erased_at),
        "version": customer.version,
        "created_at": customer.created_at.isoformat(),
        "updated_at": customer.updated_at.isoformat(),
    }


def _address(customer: Customer, address: CustomerAddress) -> dict[str, Any]:
    return {
        "id": address.id,
        "customer_id": customer.id,
        **address.address.stored(),
        "default_shipping": address.id == customer.default_shipping_id,
        "default_billing": address.id == customer.default_billing_id,
        "created_at": address.created_at.isoformat(),
        "updated_at": address.updated_at.isoformat(),
    }


def customer_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Turn a snapshot into a row that owns the addresses of that time."""
    customer = snapshot_row(CUSTOMER.complete(snapshot))
    addresses = [snapshot_row(_ADDRESS.complete(address)) for address in snapshot["addresses"]]
    customer.owned = {reads.addresses_by_customer: addresses}
    return customer


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
