"""The shipments and returns of the small shop and their lists; ``listed_areas.py`` has the others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping import ItemCondition, ReturnReason, ReturnStatus, ShipmentSource, ShipmentStatus
from domain.shipping.model import (
    CustomCarrier,
    OrderReturn,
    ReturnLine,
    ReturnStatusChange,
    Shipment,
    ShipmentItem,
    ShipmentPackage,
    TrackingEvent,
)
from tests.contract.listed_areas import DAY_THREE, DAY_TWO, connection
from tests.contract.listed_shop import Area, Condition, Fact, _by, facts, moment_of, one, several, spans

SHIPMENT_COUNT, RETURN_COUNT, CARRIER_COUNT = 70, 50, 9
ADDRESS = {"line1": "1 Höhe", "city": "York", "country": "GB"}
NOBODY = dict.fromkeys(("first_name", "last_name", "company", "line2", "state", "zip", "phone"))


class _Parcels:
    """Makes rows that refer to each other, at moments and with values that repeat often."""

    def __init__(
        self, work: UnitOfWork, chance: random.Random, sold: Sequence[Fact], warehouses: Sequence[str]
    ) -> None:
        self._work, self._chance, self._sold, self._warehouses = work, chance, sold, warehouses

    async def fill(self) -> None:
        """Write shipments and returns with all they own, and carriers."""
        for _ in range(SHIPMENT_COUNT):
            await self._shipment()
        for _ in range(RETURN_COUNT):
            await self._return()
        for number in range(CARRIER_COUNT):
            rate = {"zone": "all", "weight_from": "0", "weight_to": "2.50", "price": 495}
            service = {"code": "slow", "name": "Slow", "min_days": 1, "max_days": 2, "rates": [rate]}
            carrier = {"code": f"mule_{number}", "name": "Mule", "active": True, "prints_labels": False}
            zones = [{"code": "all", "countries": []}]
            row = self._row("carr") | {"version": 1, "weight_unit": "kg", "zones": zones, "services": [service]}
            await self._write(CustomCarrier(**row, **carrier))

    async def _shipment(self) -> None:
        order, status = self._chance.choice(self._sold), self._chance.choice(list(ShipmentStatus))
        at, owned = moment_of(self._chance), self._of(order)
        gone = status not in (ShipmentStatus.PENDING, ShipmentStatus.CREATED, ShipmentStatus.CANCELLED)
        row = Shipment(
            **self._row("shp"),
            **owned,
            warehouse_id=self._chance.choice(self._warehouses),
            carrier=self._chance.choice(["ups", "dhl", "pedal"]),
            carrier_name="Carrier",
            service="ground",
            service_name="Größe",
            status=status,
            source=self._chance.choice(list(ShipmentSource)),
            tracking_number=None if status == ShipmentStatus.PENDING else self._chance.choice(["1Z999", "PEDAL 1"]),
            failure="Größe?" if status == ShipmentStatus.CANCELLED else None,
            tracking_url=self._chance.choice([None, "https://pedal.example/1"]),
            ship_from={**NOBODY, **ADDRESS},
            ship_to={**NOBODY, **ADDRESS, "first_name": "Ölaf"},
            cost=self._chance.choice([None, 495]),
            insurance_value=self._chance.choice([None, 50_000]),
            signature_required=self._chance.random() < 0.5,
            estimated_delivery=self._chance.choice([None, "2026-01-21"]),
            shipped_at=at if gone else None,
            delivered_at=at if status == ShipmentStatus.DELIVERED else None,
            cancelled_at=at if status == ShipmentStatus.CANCELLED else None,
            sequence=1,
            version=1,
        )
        await self._write(row)
        for position in range(self._chance.randrange(1, 3)):
            await self._write(self._package(row, position), self._item(row, position))
            await self._write(self._event(row, status, at))

    def _package(self, shipment: Shipment, position: int) -> ShipmentPackage:
        sides = {name: Decimal("30.50") for name in ("length", "width", "height")}
        return ShipmentPackage(
            **self._below("pkg"),
            shipment_id=shipment.id,
            position=position,
            weight=Decimal("2.50"),
            weight_unit="lb",
            **sides,
            dimension_unit="cm",
            tracking_number=None if shipment.status == ShipmentStatus.PENDING else "1Z999",
        )

    def _item(self, shipment: Shipment, position: int) -> ShipmentItem:
        return ShipmentItem(
            **self._below("sitem"),
            shipment_id=shipment.id,
            position=position,
            item_id=new_id("item"),
            product_id=new_id("prod"),
            variant_id=self._chance.choice([None, new_id("var")]),
            sku="Ü-1",
            name="Größe",
            quantity=2,
        )

    def _event(self, shipment: Shipment, status: ShipmentStatus, at: datetime) -> TrackingEvent:
        where = self._chance.choice([None, "Hull"])
        told = {"status": status, "description": "Weg", "location": where, "occurred_at": at, "created_at": at}
        return TrackingEvent(**self._below("trk"), shipment_id=shipment.id, **told)

    async def _return(self) -> None:
        order = self._chance.choice(self._sold)
        row = OrderReturn(
            **self._row("ret"),
            **self._of(order),
            status=self._chance.choice(list(ReturnStatus)),
            note=self._chance.choice([None, "Müde"]),
            refund_amount=495,
            refund_id=self._chance.choice([None, new_id("re")]),
            version=1,
        )
        await self._write(row)
        line = ReturnLine(
            **self._below("rline"),
            return_id=row.id,
            position=0,
            item_id=new_id("item"),
            product_id=new_id("prod"),
            sku="Ü-1",
            name="Größe",
            quantity=2,
            reason=self._chance.choice(list(ReturnReason)),
            condition=self._chance.choice([None, *ItemCondition]),
            restocked=1,
            warehouse_id=self._chance.choice([None, *self._warehouses]),
        )
        step = {"status": "requested", "actor": "key", "created_at": row.created_at}
        await self._write(line, ReturnStatusChange(**self._below("rstep"), return_id=row.id, **step))

    def _of(self, order: Fact) -> dict[str, Any]:
        return {"order_id": order["id"], "customer_id": order["customer_id"]}

    def _below(self, prefix: str) -> dict[str, Any]:
        return {"store_id": self._work.store.number, "id": new_id(prefix)}

    def _row(self, prefix: str) -> dict[str, Any]:
        at = moment_of(self._chance)
        later = max(at, moment_of(self._chance))
        return {**self._below(prefix), "currency": self._work.store.currency, "created_at": at, "updated_at": later}

    async def _write(self, *rows: object) -> None:
        """One after the other: the session does not know that they refer to each other."""
        for row in rows:
            self._work.add(row)
            await self._work.flush()


async def fill_shipping(database: Database, principal: Principal, chance: random.Random) -> None:
    """Fill a store that has orders with shipments and returns."""
    sold = sorted(await facts(database, principal, "sales_order"), key=_by("id"))[:8]
    warehouses = sorted(row["id"] for row in await facts(database, principal, "warehouse"))
    async with database.transaction(principal) as work:
        await _Parcels(work, chance, sold, warehouses[:2]).fill()


def _shared(rows: Sequence[Fact], statuses: Sequence[str]) -> list[Condition]:
    """The filters that shipments and returns share."""
    order = max(row["order_id"] for row in rows)
    buyer = max(row["customer_id"] for row in rows if row["customer_id"])
    return [
        several("status", statuses[:1], lambda fact: fact["status"] == statuses[0], upper=True),
        several("status", statuses, lambda fact: fact["status"] in statuses, upper=True),
        one("order_id", order, lambda fact: fact["order_id"] == order),
        one("customer_id", buyer, lambda fact: fact["customer_id"] == buyer),
        *spans("created", "created_at", DAY_TWO, DAY_THREE),
        *spans("updated", "updated_at", DAY_TWO, DAY_THREE),
    ]


_SORTS = {name: _by(name) for name in ("created_at", "updated_at")}


async def shipments(database: Database, principal: Principal) -> Area:
    """The list of shipments."""
    rows = await facts(database, principal, "shipment")
    warehouse = max(row["warehouse_id"] for row in rows)
    carriers = ["ups", "pedal"]
    conditions = [
        *_shared(rows, ["in_transit", "delivered"]),
        several("carrier", carriers[:1], lambda fact: fact["carrier"] == "ups"),
        several("carrier", carriers, lambda fact: fact["carrier"] in carriers),
        one("warehouse_id", warehouse, lambda fact: fact["warehouse_id"] == warehouse),
        one("tracking_number", "PEDAL 1", lambda fact: fact["tracking_number"] == "PEDAL 1"),
    ]
    query = connection("shipments", "ShipmentFilter", "ShipmentSort")
    return Area("/v2/shipments", query, rows, conditions, _SORTS)


async def returns(database: Database, principal: Principal) -> Area:
    """The list of returns."""
    rows = await facts(database, principal, "order_return")
    query = connection("returns", "ReturnFilter", "ReturnSort")
    return Area("/v2/returns", query, rows, _shared(rows, ["requested", "closed"]), _SORTS)


SHIPPING_AREAS = (shipments, returns)
