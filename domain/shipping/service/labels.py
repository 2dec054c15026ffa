"""What stands on the labels of shipments and returns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import bindparam, select

from domain import inventory, orders
from domain.kernel.address import Address
from domain.kernel.errors import NotFound
from domain.kernel.principal import Mode, Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.shipping import reads
from domain.shipping.model import ShipmentLabel
from domain.shipping.ports import Label, LabelFile, barcode_elements
from domain.shipping.states import ShipmentSource

_label = ShipmentLabel.__table__.c
_CONTENT = Statement(
    "content_of_shipment_label",
    select(_label.content).where(
        _label.store_id == STORE, _label.shipment_id == bindparam("shipment_id", type_=KEY_TEXT)
    ),
)


async def labels_of_shipment(db: Executor, principal: Principal, id: str) -> list[Label] | LabelFile:
    """The labels of the packages of a shipment. Raises NotFound, also for one without labels."""
    principal.require(reads.SCOPE)
    shipment = await reads.shipment_by_id.for_key(db, id)
    if shipment is None:
        raise NotFound("shipment")
    if shipment.label_url is None:
        raise NotFound("label")
    if shipment.source == ShipmentSource.CARRIER:
        return await _made_by_carrier(db, id)
    packages = await reads.packages_by_shipment.for_key(db, id)
    order = await orders.reads.order_by_id.for_key(db, shipment.order_id)
    return _package_labels(principal, shipment, packages, order)


def _package_labels(principal: Principal, shipment: Row, packages: Sequence[Row], order: Row) -> list[Label]:
    ship_to = Address.from_stored(shipment.ship_to)
    return [
        Label(
            carrier=shipment.carrier_name,
            service=shipment.service_name,
            tracking_number=package.tracking_number,
            barcode=barcode_elements(shipment.carrier, package.tracking_number, ship_to.zip),
            ship_from=Address.from_stored(shipment.ship_from),
            ship_to=ship_to,
            order_number=str(order.number),
            weight=_weight(package),
            number=number,
            count=len(packages),
            shipped_on=shipment.created_at.date(),
            needs_signature=shipment.signature_required,
            is_sandbox=principal.store.mode == Mode.TEST or shipment.source == ShipmentSource.SANDBOX,
        )
        for number, package in enumerate(packages, start=1)
    ]


async def _made_by_carrier(db: Executor, shipment_id: str) -> LabelFile:
    found = await _CONTENT.rows(db, shipment_id=shipment_id)
    if not found:  # its buyer was erased
        raise NotFound("label")
    return LabelFile(found[0].content)


async def labels_of_return(db: Executor, principal: Principal, id: str) -> list[Label]:
    """The label of a return, from the buyer to the warehouse. Raises NotFound, also for one without a label."""
    principal.require(reads.SCOPE)
    found = await reads.return_by_id.for_key(db, id)
    if found is None:
        raise NotFound("return")
    if found.label_url is None:
        raise NotFound("label")
    order = await orders.reads.order_by_id.for_key(db, found.order_id)
    warehouse = await inventory.reads.warehouse_by_id.for_key(db, found.warehouse_id)
    return [
        Label(
            carrier=found.carrier_name,
            service=found.service_name,
            tracking_number=found.tracking_number,
            barcode=barcode_elements(found.carrier, found.tracking_number, warehouse.zip),
            ship_from=Address.from_stored(order.shipping_address or order.billing_address),
            ship_to=_address_of(warehouse),
            order_number=f"{order.number} RETURN",
            weight="",
            number=1,
            count=1,
            shipped_on=found.created_at.date(),
            is_sandbox=principal.store.mode == Mode.TEST,
        )
    ]


def _address_of(warehouse: Row) -> Address:
    """The address of a warehouse, as far as it has one."""
    return Address(
        company=warehouse.name,
        line1=warehouse.line1 or "",
        line2=warehouse.line2,
        city=warehouse.city or "",
        state=warehouse.state,
        zip=warehouse.zip,
        country=warehouse.country or "",
    )


def _weight(package: Row) -> str:
    return f"{Decimal(package.weight).normalize():f} {package.weight_unit}"
