"""Reads and listings of inventory.

- ``stock.py``          stock by product, variant and warehouse; warehouses
- ``ledger.py``         movements
- ``replenishment.py``  alerts and purchase orders
"""

from domain.inventory.reads.ledger import check_filters, movement_by_id, movements, movements_by_product
from domain.inventory.reads.replenishment import (
    alert_by_id,
    alerts,
    alerts_by_product,
    alerts_by_variant,
    lines_by_purchase_order,
    purchase_order_by_id,
    purchase_orders,
)
from domain.inventory.reads.stock import (
    SCOPE,
    inventory_by_product,
    inventory_by_variant,
    level_by_id,
    levels,
    levels_by_product,
    levels_by_variant,
    locations_by_product,
    locations_by_variant,
    stock_by_variant,
    warehouse_by_id,
    warehouses,
)

__all__ = [
    "SCOPE",
    "alert_by_id",
    "alerts",
    "alerts_by_product",
    "alerts_by_variant",
    "check_filters",
    "inventory_by_product",
    "inventory_by_variant",
    "level_by_id",
    "levels",
    "levels_by_product",
    "levels_by_variant",
    "lines_by_purchase_order",
    "locations_by_product",
    "locations_by_variant",
    "movement_by_id",
    "movements",
    "movements_by_product",
    "purchase_order_by_id",
    "purchase_orders",
    "stock_by_variant",
    "warehouse_by_id",
    "warehouses",
]
