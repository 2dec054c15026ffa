"""The rows of a new shipment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.kernel.ids import new_id
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import CreateShipment, PackageInput
from domain.shipping.model import ShipmentItem, ShipmentPackage
from domain.shipping.ports import Rate, ShippingLinks
from domain.shipping.service.carrier_events import first_tracking_at
from domain.shipping.service.changes import ITEMS, PACKAGES, SHIPMENTS, ShipmentChange
from domain.shipping.service.package_numbers import LabelPlan
from domain.shipping.service.shipment_plans import Quantities, ShipmentPlan
from domain.shipping.states import ShipmentStatus


def new_shipment(work: UnitOfWork, plan: ShipmentPlan, command: CreateShipment, rate: Rate | None) -> ShipmentChange:
    """The shipment with its packages and items."""
    label_plan, order = plan.label_plan, plan.order.order
    id, numbers = new_id("shp"), label_plan.numbers(len(plan.packages))
    insured = command.insurance_value
    shipment = SHIPMENTS.new(
        store_id=work.store.number,
        id=id,
        order_id=order.id,
        customer_id=order.customer_id,
        warehouse_id=plan.warehouse_id,
        status=ShipmentStatus.CREATED if plan.account is None else ShipmentStatus.PENDING,
        failure=None,
        ship_from=plan.ship_from.stored(),
        ship_to=plan.ship_to.stored(),
        insurance_value=insured.minor_units if insured else None,
        signature_required=command.signature_required,
        sequence=1 if plan.account is None else 0,  # its first event is that it has a label
        version=1,
        created_at=work.now,
        updated_at=work.now,
        **_labelled(work, id, label_plan, numbers[0]),
        **_priced(work, rate),
    )
    packages = _new_packages(work, id, plan.packages, numbers)
    return ShipmentChange(shipment, packages, _new_items(work, id, order.items, plan.quantities), plan.order)


def _new_packages(
    work: UnitOfWork, shipment_id: str, packages: Sequence[PackageInput], numbers: Sequence[str | None]
) -> list[ShipmentPackage]:
    return [
        _new_package(work, shipment_id, place, package, number)
        for place, (package, number) in enumerate(zip(packages, numbers, strict=True))
    ]


def _labelled(work: UnitOfWork, id: str, label_plan: LabelPlan, number: str | None) -> dict[str, Any]:
    """The columns that follow from the carrier and its label."""
    return {
        **label_plan.columns(),
        "tracking_number": number,
        "tracking_url": label_plan.tracking_url(number),
        "label_url": work.dependency(ShippingLinks).label_of_shipment(id) if label_plan.has_label else None,
        "next_tracking_at": first_tracking_at(work.now, label_plan),
    }


def _priced(work: UnitOfWork, rate: Rate | None) -> dict[str, Any]:
    """The columns that follow from a rate."""
    if rate is None:
        return {"currency": work.store.currency}
    return {
        "currency": rate.currency,
        "cost": rate.cost,
        "estimated_delivery_from": rate.estimated_delivery_from,
        "estimated_delivery": rate.estimated_delivery,
    }


def _new_package(
    work: UnitOfWork, shipment_id: str, position: int, package: PackageInput, number: str | None
) -> ShipmentPackage:
    return PACKAGES.new(
        store_id=work.store.number,
        id=new_id("pkg"),
        shipment_id=shipment_id,
        position=position,
        weight=package.weight,
        weight_unit=package.weight_unit,
        length=package.length,
        width=package.width,
        height=package.height,
        dimension_unit=package.dimension_unit,
        tracking_number=number,
    )


def _new_items(work: UnitOfWork, shipment_id: str, items: Sequence[Any], quantities: Quantities) -> list[ShipmentItem]:
    shipped = [item for item in items if item.id in quantities]
    return [
        ITEMS.new(
            store_id=work.store.number,
            id=new_id("sitem"),
            shipment_id=shipment_id,
            position=position,
            item_id=item.id,
            product_id=item.product_id,
            variant_id=item.variant_id,
            sku=item.sku,
            name=item.name,
            quantity=quantities[item.id],
        )
        for position, item in enumerate(shipped)
    ]
