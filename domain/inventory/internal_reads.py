"""Reads of locked stock for writers. No surface exposes them."""

from __future__ import annotations

from sqlalchemy import and_, select

from domain.inventory.model import InventoryLevel, InventoryReservation, Warehouse
from domain.kernel.reads.read import Read

_level = InventoryLevel.__table__.c
_warehouse = Warehouse.__table__.c
_reservation = InventoryReservation.__table__.c

locked_levels_by_product = Read(
    "locked_levels_by_product",
    select(
        _level.product_id,
        _level.variant_id,
        _level.warehouse_id,
        _level.on_hand,
        _level.reserved,
        _warehouse.is_default,
        _warehouse.country,
        _warehouse.state,
        _warehouse.created_at,
    ).join(
        Warehouse,
        and_(_warehouse.store_id == _level.store_id, _warehouse.id == _level.warehouse_id),
    ),
    scope=None,
    store=_level.store_id,
    key=_level.product_id,
    order=(_level.product_id, _level.variant_id, _level.warehouse_id),
    many=True,
)
"""Levels with the location of their warehouse, by which writers choose."""
reservations_by_holder = Read(
    "reservations_by_holder",
    select(
        _reservation.holder_id,
        _reservation.warehouse_id,
        _reservation.variant_id,
        _reservation.product_id,
        _reservation.quantity,
    ),
    scope=None,
    store=_reservation.store_id,
    key=_reservation.holder_id,
    order=(_reservation.holder_id, _reservation.quantity.desc(), _reservation.warehouse_id),
    many=True,
)
"""The reservations of an order item by warehouse, largest first."""
