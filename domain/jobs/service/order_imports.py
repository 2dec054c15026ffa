"""Writes past orders, with the customers and products that the store does not have yet. No stock of sent ones moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain import catalog, customers, orders
from domain.catalog import ProductStatus
from domain.catalog.commands import CreateProduct
from domain.customers.commands import CreateCustomer, CustomerAddressInput
from domain.jobs.imports.customers import CHANNEL
from domain.jobs.imports.items import ImportItem, RowOutcome
from domain.kernel.address import ADDRESS_FIELDS
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold_key
from domain.orders import OrderKey, OrderSource, OrderStatus, PastLine, PastOrder
from domain.orders.commands import ImportOrder, ImportOrderItem

_SENT = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})
_WAY: Mapping[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING: (),
    OrderStatus.PROCESSING: (OrderStatus.PROCESSING,),
    OrderStatus.SHIPPED: (OrderStatus.PROCESSING, OrderStatus.SHIPPED),
    OrderStatus.DELIVERED: (OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED),
    OrderStatus.CANCELLED: (OrderStatus.CANCELLED,),
}
"""The statuses after ``pending``. A file has no times of them: all are those of the order."""


async def find_known_orders(work: UnitOfWork, items: Sequence[ImportItem], number: str, time: str) -> None:
    """Set the outcome of orders that were imported before, and refuse those that cannot be.

    ``number`` and ``time``: the columns to name. An order whose rows do not follow each other is seen by its second
    part: the first is imported already, in this batch or in one before.
    """
    known = await orders.find_imported_orders(work, {_key(item.command) for item in items})
    begun: dict[OrderKey, int] = {}
    for item in items:
        command, line = item.command, item.records[0].line
        key, stored = _key(command), known.get(_key(command))
        if key in begun or (stored is not None and stored.import_id == item.job_id):
            place = f"in line {begun[key]}" if key in begun else "above"
            message = f"The order {command.number} began {place} and was imported without this row. Sort the file."
            item.refuse(line, number, message)
        elif stored is not None:
            item.outcome, item.object_id = RowOutcome.UNCHANGED, stored.order_id
        elif command.created_at > work.now:
            item.refuse(line, time, "The time is in the future.")
        begun.setdefault(key, line)


async def write_orders(work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
    """One statement for each table, whatever the number of orders. Raises ValidationFailed, Conflict."""
    commands: list[ImportOrder] = [item.command for item in items]
    buyers = await _find_buyers(work, principal, commands)
    await _create_products(work, principal, [line for command in commands for line in command.items])
    past = [_past_order(item, buyers) for item in items]
    placed = await orders.import_orders(work, principal, past, books_sales=False, also_archived=True)
    for item, order in zip(items, placed, strict=True):
        item.outcome, item.object_id = RowOutcome.CREATED, order.id


def _key(command: ImportOrder) -> OrderKey:
    return command.source, command.number


async def _find_buyers(work: UnitOfWork, principal: Principal, commands: Sequence[ImportOrder]) -> Mapping[str, str]:
    """The ids of the customers by the keys of their e-mail addresses; who is not in the store is created, as of the
    first of these orders."""
    first: dict[str, ImportOrder] = {}
    for command in sorted(commands, key=lambda each: each.created_at):
        if command.email is not UNSET:
            first.setdefault(customers.email_key(command.email), command)
    keys = sorted(first)
    rows = await customers.reads.customer_by_email.for_keys(work.reader, keys) if keys else []
    found = {key: row.id for key, row in zip(keys, rows, strict=True) if row is not None}
    new = [key for key in keys if key not in found]
    if new:
        instants: list[datetime] = [first[key].created_at for key in new]
        made = await customers.create_customers(work, principal, [_customer(first[key]) for key in new], instants)
        found |= {key: customer.id for key, customer in zip(new, made, strict=True)}
    return found


def _customer(command: ImportOrder) -> CreateCustomer:
    addresses: tuple[CustomerAddressInput, ...] = ()
    if command.address is not UNSET:
        members = {name: getattr(command.address, name) for name in ADDRESS_FIELDS}
        addresses = (CustomerAddressInput(**members, default_shipping=True, default_billing=True),)
    return CreateCustomer(
        email=command.email or "",
        first_name=command.first_name,
        last_name=command.last_name,
        addresses=addresses,
        acquisition_channel=CHANNEL,
    )


async def _create_products(work: UnitOfWork, principal: Principal, lines: Sequence[ImportOrderItem]) -> None:
    """Create the products whose SKUs the store does not have: archived, as nobody has said that they are for sale."""
    first: dict[str, ImportOrderItem] = {}
    names: dict[str, str] = {}
    keys = {sku: fold_key(sku) for sku in {line.sku for line in lines}}
    for line in lines:
        key = keys[line.sku]
        if key not in names:
            first.setdefault(key, line)
            if line.name is not UNSET:
                names[key] = line.name
    commands = [
        CreateProduct(
            sku=first[key].sku,
            name=names.get(key, first[key].sku),
            price=first[key].price,
            status=ProductStatus.ARCHIVED,
        )
        for key in await catalog.find_unknown_skus(work, first)
    ]
    if commands:
        await catalog.create_products(work, principal, commands)


def _past_order(item: ImportItem, buyers: Mapping[str, str]) -> PastOrder:
    command: ImportOrder = item.command
    email = None if command.email is UNSET else command.email
    return PastOrder(
        created_at=command.created_at,
        lines=tuple(PastLine(line.sku, line.quantity, line.price.minor_units) for line in command.items),
        steps=tuple((status, command.created_at) for status in _WAY[command.status]),
        source=OrderSource(command.source, command.number, item.job_id),
        customer_id=None if email is None else buyers[customers.email_key(email)],
        email=email,
        address=None if command.address is UNSET else command.address,
        shipping=command.shipping.minor_units if command.shipping else 0,
        discount=command.discount.minor_units if command.discount else 0,
        cancel_reason=command.cancel_reason or None,
        is_paid=command.status in _SENT if command.paid is UNSET else command.paid,
        tags=() if command.tags is UNSET else command.tags,
        metadata={} if command.metadata is UNSET else dict(command.metadata),
    )
