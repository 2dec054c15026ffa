"""Locked stock: all levels of some products, locked, changed in memory, and written by a few statements.

All writers lock in one order: the products' variants (only if a level may be opened), then the products' ``inventory``
rows by product id. The lock of such a row covers all levels, reservations and alerts of the product, so totals before
and after are exact, and writers cannot deadlock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain import catalog
from domain.inventory.internal_reads import LOCKED_LEVELS, reservations_by_holder
from domain.inventory.model import Inventory, InventoryReservation
from domain.inventory.proximity import Locality, WarehouseSite
from domain.inventory.stock_level import StockLevel
from domain.kernel.errors import ErrorCode, Path, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.sql.executor import Row
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.unit_of_work import UnitOfWork

MAX_ON_HAND = 2_000_000_000
"""Maximum on hand of one product over all variants and warehouses, so that sums stay within 32 bits."""


@dataclass(frozen=True, slots=True)
class MovementReason:
    """The reason of a movement, for the ledger."""

    reason: str
    note: str | None = None
    reference: str | None = None
    """The id of the related object, such as an order."""
    at: datetime | None = None
    """The time of the movement, if it is in the past."""


@dataclass(slots=True)
class LockedStock:
    """The locked levels of some products, by variant and warehouse, and the movements to be written."""

    work: UnitOfWork
    levels: dict[tuple[str, str], StockLevel]
    sites: dict[str, WarehouseSite]
    """The warehouses of the levels."""
    sequences: dict[str, int]
    """The number of stock events of each locked product."""
    before: dict[tuple[str, str], int]
    """The available quantity of each level when it was locked or last written."""
    on_hand: Counter[str]
    """The quantity on hand of each product over all levels."""
    has_alerts: bool = False
    """Whether any of the products has an alert; True if that is unknown."""
    variants: frozenset[str] = frozenset()
    """Variants for which levels can be opened. They cannot be removed while locked."""
    movements: list[dict[str, Any]] = field(default_factory=list)

    def of_variant(self, variant_id: str) -> list[StockLevel]:
        """Return the levels of the variant."""
        return [level for level in self.levels.values() if level.variant_id == variant_id]

    def nearest(self, variant_id: str, near: Locality | None) -> list[StockLevel]:
        """Return the levels of the variant, nearest to ``near`` first."""
        return sorted(self.of_variant(variant_id), key=lambda level: self.sites[level.warehouse_id].rank(near))

    def get_or_open_level(self, product_id: str, variant_id: str, warehouse_id: str) -> StockLevel:
        """Return the level of a variant in a warehouse. A missing one is opened empty."""
        key = (variant_id, warehouse_id)
        if key not in self.levels:
            self.levels[key] = StockLevel(product_id, variant_id, warehouse_id, 0, 0, is_new=True)
        return self.levels[key]

    def reserve(self, level: StockLevel, quantity: int) -> None:
        """Reserve ``quantity`` of a level, or release it if negative."""
        level.reserved += quantity
        level.is_changed = True

    def book(self, level: StockLevel, quantity: int, why: MovementReason, path: Path = ()) -> dict[str, Any]:
        """Book ``quantity`` into a level, or out of it if negative. Returns the movement.

        Raises ValidationFailed above the maximum of one product. The caller checks that the level has enough.
        """
        self.refuse_too_many(level.product_id, quantity, path)
        level.on_hand += quantity
        level.is_changed = True
        self.on_hand[level.product_id] += quantity
        self.movements.append(self._movement(level, quantity, why))
        return self.movements[-1]

    def refuse_too_many(self, product_id: str, quantity: int, path: Path) -> None:
        """Raise ValidationFailed if ``quantity`` more exceeds the maximum of one product."""
        if quantity > 0 and self.on_hand[product_id] + quantity > MAX_ON_HAND:
            message = f"A product can have at most {MAX_ON_HAND:,} units on hand in all warehouses."
            raise ValidationFailed.of(path, ErrorCode.TOO_LARGE, message)

    def _movement(self, level: StockLevel, quantity: int, why: MovementReason) -> dict[str, Any]:
        return {
            "store_id": self.work.store.number,
            "id": new_id("mov"),
            "product_id": level.product_id,
            "variant_id": level.variant_id,
            "warehouse_id": level.warehouse_id,
            "quantity": quantity,
            "reason": why.reason,
            "note": why.note,
            "reference": why.reference,
            "actor": self.work.origin.actor,
            "created_at": why.at or self.work.now,
        }


async def lock_stock(work: UnitOfWork, products: Iterable[str]) -> LockedStock:
    """Lock the stock of these products. A product that never had stock has no levels."""
    locked = await _LOCK.rows(work.reader, products=sorted(set(products)))
    return await _read(work, {row.product_id: row.sequence for row in locked})


async def lock_stock_of_variants(work: UnitOfWork, variants: Iterable[tuple[str, str]]) -> LockedStock:
    """Lock the stock of the products of these (product id, variant id), so that levels can be opened.

    The result's ``variants`` are those that exist; any other was removed meanwhile.
    """
    pairs = list(variants)
    locked = await _LOCK_VARIANTS.rows(work.reader, variants=sorted({variant for _, variant in pairs}))
    found = frozenset(row.id for row in locked)
    products = sorted({product for product, variant in pairs if variant in found})
    rows = [{"store_id": work.store.number, "product_id": product, "sequence": 0} for product in products]
    await _OPEN.each(work.reader, rows)
    stock = await lock_stock(work, products)
    stock.variants = found
    return stock


async def pin_stock(work: UnitOfWork, variants: Iterable[tuple[str, str]]) -> None:
    """Lock the stock of the products of these (product id, variant id) until the transaction ends.

    Quantities that are compared with those of a request then stay the same until the write.
    """
    await lock_stock_of_variants(work, variants)


async def lock_reserved_stock(work: UnitOfWork, holders: Sequence[str]) -> tuple[LockedStock, list[Row]]:
    """Lock the stock of all products with reservations of these holders, and read the reservations.

    Concurrent new reservations of a holder can be missing. Lock the owner (the order) first to prevent that.
    """
    locked = await _LOCK_RESERVED.rows(work.reader, holders=list(holders))
    stock = await _read(work, {row.product_id: row.sequence for row in locked})
    # Read after the lock, because other writers change reservations under the lock of the products.
    groups = await reservations_by_holder.for_keys(work.reader, holders)
    return stock, [row for group in groups for row in group if row.product_id in stock.sequences]


async def _read(work: UnitOfWork, sequences: dict[str, int]) -> LockedStock:
    rows = await LOCKED_LEVELS.rows(work.reader, products=list(sequences)) if sequences else []
    levels: dict[tuple[str, str], StockLevel] = {}
    sites: dict[str, WarehouseSite] = {}
    for row in rows:
        levels[row.variant_id, row.warehouse_id] = StockLevel(
            row.product_id, row.variant_id, row.warehouse_id, row.on_hand, row.reserved
        )
        if row.warehouse_id not in sites:
            place = Locality(row.country, row.state)
            sites[row.warehouse_id] = WarehouseSite(row.warehouse_id, place, row.is_default, row.created_at)
    before = {key: level.available for key, level in levels.items()}
    on_hand: Counter[str] = Counter()
    for level in levels.values():
        on_hand[level.product_id] += level.on_hand
    has_alerts = rows[0].has_alerts if rows else True
    return LockedStock(work, levels, sites, sequences, before, on_hand, has_alerts)


_inventory = Inventory.__table__.c
_variant = catalog.ProductVariant.__table__.c
_reservation = InventoryReservation.__table__.c

_INVENTORIES = (
    select(_inventory.product_id, _inventory.sequence)
    .where(_inventory.store_id == STORE)
    .order_by(_inventory.product_id)
    .with_for_update(of=Inventory.__table__)
)
_LOCK = Statement(
    "lock_stock", _INVENTORIES.where(_inventory.product_id == any_(bindparam("products", type_=ARRAY(Text))))
)
_LOCK_RESERVED = Statement(
    "lock_reserved_stock",
    _INVENTORIES.where(
        _inventory.product_id.in_(
            select(_reservation.product_id).where(
                _reservation.store_id == STORE,
                _reservation.holder_id == any_(bindparam("holders", type_=ARRAY(Text))),
            )
        )
    ),
)
_OPEN = Statement(
    "open_stock",
    insert(Inventory.__table__).on_conflict_do_nothing(),  # type: ignore[arg-type]  # a Table
    ("store_id", "product_id", "sequence"),
)
_LOCK_VARIANTS = Statement(
    "lock_variants",
    select(_variant.id)
    .where(_variant.store_id == STORE, _variant.id == any_(bindparam("variants", type_=ARRAY(Text))))
    .order_by(_variant.id)
    .with_for_update(read=True, key_share=True),
)
"""Locks variants against removal: a level refers to its variant, and the variant is locked before the product."""
