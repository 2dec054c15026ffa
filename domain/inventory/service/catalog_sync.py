"""Stock follows the catalog: opening it for new variants, setting it, writing it off. Every change is a movement."""

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
    """Make ``quantities`` (variant id to product id, number, and where the command says it) what is available of the
    variants in all warehouses together.

    The difference is booked in the default warehouse; no difference, no movement. Raises Conflict where that holds too
    little: fewer than the other warehouses have available are wanted; ValidationFailed for more than is kept of one
    product.
    """
    stock = await lock_stock_of_variants(work, [(product, variant) for variant, (product, *_) in quantities.items()])
    warehouse = await default_warehouse(work)
    for variant_id, (product_id, wanted, path) in quantities.items():
        total = sum(level.available for level in stock.of_variant(variant_id))
        change = wanted - total
        if not change and stock.of_variant(variant_id):
            continue
        level = stock.get_or_open_level(product_id, variant_id, warehouse)
        if level.available + change < 0:
            raise _too_few(wanted, total - level.available, path)
        if change:
            stock.book(level, change, OPENING if level.is_new else CORRECTION, path)
    await write_stock(stock)


def _too_few(wanted: int, elsewhere: int, path: Path) -> Conflict:
    message = (
        f"Must be at least {elsewhere}, not {wanted}: the other warehouses have {elsewhere} available. Adjust or "
        "transfer their stock first."
    )
    return Conflict(message, ErrorCode.INSUFFICIENT_STOCK, path)


async def write_off(work: UnitOfWork, product_id: str, variant_id: str) -> None:
    """Take what is left of a variant out of every warehouse. Raises Conflict while some of it is reserved."""
    # The variant is about to be deleted: locked before its stock, in the order in which those who open levels do.
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
