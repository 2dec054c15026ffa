"""Reads and listings of alerts and of purchase orders."""

from __future__ import annotations

from sqlalchemy import select

from domain.inventory.model import InventoryAlert, PurchaseOrder, PurchaseOrderLine
from domain.inventory.reads.stock import SCOPE
from domain.kernel.listing import Listing
from domain.kernel.listing.filters import equal, one_of, single
from domain.kernel.reads.read import Read

_alert = InventoryAlert.__table__.c
_order = PurchaseOrder.__table__.c
_line = PurchaseOrderLine.__table__.c

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
purchase_orders = Listing(
    "purchase_orders",
    _PURCHASE_ORDERS,
    scope=SCOPE,
    store=_order.store_id,
    id=_order.id,
    sorts={"created_at": _order.created_at},
    filters={"status": one_of("status", _order.status, ("created_at",))},
)
