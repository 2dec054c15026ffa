"""Import of past movements: stock that left before the store existed here, booked in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.inventory.service.catalog_sync import OPENING
from domain.inventory.service.locked_stock import MovementReason, lock_stock_of_variants
from domain.inventory.service.reservations import Allocation, ReservationRequest, save_reservations
from domain.inventory.service.stock_writes import write_stock
from domain.inventory.service.warehouse_lookup import default_warehouse
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True, slots=True)
class PastMovement:
    """A quantity that left stock in the past."""

    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""
    at: datetime
    reason: str
    reference: str | None = None
    """The id of the related object, such as an order."""
    note: str | None = None


async def import_movements(
    work: UnitOfWork, movements: Sequence[PastMovement], requests: Sequence[ReservationRequest], *, opened_at: datetime
) -> None:
    """Book past movements out of the default warehouse, and reserve stock there for open orders.

    The available quantities of today stay unchanged: at ``opened_at`` one opening movement adds to each variant all
    that leaves or is reserved afterwards. Raises ValidationFailed above the maximum of one product.
    """
    needed: list[PastMovement | ReservationRequest] = [*movements, *requests]
    sums: Counter[tuple[str, str]] = Counter()
    for each in needed:
        sums[each.product_id, each.variant_id] += each.quantity
    stock = await lock_stock_of_variants(work, sums)
    warehouse = await default_warehouse(work)
    for (product_id, variant_id), quantity in sums.items():
        level = stock.get_or_open_level(product_id, variant_id, warehouse)
        stock.book(level, quantity, MovementReason(OPENING.reason, at=opened_at))
    for loss in movements:
        why = MovementReason(loss.reason, loss.note, loss.reference, loss.at)
        stock.book(stock.get_or_open_level(loss.product_id, loss.variant_id, warehouse), -loss.quantity, why)
    taken = [
        Allocation(line.holder_id, line.product_id, line.variant_id, warehouse, line.quantity) for line in requests
    ]
    for part in taken:
        stock.reserve(stock.get_or_open_level(part.product_id, part.variant_id, warehouse), part.quantity)
    await write_stock(stock)
    await save_reservations(work, taken)
