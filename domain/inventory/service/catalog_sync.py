"""Stock changes caused by the catalog: opening, setting and writing off. Every change is a movement."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from domain import catalog
from domain.inventory.service.locked_stock import MovementReason, lock_stock, lock_stock_of_variants
from domain.inventory.service.stock_writes import write_stock
from domain.inventory.service.warehouse_lookup import default_warehouse
from domain.kernel.errors import Conflict, ErrorCode, Path
from domain.kernel.use_cases.unit_of_work import UnitOfWork

OPENING = MovementReason("opening")
CORRECTION = MovementReason("correction")
WRITTEN_OFF = MovementReason("variant_removed")


async def set_available(work: UnitOfWork, quantities: Mapping[str, tuple[str, int, Path]]) -> None:
    """Set the available quantities of variants over all warehouses.

    ``quantities``: variant id to product id, quantity, and its path in the command. The difference is booked in the
    default warehouse; without a difference there is no movement. Raises Conflict if the quantity is below what the
    other warehouses have available, ValidationFailed above the maximum of one product.
    """
    stock = await lock_stock_of_variants(work, [(product, variant) for variant, (product, *_) in quantities.items()])
    warehouse = await default_warehouse(work)
    for variant_id, (product_id, quantity, path) in quantities.items():
        total = sum(level.available for level in stock.of_variant(variant_id))
        change = quantity - total
        if not change and stock.of_variant(variant_id):
            continue
        level = stock.get_or_open_level(product_id, variant_id, warehouse)
        if level.available + change < 0:
            raise _too_few(quantity, total - level.available, path)
        if change:
            stock.book(level, change, OPENING if level.is_new else CORRECTION, path)
    await write_stock(stock)


def _too_few(quantity: int, elsewhere: int, path: Path) -> Conflict:
    message = (
        f"Must be at least {elsewhere}, not {quantity}: the other warehouses have {elsewhere} available. Adjust or "
        "transfer their stock first."
    )
    return Conflict(message, ErrorCode.INSUFFICIENT_STOCK, path)


async def write_off(work: UnitOfWork, product_id: str, variant_id: str) -> None:
    """Write off the stock of a variant in all warehouses. Raises Conflict while units are reserved."""
    # The variant is about to be deleted. It is locked before its stock, in the lock order of writers that open levels.
    variant = catalog.ProductVariant
    await work.session.execute(
        select(variant.id).where(variant.store_id == work.store.number, variant.id == variant_id).with_for_update()
    )
    stock = await lock_stock(work, [product_id])
    for level in stock.of_variant(variant_id):
        if level.reserved:
            message = "The variant has stock reserved by orders and cannot be removed."
            raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
        if level.on_hand:
            stock.book(level, -level.on_hand, WRITTEN_OFF)
    await write_stock(stock, removed=[variant_id])
