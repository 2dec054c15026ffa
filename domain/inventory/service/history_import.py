"""Stock as it was: what left the shelves before the store was here, booked so that the ledger tells of it."""

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
    """Something that left the shelf in the past."""

    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""
    at: datetime
    reason: str
    reference: str | None = None
    """The id of what it was for, such as an order."""
    note: str | None = None


async def import_movements(
    work: UnitOfWork, gone: Sequence[PastMovement], wanted: Sequence[ReservationRequest], *, opened_at: datetime
) -> None:
    """Book what is gone out of the default warehouse, and set aside there what is still wanted by open orders.

    What is available today is right already and stays as it is: at ``opened_at`` each variant is given, by one
    opening movement, all that it loses afterwards. Raises ValidationFailed for more than is kept of one product.
    """
    needed: list[PastMovement | ReservationRequest] = [*gone, *wanted]
    sums: Counter[tuple[str, str]] = Counter()
    for each in needed:
        sums[each.product_id, each.variant_id] += each.quantity
    stock = await lock_stock_of_variants(work, sums)
    warehouse = await default_warehouse(work)
    for (product_id, variant_id), quantity in sums.items():
        level = stock.get_or_open_level(product_id, variant_id, warehouse)
        stock.book(level, quantity, MovementReason(OPENING.reason, at=opened_at))
    for loss in gone:
        why = MovementReason(loss.reason, loss.note, loss.reference, loss.at)
        stock.book(stock.get_or_open_level(loss.product_id, loss.variant_id, warehouse), -loss.quantity, why)
    taken = [Allocation(line.holder_id, line.product_id, line.variant_id, warehouse, line.quantity) for line in wanted]
    for part in taken:
        stock.reserve(stock.get_or_open_level(part.product_id, part.variant_id, warehouse), part.quantity)
    await write_stock(stock)
    await save_reservations(work, taken)
