"""Terms of orders and drafts: lines, addresses, shipping, discount, tax and totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from domain.orders.model.draft import DraftOrder
from domain.orders.model.order import AddressJson, Order, OrderBase, OrderLine
from domain.orders.pricing import Charges, Totals, millionths, price_order

L = TypeVar("L", bound=OrderLine)


async def store_settings(work: UnitOfWork) -> Row:
    """Read the store's shipping methods and taxes."""
    return await reads.settings_by_store.for_key(work.reader, work.store.id)


def apply_terms(order: OrderBase, command: OrderTerms, settings: Row) -> None:
    """Apply methods, discount, addresses, tags and metadata of a command, and recalculate the tax.

    Raises ValidationFailed (unknown shipping method, invalid telephone number).
    """
    if command.payment_method is not UNSET:
        order.payment_method = command.payment_method
    if command.shipping_method is not UNSET:
        order.shipping_method = command.shipping_method
        order.shipping = _shipping_price(settings, command.shipping_method)
    if command.discount is not UNSET:
        _apply_discount(order, command.discount)
    apply_details(order, command, settings)


def apply_details(order: OrderBase, command: OrderTerms | UpdateOrder, settings: Row) -> None:
    """Apply e-mail address, tags, metadata and addresses of a command, and the tax of the new address.

    Raises ValidationFailed (invalid telephone number).
    """
    if command.email is not UNSET:
        order.email = command.email
    if command.tags is not UNSET:
        order.tags = unique_tags(command.tags)
    if command.metadata is not UNSET:
        order.metadata_ = merge_metadata(order.metadata_, command.metadata)
    _apply_addresses(order, command, settings)


def empty_order_columns(work: UnitOfWork) -> dict[str, Any]:
    """Return the column values of an order or draft without lines and customer."""
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


async def find_lines(work: UnitOfWork, entries: Sequence[OrderItemInput], paths: Sequence[Path]) -> list[Sellable]:
    """Find the variant of each line input in the catalog. Raises ValidationFailed, Conflict (not for sale)."""
    references = [
        ItemReference(
            path, product_id=entry.product_id or None, variant_id=entry.variant_id or None, sku=entry.sku or None
        )
        for entry, path in zip(entries, paths, strict=True)
    ]
    return await catalog.find_sellable(work, references)


async def find_new_lines(
    work: UnitOfWork, entries: Sequence[OrderItemInput], path: Path = ("items",)
) -> list[tuple[OrderItemInput, Sellable]]:
    """Find the variants of new lines as ``find_lines`` does. Also raises ValidationFailed for an input with an id."""
    invalid = [index for index, entry in enumerate(entries) if entry.id is not UNSET]
    if invalid:
        message = "A new line has no id yet. Omit `id`."
        raise ValidationFailed([Problem((*path, index, "id"), ErrorCode.NOT_FOUND, message) for index in invalid])
    found = await find_lines(work, entries, [(*path, index) for index in range(len(entries))])
    return list(zip(entries, found, strict=True))


def new_line(
    work: UnitOfWork, make: Callable[..., L], entry: OrderItemInput, sold: Sellable, position: int, **more: Any
) -> L:
    """Create a line that is not priced yet."""
    price = entry.price.minor_units if entry.price else None
    return make(**line_columns(work, sold, position, entry.quantity, price), created_at=work.now, **more)


def line_columns(work: UnitOfWork, sold: Sellable, position: int, quantity: int, price: int | None) -> dict[str, Any]:
    """Return the column values of a line that is not priced yet, without its time. ``price``: per unit, in minor units;
    None for the catalog's.
    """
    return {
        "store_id": work.store.number,
        "id": new_id("item"),
        "position": position,
        "product_id": sold.product_id,
        "variant_id": sold.variant_id,
        "sku": sold.sku,
        "name": sold.name,
        "attributes": sold.attributes,
        "quantity": quantity,
        "price": sold.price if price is None else price,
        "own_price": price is not None,
        "currency": work.store.currency,
        "discount": 0,
        "tax": 0,
        "total": 0,
    }


def set_variant(line: OrderLine, sold: Sellable) -> None:
    """Set the variant of a line, with its current SKU, name and attributes."""
    line.product_id, line.variant_id = sold.product_id, sold.variant_id
    line.sku, line.name, line.attributes = sold.sku, sold.name, sold.attributes


def reprice(order: Order | DraftOrder, path: Path = ()) -> None:
    """Recalculate the totals of an order and of its lines. ``path``, exceptions: as of ``set_totals``."""
    totals = set_totals(order, [(line.price, line.quantity) for line in order.items], path)
    for line, priced in zip(order.items, totals.lines, strict=True):
        line.discount, line.tax, line.total = priced.discount, priced.tax, priced.total


def set_totals(order: Order | DraftOrder, lines: Sequence[tuple[int, int]], path: Path = ()) -> Totals:
    """Recalculate the totals of an order from its lines, each a unit price and a quantity, and return them all.

    ``path``: reported if the command has no field for the error. Raises ValidationFailed (amount above the maximum,
    discount above the subtotal).
    """
    charges = Charges(order.discount_amount, order.discount_rate, order.shipping, order.tax_rate, order.tax_on_shipping)
    totals = price_order(lines, charges)
    if max(totals.subtotal, totals.total) > MAX_MINOR_UNITS:
        message = f"Subtotal and total must be at most {to_major(MAX_MINOR_UNITS, order.currency):f}."
        raise ValidationFailed.of(path or ("items",), ErrorCode.TOO_LARGE, message)
    if (order.discount_amount or 0) > totals.subtotal:
        maximum = f"{to_major(totals.subtotal, order.currency):f}"
        message = f"The discount must be at most {maximum}, the subtotal. Lower the discount, or set it to null."
        raise ValidationFailed.of(path or ("discount", "amount"), ErrorCode.TOO_LARGE, message)
    order.subtotal, order.discount = totals.subtotal, totals.discount
    order.shipping_tax, order.tax, order.total = totals.shipping_tax, totals.tax, totals.total
    return totals


def _apply_discount(order: OrderBase, discount: DiscountInput | None) -> None:
    order.discount_amount = order.discount_rate = None
    if discount is None:
        return
    if discount.amount is not UNSET:
        order.discount_amount = discount.amount.minor_units
    elif discount.percent is not UNSET:
        order.discount_rate = millionths(discount.percent)


def _apply_addresses(order: OrderBase, command: OrderTerms | UpdateOrder, settings: Row) -> None:
    if command.shipping_address is not UNSET:
        order.shipping_address = stored_address(command.shipping_address, ("shipping_address",))
    if command.billing_address is not UNSET:
        order.billing_address = stored_address(command.billing_address, ("billing_address",))
    if command.shipping_address is not UNSET or command.billing_address is not UNSET:
        apply_tax(order, settings)


def apply_tax(order: OrderBase, settings: Row) -> None:
    """Set the tax rate of the shipping address, else of the billing address."""
    order.tax_rate, order.tax_on_shipping = tax_for(settings, order.shipping_address or order.billing_address)


def apply_settings(order: OrderBase, settings: Row) -> None:
    """Set the current price of the shipping method and the current tax rate."""
    order.shipping = _shipping_price(settings, order.shipping_method)
    apply_tax(order, settings)


def tax_for(settings: Row, address: AddressJson | None) -> tuple[int, bool]:
    """Return the tax rate of an address in millionths, and whether it applies to shipping as well.

    The rate of the state takes precedence over that of the country.
    """
    if address is None:
        return 0, False
    state = (address["state"] or "").casefold()
    of_country = [rate for rate in settings.tax_rates if rate["country"] == address["country"]]
    for rate in sorted(of_country, key=lambda rate: rate["state"] is None):
        if rate["state"] is None or rate["state"].casefold() == state:
            return rate["rate"], rate["on_shipping"]
    return 0, False


def stored_address(address: AddressInput | None, path: Path) -> AddressJson | None:
    """Turn an address input into its stored_address form. Raises ValidationFailed (invalid telephone number)."""
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
