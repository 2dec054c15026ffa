"""Bringing the past into a store: who bought, what they ordered and what became of it, in one transaction.

All of it or nothing, so a store that has an order of that time has them all, and loading again does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain import customers, orders
from domain.customers.commands import CreateCustomer, CustomerAddressInput
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.money import to_minor
from domain.kernel.principal import Principal
from domain.orders import PastLine, PastOrder, StockLoss
from gateway.demo.history import DemoInvoice, DemoLoss, by_customer, demo_history
from gateway.demo.people import PLACES, person, street_and_city
from gateway.demo.rows import CURRENCY
from gateway.demo.sample_shipments import load_past_shipments, shipped_orders

RETURNED = "returned"
"""The reason of the cancellations in the file: they return goods."""
WRITTEN_OFF = "write_off"


@dataclass(frozen=True, slots=True)
class HistoryCounts:
    """The quantity received."""

    customers: int = 0
    orders: int = 0
    losses: int = 0


async def load_history(database: Database, principal: Principal) -> HistoryCounts:
    """Load the history of the demo shop into a store with its catalog; a store that has that history gets nothing.

    Raises ValidationFailed if one of its products was removed.
    """
    invoices, losses = demo_history()
    async with database.transaction(principal, channel="import") as work:
        if await orders.has_orders_until(work, invoices[-1].at):
            return HistoryCounts()
        known = by_customer(invoices)
        made = await customers.create_customers(
            work,
            principal,
            [_customer(number, own) for number, own in known.items()],
            [own[0].at for own in known.values()],
        )
        buyers = dict(zip(known, made, strict=True))
        past = [_order(invoice, buyers) for invoice in invoices]
        placed = await orders.import_orders(work, principal, past, [_loss(loss) for loss in losses])
        await load_past_shipments(work, shipped_orders(placed, past))
    return HistoryCounts(len(made), len(invoices), len(losses))


def _customer(number: str, invoices: Sequence[DemoInvoice]) -> CreateCustomer:
    who = person(number)
    countries = dict.fromkeys(invoice.country for invoice in invoices)
    addresses = tuple(
        CustomerAddressInput(
            **_place(country, number),
            first_name=who.first_name,
            last_name=who.last_name,
            default_shipping=index == 0,
            default_billing=index == 0,
        )
        for index, country in enumerate(countries)
    )
    return CreateCustomer(
        email=who.email,
        first_name=who.first_name,
        last_name=who.last_name,
        addresses=addresses,
        metadata={"customer": number},
        acquisition_channel="import",
    )


def _order(invoice: DemoInvoice, buyers: Mapping[str, customers.Customer]) -> PastOrder:
    buyer = buyers.get(invoice.customer)
    address = AddressInput(
        **_place(invoice.country, invoice.customer or invoice.number),
        first_name=None if buyer is None else buyer.first_name,
        last_name=None if buyer is None else buyer.last_name,
    )
    return PastOrder(
        created_at=invoice.at,
        lines=tuple(PastLine(sku, quantity, _pence(price)) for sku, quantity, price in invoice.lines),
        steps=invoice.steps,
        customer_id=None if buyer is None else buyer.id,
        email=None if buyer is None else buyer.email,
        address=address,
        shipping=_pence(invoice.shipping),
        discount=_pence(invoice.discount),
        cancel_reason=RETURNED if invoice.cancelled else None,
        is_paid=bool(invoice.steps),  # the newest wait for their money, too
        is_refunded=invoice.cancelled,
        metadata={"invoice": invoice.number},
    )


def _loss(loss: DemoLoss) -> StockLoss:
    return StockLoss(
        at=loss.at, sku=loss.sku, quantity=loss.quantity, reason=WRITTEN_OFF, note=f"Invoice {loss.number}"
    )


def _place(country: str, subject: str) -> dict[str, str]:
    street, city = street_and_city(country, subject)
    return {"line1": street, "city": city, "country": PLACES[country].country}


def _pence(amount: Decimal) -> int:
    return to_minor(amount, CURRENCY)
