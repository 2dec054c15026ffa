"""Reads and listings of stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
)

from domain import catalog
from domain.inventory.model import (
    InventoryAlert,
    InventoryLevel,
    InventoryMovement,
    PurchaseOrder,
    PurchaseOrderLine,
    Warehouse,
)
from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import FilterClause, Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, equal, one_of, single
from domain.kernel.listing.nested import NestedListing
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read

SCOPE = "inventory:read"

_level = InventoryLevel.__table__.c
_warehouse = Warehouse.__table__.c
_alert = InventoryAlert.__table__.c
_movement = InventoryMovement.__table__.c
_order = PurchaseOrder.__table__.c
_line = PurchaseOrderLine.__table__.c
_product = catalog.Product.__table__.c
_variant = catalog.ProductVariant.__table__.c


def _total(amount: ColumnElement[int], name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount), 0), BigInteger).label(name)


def _stock_id(of: ColumnElement[str]) -> ColumnElement[str]:
    return (literal_column("'inv_'", Text) + of).label("id")


_TOTALS = (
    _total(_level.on_hand, "total_on_hand"),
    _total(_level.reserved, "total_reserved"),
    _total(_level.on_hand - _level.reserved, "total_available"),
)
_LEVELS = select(
    _level.product_id,
    _level.variant_id,
    _level.warehouse_id,
    _level.on_hand,
    _level.reserved,
    _level.available,
    _level.id,
)
_WAREHOUSES = select(
    _warehouse.id,
    _warehouse.name,
    _warehouse.name_key,
    _warehouse.is_default,
    _warehouse.active,
    _warehouse.country,
    _warehouse.state,
    _warehouse.city,
    _warehouse.zip,
    _warehouse.line1,
    _warehouse.line2,
    _warehouse.version,
    _warehouse.created_at,
    _warehouse.updated_at,
)
_ALERTS = select(
    _alert.id,
    _alert.product_id,
    _alert.variant_id,
    _alert.warehouse_id,
    _alert.threshold,
    _alert.reorder_quantity,
    _alert.state,
    _alert.version,
    _alert.created_at,
    _alert.updated_at,
)
_MOVEMENTS = select(
    _movement.id,
    _movement.product_id,
    _movement.variant_id,
    _movement.warehouse_id,
    _movement.quantity,
    _movement.reason,
    _movement.note,
    _movement.reference,
    _movement.actor,
    _movement.created_at,
)
_PURCHASE_ORDERS = select(
    _order.id,
    _order.product_id,
    _order.variant_id,
    _order.warehouse_id,
    _order.alert_id,
    _order.status,
    _order.quantity,
    _order.received,
    _order.version,
    _order.created_at,
    _order.updated_at,
    _order.received_at,
    _order.note,
    _order.cancelled_at,
)

stock_by_variant = Read(
    "stock_by_variant",
    select(
        _level.variant_id,
        cast(func.sum(_level.on_hand - _level.reserved), BigInteger).label("available"),
    ).group_by(_level.variant_id),
    # The stock of a variant requires only the scope of the catalog.
    scope="products:read",
    store=_level.store_id,
    key=_level.variant_id,
)
inventory_by_product = Read(
    "inventory_by_product",
    select(_stock_id(_product.id), _product.id.label("product_id"), cast(null(), Text).label("variant_id"), *_TOTALS)
    .outerjoin(InventoryLevel, and_(_level.store_id == _product.store_id, _level.product_id == _product.id))
    .group_by(_product.id),
    scope=SCOPE,
    store=_product.store_id,
    key=_product.id.label("product_id"),
)
"""The stock of a product over all variants and warehouses. Exists for every product."""
inventory_by_variant = Read(
    "inventory_by_variant",
    select(_stock_id(_variant.id), _variant.product_id, _variant.id.label("variant_id"), *_TOTALS)
    .outerjoin(InventoryLevel, and_(_level.store_id == _variant.store_id, _level.variant_id == _variant.id))
    .group_by(_variant.product_id, _variant.id),
    scope=SCOPE,
    store=_variant.store_id,
    key=_variant.id.label("variant_id"),
)
"""The stock of one variant over all warehouses."""
level_by_id = Read("level_by_id", _LEVELS, scope=SCOPE, store=_level.store_id, key=_level.id)
levels_by_product = Read(
    "levels_by_product",
    _LEVELS,
    scope=SCOPE,
    store=_level.store_id,
    key=_level.product_id,
    order=(_level.product_id, _level.variant_id, _level.warehouse_id),
    many=True,
    likely=2,
)
levels_by_variant = Read(
    "levels_by_variant",
    _LEVELS,
    scope=SCOPE,
    store=_level.store_id,
    key=_level.variant_id,
    order=(_level.variant_id, _level.warehouse_id),
    many=True,
    likely=2,
)
_AMOUNTS = tuple(
    cast(func.sum(amount), BigInteger).label(name)
    for name, amount in (
        ("on_hand", _level.on_hand),
        ("reserved", _level.reserved),
        ("available", _level.on_hand - _level.reserved),
    )
)


def _locations(name: str, key: ColumnElement[str]) -> Read:
    """The stock by warehouse of a product, over all variants, or of a variant."""
    return Read(
        name,
        select(key, _level.warehouse_id, *_AMOUNTS).group_by(key, _level.warehouse_id),
        scope=SCOPE,
        store=_level.store_id,
        key=key,
        order=(key, _level.warehouse_id),
        many=True,
        likely=2,
    )


locations_by_product = _locations("locations_by_product", _level.product_id)
locations_by_variant = _locations("locations_by_variant", _level.variant_id)
warehouse_by_id = Read("warehouse_by_id", _WAREHOUSES, scope=SCOPE, store=_warehouse.store_id, key=_warehouse.id)
alert_by_id = Read("alert_by_id", _ALERTS, scope=SCOPE, store=_alert.store_id, key=_alert.id)
alerts_by_product = Read(
    "alerts_by_product",
    _ALERTS,
    scope=SCOPE,
    store=_alert.store_id,
    key=_alert.product_id,
    order=(_alert.product_id, _alert.created_at, _alert.id),
    many=True,
    likely=1,
)
alerts_by_variant = Read(
    "alerts_by_variant",
    _ALERTS,
    scope=SCOPE,
    store=_alert.store_id,
    key=_alert.variant_id,
    order=(_alert.variant_id, _alert.created_at, _alert.id),
    many=True,
    likely=1,
)
movement_by_id = Read("movement_by_id", _MOVEMENTS, scope=SCOPE, store=_movement.store_id, key=_movement.id)
lines_by_purchase_order = Read(
    "lines_by_purchase_order",
    select(_line.order_id, _line.product_id, _line.variant_id, _line.position, _line.quantity, _line.received),
    scope=SCOPE,
    store=_line.store_id,
    key=_line.order_id,
    order=(_line.order_id, _line.position),
    many=True,
    likely=4,
)
purchase_order_by_id = Read("purchase_order_by_id", _PURCHASE_ORDERS, scope=SCOPE, store=_order.store_id, key=_order.id)


def _below(threshold: int) -> tuple[FilterClause, Mapping[str, Any]]:
    return _BELOW, {"below": threshold}


def _fewer(statement: Select[Any]) -> Select[Any]:
    return statement.where(_level.available < bindparam("below", type_=Integer))


_BELOW = FilterClause(_fewer)
levels = Listing(
    "levels",
    _LEVELS,
    scope=SCOPE,
    store=_level.store_id,
    id=_level.id,
    sorts={"available": _level.available},
    default_sort="available",
    default_descending=False,
    filters={"warehouse_id": single("warehouse_id", _level.warehouse_id, ("available",), few=True), "below": _below},
)
"""The levels of the store, lowest available quantity first, so that a threshold ends the scan."""
alerts = Listing(
    "alerts",
    _ALERTS,
    scope=SCOPE,
    store=_alert.store_id,
    id=_alert.id,
    sorts={"created_at": _alert.created_at},
    filters={
        "product_id": equal("product_id", _alert.product_id),
        "warehouse_id": single("warehouse_id", _alert.warehouse_id, ("created_at",), few=True),
        "state": one_of("state", _alert.state, ("created_at",)),
    },
)
movements = Listing(
    "movements",
    _MOVEMENTS,
    scope=SCOPE,
    store=_movement.store_id,
    id=_movement.id,
    sorts={"created_at": _movement.created_at},
    filters={
        "product_id": equal("product_id", _movement.product_id),
        "variant_id": equal("variant_id", _movement.variant_id),
        "warehouse_id": single("warehouse_id", _movement.warehouse_id, ("created_at",), few=True),
        "reason": single("reason", _movement.reason, ("created_at",), few=True),
        "created_from": at_or_after("created_from", _movement.created_at),
        "created_to": at_or_before("created_to", _movement.created_at),
    },
)
"""The ledger of the store, or of one product (``product_id``)."""
movements_by_product = NestedListing("movements_by_product", movements, _movement.product_id)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check the filters of the ledger. Raises MalformedRequest for a time range that ends before it begins."""
    refuse_reversed(filters, "created_from", "created_to")
    return filters


warehouses = Listing(
    "warehouses",
    _WAREHOUSES,
    scope=SCOPE,
    store=_warehouse.store_id,
    id=_warehouse.id,
    sorts={"created_at": _warehouse.created_at, "name": _warehouse.name_key},
)


purchase_orders = Listing(
    "purchase_orders",
    _PURCHASE_ORDERS,
    scope=SCOPE,
    store=_order.store_id,
    id=_order.id,
    sorts={"created_at": _order.created_at},
    filters={"status": one_of("status", _order.status, ("created_at",))},
)
