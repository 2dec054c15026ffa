"""What orders and drafts have in common: who buys, what is bought, how it is sent, and what it all comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from domain import catalog, customers
from domain.catalog import Naming, Sellable
from domain.kernel.address import Address, AddressInput
from domain.kernel.errors import ErrorCode, Path, ValidationFailed
from domain.kernel.fields import UNSET, Unset, merge_metadata
from domain.kernel.ids import new_id
from domain.kernel.money import LARGEST, to_major
from domain.kernel.sql import Row
from domain.kernel.work import Work
from domain.orders import reads
from domain.orders.commands import DiscountInput, OrderItemInput, Terms
from domain.orders.model import DraftOrder, Line, Order, Place, Purchase
from domain.orders.pricing import Charges, millionths, price_order

L = TypeVar("L", bound=Line)


async def settings_of(work: Work) -> Row:
    """The store's shipping methods and taxes."""
    return await reads.settings_by_store.for_key(work.reader, work.store.id)


async def apply_buyer(work: Work, purchase: Purchase, customer_id: str | Unset | None) -> None:
    """Make it the purchase of a customer, or of a guest; the customer's address is taken where none is known.

    Raises ValidationFailed (no such customer), Conflict (archived).
    """
    if customer_id is UNSET or customer_id == purchase.customer_id:
        return
    purchase.customer_id = None
    if customer_id is not None:
        buyer = await customers.find_buyer(work, customer_id, ("customer_id",))
        purchase.customer_id = buyer.id
        purchase.email = purchase.email or buyer.email


def apply_terms(work: Work, purchase: Purchase, given: Terms, settings: Row) -> None:
    """Change what the command gives of addresses, methods, discount and metadata, and the tax that follows from it.

    Raises ValidationFailed: an unknown shipping method, a discount that is both or neither.
    """
    if given.email is not UNSET:
        purchase.email = given.email
    if given.payment_method is not UNSET:
        purchase.payment_method = given.payment_method
    if given.metadata is not UNSET:
        purchase.metadata_ = merge_metadata(purchase.metadata_, given.metadata)
    if given.shipping_method is not UNSET:
        purchase.shipping_method = given.shipping_method
        purchase.shipping = _shipping_price(settings, given.shipping_method)
    if given.discount is not UNSET:
        _apply_discount(purchase, given.discount)
    _apply_addresses(purchase, given, settings)


def nothing(work: Work) -> dict[str, Any]:
    """The columns of a purchase of nothing, for nobody yet."""
    amounts = ("subtotal", "discount", "shipping", "shipping_tax", "tax", "total", "tax_rate")
    return {
        "currency": work.store.currency,
        **dict.fromkeys(amounts, 0),
        "tax_on_shipping": False,
        "metadata_": {},
        "items": [],
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }


async def find_lines(
    work: Work, given: Sequence[OrderItemInput], path: Path = ("items",)
) -> list[tuple[OrderItemInput, Sellable]]:
    """What each line of a command means in the catalog. Raises ValidationFailed, Conflict (not for sale)."""
    namings = [
        Naming(
            (*path, index),
            product_id=entry.product_id or None,
            variant_id=entry.variant_id or None,
            sku=entry.sku or None,
        )
        for index, entry in enumerate(given)
    ]
    return list(zip(given, await catalog.find_sellable(work, namings), strict=True))


def new_line(work: Work, kind: type[L], entry: OrderItemInput, sold: Sellable, position: int, **more: Any) -> L:
    """A line that is not priced yet."""
    return kind(
        store_id=work.store.number,
        id=new_id("item"),
        position=position,
        product_id=sold.product_id,
        variant_id=sold.variant_id,
        sku=sold.sku,
        name=sold.name,
        attributes=sold.attributes,
        quantity=entry.quantity,
        price=sold.price if entry.price is UNSET else entry.price.minor_units,
        own_price=entry.price is not UNSET,
        currency=work.store.currency,
        discount=0,
        tax=0,
        total=0,
        created_at=work.now,
        **more,
    )


def reprice(purchase: Order | DraftOrder, *, discount_checked: bool = True) -> None:
    """Work the totals out anew from the lines.

    Raises ValidationFailed: beyond the largest amount; with ``discount_checked``, a discount above the subtotal.
    """
    charges = Charges(
        purchase.discount_amount, purchase.discount_rate, purchase.shipping, purchase.tax_rate, purchase.tax_on_shipping
    )
    totals = price_order([(line.price, line.quantity) for line in purchase.items], charges)
    if max(totals.subtotal, totals.total) > LARGEST:
        message = f"An order comes to at most {to_major(LARGEST, purchase.currency):f}."
        raise ValidationFailed.of(("items",), ErrorCode.TOO_LARGE, message)
    if discount_checked and (purchase.discount_amount or 0) > totals.subtotal:
        raise ValidationFailed.of(("discount", "amount"), ErrorCode.TOO_LARGE, "More than the subtotal.")
    purchase.subtotal, purchase.discount = totals.subtotal, totals.discount
    purchase.shipping_tax, purchase.tax, purchase.total = totals.shipping_tax, totals.tax, totals.total
    for line, priced in zip(purchase.items, totals.lines, strict=True):
        line.discount, line.tax, line.total = priced.discount, priced.tax, priced.total


def _apply_discount(purchase: Purchase, discount: DiscountInput | None) -> None:
    purchase.discount_amount = purchase.discount_rate = None
    if discount is None:
        return
    if discount.amount is not UNSET:
        purchase.discount_amount = discount.amount.minor_units
    elif discount.percent is not UNSET:
        purchase.discount_rate = millionths(discount.percent)


def _apply_addresses(purchase: Purchase, given: Terms, settings: Row) -> None:
    if given.shipping_address is not UNSET:
        purchase.shipping_address = stored(given.shipping_address, ("shipping_address",))
    if given.billing_address is not UNSET:
        purchase.billing_address = stored(given.billing_address, ("billing_address",))
    if given.shipping_address is not UNSET or given.billing_address is not UNSET:
        apply_tax(purchase, settings)


def apply_tax(purchase: Purchase, settings: Row) -> None:
    """Give it the tax of where it goes, else of where the bill goes."""
    purchase.tax_rate, purchase.tax_on_shipping = tax_for(
        settings, purchase.shipping_address or purchase.billing_address
    )


def apply_settings(purchase: Purchase, settings: Row) -> None:
    """Give it the price of its shipping method and the tax of its place, as they are now."""
    purchase.shipping = _shipping_price(settings, purchase.shipping_method)
    apply_tax(purchase, settings)


def tax_for(settings: Row, place: Place | None) -> tuple[int, bool]:
    """The rate (millionths) for what goes to a place, and whether it is on shipping too.

    The state's rate goes before its country's.
    """
    if place is None:
        return 0, False
    state = (place["state"] or "").casefold()
    of_country = [rate for rate in settings.tax_rates if rate["country"] == place["country"]]
    for rate in sorted(of_country, key=lambda rate: rate["state"] is None):
        if rate["state"] is None or rate["state"].casefold() == state:
            return rate["rate"], rate["on_shipping"]
    return 0, False


def stored(address: AddressInput | None, path: Path) -> Place | None:
    """The address as an order keeps it. Raises ValidationFailed (an impossible telephone number)."""
    return None if address is None else Address.of(address, path).stored()


def _shipping_price(settings: Row, code: str | None) -> int:
    if code is None:
        return 0
    for method in settings.shipping_methods:
        if method["code"] == code:
            return int(method["price"])
    known = ", ".join(method["code"] for method in settings.shipping_methods)
    raise ValidationFailed.of(("shipping_method",), ErrorCode.NOT_FOUND, f"Must be one of {known}.")
