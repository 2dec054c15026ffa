"""Variants that cannot be removed yet: the stock of their shipments may still come back."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select

from domain import orders
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.model import Shipment, ShipmentItem
from domain.shipping.states import ShipmentStatus

MAX_NAMED = 3
"""Shipments that the message names."""

_order = orders.Order.__table__.c
_shipment = Shipment.__table__.c
_item = ShipmentItem.__table__.c
_CANCELLABLE = Statement(
    "cancellable_shipments_of_variant",
    select(_shipment.id)
    .join_from(Shipment, ShipmentItem, (_item.store_id == _shipment.store_id) & (_item.shipment_id == _shipment.id))
    .join(orders.Order, (_order.store_id == _shipment.store_id) & (_order.id == _shipment.order_id))
    .where(
        _shipment.store_id == STORE,
        or_(*(_shipment.status == each for each in (ShipmentStatus.PENDING, ShipmentStatus.CREATED))),
        _item.variant_id == bindparam("variant_id", type_=KEY_TEXT),
        or_(*(_order.status == each for each in sorted(orders.SHIPPABLE))),
    )
    .order_by(_shipment.created_at, _shipment.id)
    .limit(MAX_NAMED),
)
"""Shipments of a variant that can still be cancelled, oldest first."""


async def require_handed_over(work: UnitOfWork, variant_id: str) -> None:
    """Raises Conflict while a shipment of the variant can be cancelled: its stock would have nowhere to go back to.

    The caller has locked the stock of the variant: what ships or cancels waits for that lock.
    """
    rows = await _CANCELLABLE.rows(work.reader, variant_id=variant_id)
    if rows:
        message = (
            f"The variant is in shipments that were not handed over, and cannot be removed: "
            f"{', '.join(row.id for row in rows)}. Cancel them, or report that they are in transit."
        )
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
