"""Customers and their addresses as REST returns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, cast

from domain import customers, data_export, orders
from domain.customers.serializers import (
    CustomerDocument,
    serialize_customer,
    serialize_customer_address,
)
from domain.kernel.errors import NotFound
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.serialization import FieldDoc
from domain.kernel.sql.executor import Executor, Row
from domain.orders.serializers import OrderSummaryDocument, serialize_summary
from rest_compat.endpoint import ROOT, Representation

Ids = Mapping[str, str]
reads = customers.reads


class CustomerProfileDocument(CustomerDocument):
    """A customer with its addresses and order totals."""

    order_summary: NotRequired[
        Annotated[
            OrderSummaryDocument,
            FieldDoc(
                description="Totals of the customer's orders, without cancelled orders. Requires `orders:read`.",
                read_only=True,
                versioned=False,
            ),
        ]
    ]


async def describe_customers(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[CustomerProfileDocument]:
    """Build the documents of customers: one statement for all addresses and one for all order summaries."""
    ids = [row.id for row in rows]
    addresses = await reads.addresses_by_customer.for_keys(db, ids)
    summaries: Sequence[Row | None] = [None] * len(ids)
    shown = principal.has_scope(orders.reads.SCOPE)
    if shown:
        summaries = await orders.reads.summary_by_customer.for_keys(db, ids)
    return [
        _profile(serialize_customer(row, own), summary or orders.reads.NO_ORDERS if shown else None)
        for row, own, summary in zip(rows, addresses, summaries, strict=True)
    ]


def _profile(document: CustomerDocument, summary: Row | None) -> CustomerProfileDocument:
    more = {} if summary is None else {"order_summary": serialize_summary(summary)}
    return cast(CustomerProfileDocument, {**document, **more})


async def within_customer(db: Executor, principal: Principal, ids: Ids) -> dict[str, str]:
    """The order filter that the path sets."""
    return {"customer_id": (await _find(db, ids["id"])).id}


async def fetch_customer(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the customer with this id, else with this e-mail address."""
    row = await _find(db, ids["id"])
    (document,) = await describe_customers(db, principal, [row])
    return Representation(document, row.version, f"{ROOT}/customers/{row.id}")


async def fetch_addresses(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the addresses of a customer, oldest first."""
    customer = await _find(db, ids["id"])
    rows = await reads.addresses_by_customer.for_key(db, customer.id)
    return Representation({"data": [serialize_customer_address(row) for row in rows]}, customer.version)


async def fetch_address(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one address of a customer."""
    customer = await _find(db, ids["id"])
    row = await reads.address_by_id.for_key(db, ids["address_id"])
    if row is None or row.customer_id != customer.id:
        raise NotFound("address")
    location = f"{ROOT}/customers/{customer.id}/addresses/{row.id}"
    return Representation(serialize_customer_address(row), customer.version, location)


async def fetch_export(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the export of all data stored about a customer."""
    document = await data_export.export_customer_data(db, principal, ids["id"])
    if document is None:
        raise NotFound("customer")
    return Representation(document, document["customer"]["version"])


async def represent_customer(db: Executor, principal: Principal, customer: Any) -> Representation:
    """Represent a customer after a write."""
    return await fetch_customer(db, principal, {"id": customer.id})


async def represent_address(db: Executor, principal: Principal, address: Any) -> Representation:
    """Represent an address after a write."""
    return await fetch_address(db, principal, {"id": address.customer_id, "address_id": address.id})


async def _find(db: Executor, key: str) -> Row:
    row = await reads.customer_by_id.for_key(db, key) if is_id("cust", key) else None
    row = row or await reads.customer_by_email.for_key(db, customers.email_key(key))
    if row is None:
        raise NotFound("customer")
    return row
