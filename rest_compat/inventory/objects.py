"""Warehouses, movements, alerts and purchase orders, as REST finds and returns them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from domain import inventory
from domain.inventory.documents import (
    AlertDocument,
    InventoryDocument,
    MovementDocument,
    PurchaseOrderDocument,
    WarehouseDocument,
)
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from rest_compat.objects import Ids, OtherKey, Representation, RestObject, listed

reads = inventory.reads


class StockedProduct(RestObject):
    """The product whose stock a path names, by its id or SKU or those of one of its variants."""

    async def row(self, db: Executor, principal: Principal, ids: Ids) -> Row:
        target = await inventory.find_stock_target(db, ids["id"])
        return SimpleNamespace(id=target.product_id)


STOCKED_PRODUCT = StockedProduct(
    path="/inventory/{id}",
    noun="product",
    prefix="prod",
    read=reads.inventory_by_product,
    otherwise=OtherKey("SKU, or the id or SKU of one of its variants", reads.inventory_by_product),
    document=InventoryDocument,
)
MOVEMENT = RestObject(
    path="/inventory/{id}/movements/{movement_id}",
    noun="movement",
    prefix="mov",
    read=reads.movement_by_id,
    document=MovementDocument,
    parent=STOCKED_PRODUCT,
    parent_key="product_id",
)
ALERT = RestObject(
    path="/inventory/{id}/alerts/{alert_id}",
    noun="alert",
    prefix="alert",
    read=reads.alert_by_id,
    document=AlertDocument,
    parent=STOCKED_PRODUCT,
    parent_key="product_id",
)
WAREHOUSE = RestObject(
    path="/warehouses/{id}",
    noun="warehouse",
    prefix="wh",
    read=reads.warehouse_by_id,
    document=WarehouseDocument,
)
PURCHASE_ORDER = RestObject(
    path="/purchase_orders/{id}",
    noun="purchase order",
    prefix="po",
    read=reads.purchase_order_by_id,
    document=PurchaseOrderDocument,
)


class AlertsOfProduct:
    """The alerts of a product, or of one variant if the path identifies it, oldest first."""

    scope = reads.SCOPE
    response = list[AlertDocument]
    _of_product = DocumentRead(AlertDocument, reads.alerts_by_product)
    _of_variant = DocumentRead(AlertDocument, reads.alerts_by_variant)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list. Raises NotFound."""
        target = await inventory.find_stock_target(db, ids["id"])
        if target.variant_id is None:
            return listed(await self._of_product.list_for_key(db, principal, target.product_id))
        return listed(await self._of_variant.list_for_key(db, principal, target.variant_id))


async def within_product(db: Executor, principal: Principal, ids: Ids) -> dict[str, Any]:
    """Return the filters of the ledger that the path sets."""
    target = await inventory.find_stock_target(db, ids["id"])
    named = {} if target.variant_id is None else {"variant_id": target.variant_id}
    return {"product_id": target.product_id, **named}
