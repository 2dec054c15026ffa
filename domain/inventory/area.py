"""What inventory announces."""

from __future__ import annotations

from domain.inventory import reads, snapshot
from domain.inventory.documents import InventorySnapshotDocument
from domain.inventory.events import InventoryLow, InventoryOutOfStock
from domain.inventory.model import AlertState, PurchaseOrderStatus
from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables
from domain.kernel.ids import is_id


def _level_key(id: str) -> str | None:
    """Of a variant and a warehouse: two ids without their prefixes."""
    head, _, tail = id.partition("_")
    half = len(tail) // 2
    return id if is_id(head, f"{head}_{tail[:half]}") and is_id(head, f"{head}_{tail[half:]}") else None


def _stock_key(id: str) -> str | None:
    """Of the product or the variant whose id it carries."""
    target = id.partition("_")[2]
    return target if is_id("prod", target) or is_id("var", target) else None


_ENUMS = (
    EnumDoc(
        AlertState,
        "The state of an inventory alert.",
        {
            AlertState.ARMED: "The available quantity is at or above the threshold. "
            "The alert fires when it falls below.",
            AlertState.LOW: "The available quantity is below the threshold. "
            "The alert is armed again after it recovers.",
        },
    ),
    EnumDoc(
        PurchaseOrderStatus,
        "The status of a purchase order.",
        {
            PurchaseOrderStatus.OPEN: "Some or all units are outstanding.",
            PurchaseOrderStatus.RECEIVED: "All units have been received.",
            PurchaseOrderStatus.CANCELLED: "The purchase order was cancelled. "
            "Outstanding units are no longer expected.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"inventory:read", "inventory:write"}),
    events=(InventoryLow, InventoryOutOfStock),
    event_areas={
        "inventory": EventArea(
            "inventory:read", snapshot.inventory_row, InventorySnapshotDocument, stored=snapshot.INVENTORY
        )
    },
    nodes={
        "wh": NodeType((reads.warehouse_by_id,)),
        "inv": NodeType((reads.inventory_by_product, reads.inventory_by_variant), key=_stock_key),
        "level": NodeType((reads.level_by_id,), key=_level_key),
        "mov": NodeType((reads.movement_by_id,)),
        "alert": NodeType((reads.alert_by_id,)),
        "po": NodeType((reads.purchase_order_by_id,)),
    },
    tables=own_tables("domain.inventory", append_only={"inventory_movement"}),
    enums=_ENUMS,
)
