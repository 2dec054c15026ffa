"""Snapshots of orders: written to the event log, and turned back into rows and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB

from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.reads.stored_rows import OwnedItems, StoredRows, members_of
from domain.orders import reads
from domain.orders.model.order import Order, OrderItem

_ITEM = StoredRows(members_of(reads.items_by_order), missing={"returned": 0})
ORDER = StoredRows(
    members_of(reads.order_by_id, items=JSONB()),
    missing={"tags": []},
    owned={reads.items_by_order: OwnedItems("items", _ITEM)},
)
"""Oldest snapshots are from before orders had tags, and lines returns."""
_AUTOMATIC = frozenset({"version", "created_at", "updated_at"})


def order_snapshot(order: Order) -> dict[str, Any]:
    """Build the snapshot of an order: own columns and lines, money in minor units, times in ISO 8601.

    Notes and history grow with the order and are read live. Payments and shipments belong to other areas.
    """
    return {
        "id": order.id,
        "number": order.number,
        "status": str(order.status),
        "payment_status": str(order.payment_status),
        "fulfillment_status": str(order.fulfillment_status),
        "customer_id": order.customer_id,
        "email": order.email,
        "currency": order.currency,
        **_amounts(order),
        "payment_method": None if order.payment_method is None else str(order.payment_method),
        "shipping_method": order.shipping_method,
        "shipping_address": order.shipping_address,
        "billing_address": order.billing_address,
        "metadata": order.metadata_,
        "tags": order.tags,
        "cancel_reason": order.cancel_reason,
        "cancelled_at": None if order.cancelled_at is None else order.cancelled_at.isoformat(),
        "items": [_item(item) for item in order.items],
        "version": order.version,
        "created_at": order.created_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
    }


def comparable_snapshot(order: Order) -> dict[str, Any]:
    """Build the snapshot without the members that change automatically."""
    return {name: value for name, value in order_snapshot(order).items() if name not in _AUTOMATIC}


def order_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Turn a snapshot into a row that owns the lines of that time."""
    order = snapshot_row(ORDER.complete(snapshot))
    order.owned = {reads.items_by_order: [snapshot_row(_ITEM.complete(item)) for item in snapshot["items"]]}
    return order


def _amounts(order: Order) -> dict[str, int]:
    return {
        "subtotal": order.subtotal,
        "discount": order.discount,
        "shipping": order.shipping,
        "shipping_tax": order.shipping_tax,
        "tax": order.tax,
        "total": order.total,
        "refunded": order.refunded,
    }


def _item(item: OrderItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "order_id": item.order_id,
        "position": item.position,
        "product_id": item.product_id,
        "variant_id": item.variant_id,
        "sku": item.sku,
        "name": item.name,
        "attributes": item.attributes,
        "quantity": item.quantity,
        "price": item.price,
        "currency": item.currency,
        "discount": item.discount,
        "tax": item.tax,
        "total": item.total,
        "fulfilled": item.fulfilled,
        "refunded": item.refunded,
        "returned": item.returned,
        "created_at": item.created_at.isoformat(),
    }
