"""Changes of shipments: lock, compare the version, write, announce.

Lock order, everywhere: the order, the shipment, then the stock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, cast, func, select

from domain import orders
from domain.kernel.errors import NotFound
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.changes import count_change
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.events import ShipmentCreated, ShipmentDelivered, ShipmentInTransit
from domain.shipping.model import Shipment, ShipmentItem, ShipmentPackage, TrackingEvent
from domain.shipping.snapshot import shipment_snapshot
from domain.shipping.states import IN_CARRIERS_HANDS, ShipmentStatus

SHIPMENTS, PACKAGES, ITEMS, EVENTS = (
    Records(Shipment),
    Records(ShipmentPackage),
    Records(ShipmentItem),
    Records(TrackingEvent),
)
ShipmentEvent = type[ShipmentCreated] | type[ShipmentInTransit] | type[ShipmentDelivered]

_shipment = Shipment.__table__.c
_item = ShipmentItem.__table__.c
_event = TrackingEvent.__table__.c
_ORDER_OF = Statement(
    "order_of_shipment",
    select(_shipment.order_id).where(_shipment.store_id == STORE, _shipment.id == bindparam("id", type_=KEY_TEXT)),
)
PROGRESS = Statement(
    "progress_of_shipments",
    select(_shipment.status, cast(func.sum(_item.quantity), BigInteger).label("units"))
    .join_from(Shipment, ShipmentItem, (_item.store_id == _shipment.store_id) & (_item.shipment_id == _shipment.id))
    .where(
        _shipment.store_id == STORE,
        _shipment.order_id == bindparam("order_id", type_=KEY_TEXT),
        _shipment.status != ShipmentStatus.CANCELLED,
    )
    .group_by(_shipment.status),
)
"""The units of the shipments of an order, by status."""
_LATEST = Statement(
    "latest_tracking_event",
    select(_event.occurred_at)
    .where(_event.store_id == STORE, _event.shipment_id == bindparam("shipment_id", type_=KEY_TEXT))
    .order_by(_event.occurred_at.desc(), _event.id.desc())
    .limit(1),
)

DESCRIPTIONS = {
    ShipmentStatus.PENDING: "The label was requested from the carrier.",
    ShipmentStatus.CREATED: "The shipment was created.",
    ShipmentStatus.IN_TRANSIT: "The shipment is in transit.",
    ShipmentStatus.OUT_FOR_DELIVERY: "The shipment is out for delivery.",
    ShipmentStatus.EXCEPTION: "The delivery is delayed.",
    ShipmentStatus.DELIVERED: "The shipment was delivered.",
    ShipmentStatus.CANCELLED: "The shipment was cancelled.",
}
"""What a tracking event says if nothing else is given."""


class ShipmentChange:
    """A locked shipment with its packages and items, and its locked order."""

    def __init__(
        self,
        shipment: Shipment,
        packages: Sequence[ShipmentPackage],
        items: Sequence[ShipmentItem],
        order: orders.OrderChange,
    ) -> None:
        self.shipment = shipment
        self.packages = packages
        self.items = items
        self.order = order

    def track(
        self,
        work: UnitOfWork,
        status: ShipmentStatus,
        *,
        description: str | Unset | None = None,
        location: str | Unset | None = None,
        at: datetime | None = None,
    ) -> None:
        """Add a tracking event."""
        EVENTS.append(
            work,
            EVENTS.new(
                store_id=work.store.number,
                id=new_id("trk"),
                shipment_id=self.shipment.id,
                status=status,
                description=description or DESCRIPTIONS[status],
                location=location or None,
                occurred_at=at or work.now,
                created_at=work.now,
            ),
        )

    async def latest_event(self, work: UnitOfWork) -> datetime:
        """The time of the latest tracking event."""
        rows = await _LATEST.rows(work.reader, shipment_id=self.shipment.id)
        latest: datetime = rows[0].occurred_at
        return latest

    async def save(self, work: UnitOfWork) -> None:
        """Increase the version and write the shipment."""
        self.shipment.version += 1
        self.shipment.updated_at = work.now
        await SHIPMENTS.update(work, self.shipment)

    async def announce(self, work: UnitOfWork, event: ShipmentEvent) -> None:
        """Count the change, write the shipment and record an event about it."""
        count_change(work, self.shipment)
        await SHIPMENTS.update(work, self.shipment)
        self.record(work, event)

    def record(self, work: UnitOfWork, event: ShipmentEvent) -> None:
        """Record an event about the shipment as it is."""
        shipment = self.shipment
        work.record(event(shipment.id, shipment.sequence, shipment_snapshot(shipment, self.packages, self.items)))

    async def move_order(self, work: UnitOfWork) -> None:
        """Move the order on, if all its shipments have moved."""
        await work.send()
        progress = await PROGRESS.rows(work.reader, order_id=self.shipment.order_id)
        await orders.follow_shipments(
            work,
            self.order,
            all_moving=all(row.status in IN_CARRIERS_HANDS for row in progress),
            delivered=sum(row.units for row in progress if row.status == ShipmentStatus.DELIVERED),
        )


async def lock_shipment(work: UnitOfWork, id: str, version: int | Unset = UNSET) -> ShipmentChange:
    """Lock a shipment with its order. Raises NotFound, Conflict (stale version)."""
    found = await _ORDER_OF.rows(work.reader, id=id)
    if not found:
        raise NotFound("shipment")
    order = await orders.lock_order(work, found[0].order_id, UNSET)
    shipment = await SHIPMENTS.lock(work, id, noun="shipment", version=version)
    packages = await PACKAGES.by_column(work, "shipment_id", id, "position")
    items = await ITEMS.by_column(work, "shipment_id", id, "position")
    return ShipmentChange(shipment, packages, items, order)
