"""What a store that ships holds, for tests that look at every table, route and field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from domain import catalog, orders, shipping
from domain.catalog import WeightUnit
from domain.catalog.commands import CreateProduct, VariantInput
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import NoCall
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderItemInput
from domain.shipping import DimensionUnit, ReturnReason, TrackingStatus
from domain.shipping.commands import (
    CarrierRateInput,
    CarrierServiceInput,
    CarrierZoneInput,
    PackageInput,
    ReturnLineInput,
    ShipmentItemInput,
)
from domain.shipping.model import ShipmentLabel
from domain.shipping.ports import ShippingLinks
from tests.contract.payment_fixtures import collect
from tests.contract.store_fixtures import LEEDS

URL = "https://api.shop.example"
SKU = "PARCEL"
PACKAGE = PackageInput(
    weight=Decimal("2.5"),
    weight_unit=WeightUnit.KILOGRAM,
    length=Decimal(12),
    width=Decimal(8),
    height=Decimal(6),
    dimension_unit=DimensionUnit.INCH,
)
DOCK = AddressInput(company="Dock", line1="1 Quay", city="Hull", country="GB")


async def send(database: Database, principal: Principal, customer_id: str | None = None) -> dict[str, str]:
    """A carrier of the store's own (``carr``), and a paid order (``sent``) of six of one line (``sent_item``): three
    are on their way (``moving``), with a label of their carrier, one has its label (``shp``), two are left. Of those
    on their way one is in a return that is requested (``ret``), one in a return that is approved (``approved``).
    Answers the ids.
    """
    database.provide(ShippingLinks(URL))

    async def do(execute: Any, **given: Any) -> Any:
        async with database.transaction(principal) as work:
            made = await execute(work, principal, use_case_of(execute).command(**given))
            return made.result if isinstance(made, NoCall) else made

    carrier = await do(shipping.create_shipping_carrier, **pedal())
    price, variant = Money(500, principal.store.currency), VariantInput(sku=SKU, inventory=9)
    product = CreateProduct(name="Parcel", sku="PARCEL-P", price=price, variants=(variant,))
    async with database.transaction(principal) as work:
        await catalog.create_product(work, principal, product)
    line = OrderItemInput(sku=SKU, quantity=6)
    order = await do(orders.create_order, customer_id=customer_id, items=(line,), shipping_address=LEEDS)
    item = order.items[0].id
    await collect(database, principal, order.id, order.total)
    sent = {"order_id": order.id, "carrier": "pedal", "service": "same_day", "packages": (PACKAGE,), "ship_from": DOCK}
    moving = await do(shipping.create_shipment, **sent, items=(ShipmentItemInput(id=item, quantity=3),))
    told = {"description": "Picked up", "location": "Hull"}
    await do(shipping.add_tracking_event, shipment_id=moving.id, status=TrackingStatus.IN_TRANSIT, **told)
    shipment = await do(shipping.create_shipment, **sent, items=(ShipmentItemInput(id=item, quantity=1),))
    back = ReturnLineInput(id=item, quantity=1, reason=ReturnReason.DAMAGED)
    asked = await do(shipping.create_return, order_id=order.id, items=(back,), note="The box was torn.")
    approved = await do(shipping.create_return, order_id=order.id, items=(back,))
    await do(shipping.approve_return, id=approved.id, note="Fine.")
    async with database.transaction(principal) as work:
        made = ShipmentLabel(shipment_id=moving.id, id=new_id("lbl"), content=b"%PDF", created_at=work.now)
        made.store_id = principal.store.number
        work.add(made)
    ids = {"carr": carrier.id, "sent": order.id, "sent_item": item, "moving": moving.id, "shp": shipment.id}
    return {**ids, "ret": asked.id, "approved": approved.id, **await _owned(database, principal, shipment.id, asked.id)}


def pedal() -> dict[str, Any]:
    """The fields of a carrier of the store's own, which goes everywhere."""
    prices = (
        CarrierRateInput(zone="home", weight_from=Decimal(0), weight_to=Decimal(2), price=Money(495, "GBP")),
        CarrierRateInput(zone="home", weight_from=Decimal(2), weight_to=Decimal(30), price=Money(995, "GBP")),
        CarrierRateInput(zone="abroad", weight_from=Decimal(0), weight_to=Decimal(10), price=Money(2_500, "GBP")),
    )
    return {
        "code": "pedal",
        "name": "Pedal Couriers",
        "tracking_url": "https://pedal.example/{number}",
        "weight_unit": WeightUnit.KILOGRAM,
        "zones": (CarrierZoneInput(code="home", countries=("GB",)), CarrierZoneInput(code="abroad")),
        "services": (CarrierServiceInput(code="same_day", name="Same day", min_days=0, max_days=1, rates=prices),),
    }


async def _owned(database: Database, principal: Principal, shipment_id: str, return_id: str) -> dict[str, str]:
    """The ids of a package and a tracking event of a shipment, and of a step of a return."""
    reads = shipping.reads
    async with database.read_connection(principal.store) as db:
        (package,) = await reads.packages_by_shipment.for_key(db, shipment_id)
        (event,) = await reads.events_by_shipment.for_key(db, shipment_id)
        (step,) = await reads.changes_by_return.for_key(db, return_id)
    return {"pkg": package.id, "trk": event.id, "rstep": step.id}
