"""What orders and drafts have in common: who buys, what is bought, how it is sent, and what it all comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from domain import catalog
from domain.catalog import ItemReference, Sellable
from domain.kernel.address import Address, AddressInput
from domain.kernel.errors import ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET, merge_metadata
from domain.kernel.fields.tags import unique_tags
from domain.kernel.ids import new_id
from domain.kernel.money import MAX_MINOR_UNITS, to_major
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import reads
from domain.orders.commands import DiscountInput, OrderItemInput, OrderTerms, UpdateOrder
from domain.orders.model import AddressJson, DraftOrder, Order, OrderBase, OrderLine
from domain.orders.pricing import Charges, millionths, price_order

L = TypeVar("L", bound=OrderLine)


async def store_settings(work: UnitOfWork) -> Row:
    """The store's shipping methods and taxes."""
    return await reads.settings_by_store.for_key(work.reader, work.store.id)


def apply_terms(purchase: OrderBase, given: OrderTerms, settings: Row) -> None:
    """Change what the command gives of addresses, methods, discount, tags and metadata, and the tax that follows.

    Raises ValidationFailed: an unknown shipping method, a discount that is both or neither.
    """
    if given.payment_method is not UNSET:
        purchase.payment_method = given.payment_method
    if given.shipping_method is not UNSET:
        purchase.shipping_method = given.shipping_method
        purchase.shipping = _shipping_price(settings, given.shipping_method)
    if given.discount is not UNSET:
        _apply_discount(purchase, given.discount)
    apply_particulars(purchase, given, settings)


def apply_particulars(purchase: OrderBase, given: OrderTerms | UpdateOrder, settings: Row) -> None:
    """Change what the command gives of what says nothing of prices: e-mail, tags, metadata and addresses, and the tax
    that follows from where it goes. Raises ValidationFailed (an impossible telephone number)."""
    if given.email is not UNSET:
        purchase.email = given.email
    if given.tags is not UNSET:
        purchase.tags = unique_tags(given.tags)
    if given.metadata is not UNSET:
        purchase.metadata_ = merge_metadata(purchase.metadata_, given.metadata)
    _apply_addresses(purchase, given, settings)


def empty_purchase(work: UnitOfWork) -> dict[str, Any]:
    """The columns of a purchase of nothing, for nobody yet."""
    amounts = ("subtotal", "discount", "shipping", "shipping_tax", "tax", "total", "tax_rate")
    return {
        "currency": work.store.currency,
        **dict.fromkeys(amounts, 0),
        "tax_on_shipping": False,
        "metadata_": {},
        "tags": [],
        "items": [],
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }


async def find_lines(work: UnitOfWork, given: Sequence[OrderItemInput], paths: Sequence[Path]) -> list[Sellable]:
    """What each line of a command means in the catalog. Raises ValidationFailed, Conflict (not for sale)."""
    namings = [
        ItemReference(
            path, product_id=entry.product_id or None, variant_id=entry.variant_id or None, sku=entry.sku or None
        )
        for entry, path in zip(given, paths, strict=True)
    ]
    return await catalog.find_sellable(work, namings)


async def find_new_lines(
    work: UnitOfWork, given: Sequence[OrderItemInput], path: Path = ("items",)
) -> list[tuple[OrderItemInput, Sellable]]:
    """As ``find_lines``, of lines to be made. Raises ValidationFailed for one that has an id, too."""
    claims = [index for index, entry in enumerate(given) if entry.id is not UNSET]
    if claims:
        message = "A new line has no id yet. Omit `id`."
        raise ValidationFailed([Problem((*path, index, "id"), ErrorCode.NOT_FOUND, message) for index in claims])
    found = await find_lines(work, given, [(*path, index) for index in range(len(given))])
    return list(zip(given, found, strict=True))


def new_line(work: UnitOfWork, kind: type[L], entry: OrderItemInput, sold: Sellable, position: int, **more: Any) -> L:
    """A line that is not priced yet."""
    line = kind(
        store_id=work.store.number,
        id=new_id("item"),
        position=position,
        quantity=entry.quantity,
        price=entry.price.minor_units if entry.price else sold.price,
        own_price=bool(entry.price),
        currency=work.store.currency,
        discount=0,
        tax=0,
        total=0,
        created_at=work.now,
        **more,
    )
    sell(line, sold)
    return line


def sell(line: OrderLine, sold: Sellable) -> None:
    """Make it a line of what the catalog sells, named as it is now."""
    line.product_id, line.variant_id = sold.product_id, sold.variant_id
    line.sku, line.name, line.attributes = sold.sku, sold.name, sold.attributes


def reprice(purchase: Order | DraftOrder, path: Path = ()) -> None:
    """Work the totals out anew from the lines. ``path``: what to blame instead of a field that the command lacks.

    Raises ValidationFailed: beyond the largest amount, a discount above the subtotal.
    """
    charges = Charges(
        purchase.discount_amount, purchase.discount_rate, purchase.shipping, purchase.tax_rate, purchase.tax_on_shipping
    )
    totals = price_order([(line.price, line.quantity) for line in purchase.items], charges)
    if max(totals.subtotal, totals.total) > MAX_MINOR_UNITS:
        message = f"Subtotal and total must be at most {to_major(MAX_MINOR_UNITS, purchase.currency):f}."
        raise ValidationFailed.of(path or ("items",), ErrorCode.TOO_LARGE, message)
    if (purchase.discount_amount or 0) > totals.subtotal:
        most = f"{to_major(totals.subtotal, purchase.currency):f}"
        message = f"The discount exceeds the subtotal of {most}. Lower the discount, or set it to null."
        raise ValidationFailed.of(path or ("discount", "amount"), ErrorCode.TOO_LARGE, message)
    purchase.subtotal, purchase.discount = totals.subtotal, totals.discount
    purchase.shipping_tax, purchase.tax, purchase.total = totals.shipping_tax, totals.tax, totals.total
    for line, priced in zip(purchase.items, totals.lines, strict=True):
        line.discount, line.tax, line.total = priced.discount, priced.tax, priced.total


def _apply_discount(purchase: OrderBase, discount: DiscountInput | None) -> None:
    purchase.discount_amount = purchase.discount_rate = None
    if discount is None:
        return
    if discount.amount is not UNSET:
        purchase.discount_amount = discount.amount.minor_units
    elif discount.percent is not UNSET:
        purchase.discount_rate = millionths(discount.percent)


def _apply_addresses(purchase: OrderBase, given: OrderTerms | UpdateOrder, settings: Row) -> None:
    if given.shipping_address is not UNSET:
        purchase.shipping_address = stored(given.shipping_address, ("shipping_address",))
    if given.billing_address is not UNSET:
        purchase.billing_address = stored(given.billing_address, ("billing_address",))
    if given.shipping_address is not UNSET or given.billing_address is not UNSET:
        apply_tax(purchase, settings)


def apply_tax(purchase: OrderBase, settings: Row) -> None:
    """Give it the tax of where it goes, else of where the bill goes."""
    purchase.tax_rate, purchase.tax_on_shipping = tax_for(
        settings, purchase.shipping_address or purchase.billing_address
    )


def apply_settings(purchase: OrderBase, settings: Row) -> None:
    """Give it the price of its shipping method and the tax of its place, as they are now."""
    purchase.shipping = _shipping_price(settings, purchase.shipping_method)
    apply_tax(purchase, settings)


def tax_for(settings: Row, place: AddressJson | None) -> tuple[int, bool]:
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


def stored(address: AddressInput | None, path: Path) -> AddressJson | None:
    """The address as an order keeps it. Raises ValidationFailed (an impossible telephone number)."""
    return None if address is None else Address.of(address, path).stored()


def _shipping_price(settings: Row, code: str | None) -> int:
    if code is None:
        return 0
    for method in settings.shipping_methods:
        if method["code"] == code:
            return int(method["price"])
    known = ", ".join(method["code"] for method in settings.shipping_methods)
    raise ValidationFailed.of(
        ("shipping_method",), ErrorCode.NOT_FOUND, f"Unknown shipping method. Use one of: {known}."
    )
