"""Import of past shipments from elsewhere, with their tracking events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.catalog import WeightUnit
from domain.kernel.address import Address
from domain.kernel.ids import new_id
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import Order
from domain.shipping.measures import DimensionUnit
from domain.shipping.model import Shipment, ShipmentPackage
from domain.shipping.ports import ShippingLinks
from domain.shipping.service.changes import DESCRIPTIONS, EVENTS, ITEMS, PACKAGES, SHIPMENTS
from domain.shipping.states import ShipmentSource, ShipmentStatus
from domain.shipping.tariffs import CARRIERS
from domain.shipping.tracking_numbers import new_tracking_number


@dataclass(frozen=True, kw_only=True, slots=True)
class PastShipment:
    """All lines of a shipped order, in one package."""

    order: Order
    """An imported order, shipped or delivered."""
    warehouse_id: str
    ship_from: Address
    carrier: str
    """A built-in carrier."""
    service: str
    shipped_at: datetime
    delivered_at: datetime | None
    kilograms: Decimal
    """The weight of the package."""

    def __post_init__(self) -> None:
        """Raises ValueError for times that are not in order, an order without address, and an unknown service."""
        carrier = CARRIERS.get(self.carrier)
        known = carrier is not None and carrier.service(self.service) is not None
        late = self.delivered_at is not None and self.delivered_at < self.shipped_at
        if not known or late or self.order.shipping_address is None:
            raise ValueError(f"invalid past shipment: {self}")


async def import_shipments(work: UnitOfWork, past: Sequence[PastShipment]) -> None:
    """Book past shipments with a fixed number of statements. The stock and the status of their orders are the
    caller's. They announce nothing.
    """
    for one in past:
        shipment = _shipment(work, one)
        SHIPMENTS.append(work, shipment)
        PACKAGES.append(work, _package(work, shipment, one))
        _append_items(work, shipment, one)
        _append_events(work, shipment, one)
    await work.send()


def _shipment(work: UnitOfWork, past: PastShipment) -> Shipment:
    id = new_id("shp")
    return SHIPMENTS.new(
        store_id=work.store.number,
        id=id,
        order_id=past.order.id,
        customer_id=past.order.customer_id,
        warehouse_id=past.warehouse_id,
        **_carriage(past),
        status=ShipmentStatus.IN_TRANSIT if past.delivered_at is None else ShipmentStatus.DELIVERED,
        source=ShipmentSource.SANDBOX,
        label_url=work.dependency(ShippingLinks).label_of_shipment(id),
        ship_from=past.ship_from.stored(),
        ship_to=past.order.shipping_address,
        currency=past.order.currency,
        signature_required=False,
        shipped_at=past.shipped_at,
        delivered_at=past.delivered_at,
        sequence=0,
        version=1,
        created_at=past.shipped_at - timedelta(hours=1),
        updated_at=past.delivered_at or past.shipped_at,
    )


def _carriage(past: PastShipment) -> dict[str, str]:
    """The columns that follow from the carrier and its service."""
    carrier = CARRIERS[past.carrier]
    service = carrier.service(past.service)
    assert service is not None  # noqa: S101 - as checked when it was made
    number = new_tracking_number(past.carrier, past.service)
    return {
        "carrier": carrier.code,
        "carrier_name": carrier.name,
        "service": service.code,
        "service_name": service.name,
        "tracking_number": number,
        "tracking_url": carrier.tracking_page(service.code).replace("{number}", number),
    }


def _package(work: UnitOfWork, shipment: Shipment, past: PastShipment) -> ShipmentPackage:
    return PACKAGES.new(
        store_id=work.store.number,
        id=new_id("pkg"),
        shipment_id=shipment.id,
        position=0,
        weight=past.kilograms,
        weight_unit=WeightUnit.KILOGRAM,
        length=Decimal(45),
        width=Decimal(35),
        height=Decimal(30),
        dimension_unit=DimensionUnit.CENTIMETRE,
        tracking_number=shipment.tracking_number,
    )


def _append_items(work: UnitOfWork, shipment: Shipment, past: PastShipment) -> None:
    made = [
        ITEMS.new(
            store_id=work.store.number,
            id=new_id("sitem"),
            shipment_id=shipment.id,
            position=position,
            item_id=item.id,
            product_id=item.product_id,
            variant_id=item.variant_id,
            sku=item.sku,
            name=item.name,
            quantity=item.quantity,
        )
        for position, item in enumerate(past.order.items)
    ]
    ITEMS.append(work, *made)


def _append_events(work: UnitOfWork, shipment: Shipment, past: PastShipment) -> None:
    times = {
        ShipmentStatus.CREATED: shipment.created_at,
        ShipmentStatus.IN_TRANSIT: past.shipped_at,
        ShipmentStatus.DELIVERED: past.delivered_at,
    }
    made = [
        EVENTS.new(
            store_id=work.store.number,
            id=new_id("trk"),
            shipment_id=shipment.id,
            status=status,
            description=DESCRIPTIONS[status],
            occurred_at=at,
            created_at=at,
        )
        for status, at in times.items()
        if at is not None
    ]
    EVENTS.append(work, *made)
