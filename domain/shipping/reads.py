"""The reads and listings of shipping, declared once for dataloaders, REST endpoints and query plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import Listing
from domain.kernel.listing.counted_filters import within
from domain.kernel.listing.filters import at_or_after, at_or_before, equal, one_of, single
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.shipping.model import (
    CustomCarrier,
    OrderReturn,
    ReturnLine,
    ReturnStatusChange,
    Shipment,
    ShipmentItem,
    ShipmentPackage,
    ShippingSettings,
    TrackingEvent,
)

SCOPE = "shipping:read"

_shipment = Shipment.__table__.c
_package = ShipmentPackage.__table__.c
_item = ShipmentItem.__table__.c
_event = TrackingEvent.__table__.c
_return = OrderReturn.__table__.c
_line = ReturnLine.__table__.c
_change = ReturnStatusChange.__table__.c
_carrier = CustomCarrier.__table__.c
_settings = ShippingSettings.__table__.c

_HIDDEN = ("store_id", "sequence")


def _columns(table: Any, *hidden: str) -> list[Any]:
    return [each for each in table.c if each.name not in (*_HIDDEN, *hidden)]


_SHIPMENTS = select(*_columns(Shipment.__table__))
_PACKAGES = select(*_columns(ShipmentPackage.__table__))
_ITEMS = select(*_columns(ShipmentItem.__table__))
_EVENTS = select(*_columns(TrackingEvent.__table__))
_RETURNS = select(*_columns(OrderReturn.__table__))
_LINES = select(*_columns(ReturnLine.__table__))
_CHANGES = select(*_columns(ReturnStatusChange.__table__))
_CARRIERS = select(*_columns(CustomCarrier.__table__))


def _by_id(name: str, statement: Any, columns: Any) -> Read:
    return Read(name, statement, scope=SCOPE, store=columns.store_id, key=columns.id)


def _owned(name: str, statement: Any, key: Any, order: Any, *, likely: int) -> Read:
    columns = key.table.c
    return Read(
        name,
        statement,
        scope=SCOPE,
        store=columns.store_id,
        key=key,
        order=(key, order, columns.id),
        many=True,
        likely=likely,
    )


shipment_by_id = _by_id("shipment_by_id", _SHIPMENTS, _shipment)
package_by_id = _by_id("shipment_package_by_id", _PACKAGES, _package)
tracking_event_by_id = _by_id("tracking_event_by_id", _EVENTS, _event)
change_by_id = _by_id("return_status_change_by_id", _CHANGES, _change)
return_by_id = _by_id("return_by_id", _RETURNS, _return)
carrier_by_id = _by_id("shipping_carrier_by_id", _CARRIERS, _carrier)
shipments_by_order = _owned("shipments_by_order", _SHIPMENTS, _shipment.order_id, _shipment.created_at, likely=1)
packages_by_shipment = _owned("packages_by_shipment", _PACKAGES, _package.shipment_id, _package.position, likely=1)
items_by_shipment = _owned("items_by_shipment", _ITEMS, _item.shipment_id, _item.position, likely=3)
events_by_shipment = _owned("events_by_shipment", _EVENTS, _event.shipment_id, _event.occurred_at, likely=4)
returns_by_order = _owned("returns_by_order", _RETURNS, _return.order_id, _return.created_at, likely=1)
lines_by_return = _owned("lines_by_return", _LINES, _line.return_id, _line.position, likely=2)
changes_by_return = _owned("changes_by_return", _CHANGES, _change.return_id, _change.created_at, likely=3)
settings_by_store = Read(
    "shipping_settings_by_store",
    select(*_columns(ShippingSettings.__table__)),
    scope="access:read",
    store=_settings.store_id,
    key=_settings.id,
)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the filters unchanged. Raises MalformedRequest for a range that ends before it begins."""
    for name in ("created", "updated"):
        refuse_reversed(filters, f"{name}_from", f"{name}_to")
    return filters


_BY_VALUE = ("created_at",)
"""The sorts that the indexes support per value."""


def _shared_filters(table: Any) -> dict[str, Any]:
    """The filters that shipments and returns share."""
    return {
        "status": one_of("status", table.c.status, _BY_VALUE),
        "order_id": single("order_id", table.c.order_id, _BY_VALUE),
        "customer_id": single("customer_id", table.c.customer_id, _BY_VALUE),
        "created_from": at_or_after("created_from", table.c.created_at),
        "created_to": at_or_before("created_to", table.c.created_at),
        **within("updated_from", "updated_to", table, "updated_at", sort="updated_at"),
    }


shipments = Listing(
    "shipments",
    _SHIPMENTS,
    scope=SCOPE,
    store=_shipment.store_id,
    id=_shipment.id,
    sorts={"created_at": _shipment.created_at, "updated_at": _shipment.updated_at},
    filters={
        **_shared_filters(Shipment.__table__),
        "carrier": one_of("carrier", _shipment.carrier, _BY_VALUE),
        "warehouse_id": single("warehouse_id", _shipment.warehouse_id, _BY_VALUE),
        "tracking_number": equal("tracking_number", _shipment.tracking_number),
    },
)
returns = Listing(
    "returns",
    _RETURNS,
    scope=SCOPE,
    store=_return.store_id,
    id=_return.id,
    sorts={"created_at": _return.created_at, "updated_at": _return.updated_at},
    filters=_shared_filters(OrderReturn.__table__),
)
carriers = Listing(
    "shipping_carriers",
    _CARRIERS,
    scope=SCOPE,
    store=_carrier.store_id,
    id=_carrier.id,
    sorts={"created_at": _carrier.created_at},
    filters={},
)
