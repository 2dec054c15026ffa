"""Reads of locked stock for writers. No surface exposes them."""

from __future__ import annotations

from sqlalchemy import Text, and_, any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.inventory.model import InventoryAlert, InventoryLevel, InventoryReservation, Warehouse
from domain.kernel.reads.read import Read
from domain.kernel.sql.statements import STORE, Statement

_level = InventoryLevel.__table__.c
_warehouse = Warehouse.__table__.c
_alert = InventoryAlert.__table__.c
_reservation = InventoryReservation.__table__.c

_of_products = any_(bindparam("products", type_=ARRAY(Text)))

LOCKED_LEVELS = Statement(
    "locked_levels",
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
        # Of the statement, not of its rows: it is found out once.
        exists().where(_alert.store_id == STORE, _alert.product_id == _of_products).label("has_alerts"),
    )
    .join(Warehouse, and_(_warehouse.store_id == _level.store_id, _warehouse.id == _level.warehouse_id))
    .where(_level.store_id == STORE, _level.product_id == _of_products)
    .order_by(_level.product_id, _level.variant_id, _level.warehouse_id),
)
"""The levels of ``products``, with the location of their warehouse, by which writers choose."""
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
