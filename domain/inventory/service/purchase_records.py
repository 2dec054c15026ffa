"""Creation of purchase orders, manually or by alerts that fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory.model import PurchaseOrder, PurchaseOrderLine, PurchaseOrderStatus
from domain.kernel.ids import new_id
from domain.kernel.sql.statements import RowStatement
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line to order: a quantity of one variant."""

    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""


_ORDER = RowStatement.insert_into(PurchaseOrder)
_LINES = RowStatement.insert_into(PurchaseOrderLine)


async def record_purchase(
    work: UnitOfWork,
    lines: Sequence[OrderedLine],
    warehouse_id: str,
    *,
    alert_id: str | None = None,
    note: str | None = None,
) -> str:
    """Insert an open purchase order with these lines, one per variant. Returns its id."""
    only = lines[0] if len(lines) == 1 else None
    order = {
        "store_id": work.store.number,
        "id": new_id("po"),
        "product_id": only and only.product_id,
        "variant_id": only and only.variant_id,
        "warehouse_id": warehouse_id,
        "alert_id": alert_id,
        "status": PurchaseOrderStatus.OPEN,
        "quantity": sum(line.quantity for line in lines),
        "received": 0,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
        "received_at": None,
        "note": note,
        "cancelled_at": None,
    }
    await work.write(_ORDER, [order])
    await work.write(_LINES, _line_rows(work.store.number, str(order["id"]), lines))
    return str(order["id"])


def _line_rows(store: int, order_id: str, lines: Sequence[OrderedLine]) -> list[dict[str, object]]:
    return [
        {
            "store_id": store,
            "order_id": order_id,
            "variant_id": line.variant_id,
            "product_id": line.product_id,
            "position": position,
            "quantity": line.quantity,
            "received": 0,
        }
        for position, line in enumerate(lines)
    ]
