"""Shipments, returns and carriers, as REST finds and returns them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain import shipping
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.shipping.documents import (
    ReturnDocument,
    ReturnStatusChangeDocument,
    ShipmentDocument,
    ShippingCarrierDocument,
    ShippingSettingsDocument,
    TrackingEventDocument,
)
from domain.shipping.ports import Label, LabelFile, LabelPrinters
from rest_compat.objects import Ids, OwnedList, Representation, RestObject, listed
from rest_compat.orders.objects import ORDER

reads = shipping.reads
LabelContent = Sequence[Label] | LabelFile
FindLabels = Callable[[Executor, Principal, str], Awaitable[LabelContent]]

SHIPMENT = RestObject(
    path="/shipments/{id}", noun="shipment", prefix="shp", read=reads.shipment_by_id, document=ShipmentDocument
)
RETURN = RestObject(path="/returns/{id}", noun="return", prefix="ret", read=reads.return_by_id, document=ReturnDocument)
CARRIER = RestObject(
    path="/shipping/carriers/{id}",
    noun="carrier",
    prefix="carr",
    read=reads.carrier_by_id,
    document=ShippingCarrierDocument,
)
SETTINGS_OF_SHIPPING = RestObject(
    path="/settings/shipping",
    noun="settings",
    prefix="",
    read=reads.settings_by_store,
    document=ShippingSettingsDocument,
)
TRACKING = OwnedList(SHIPMENT, DocumentRead(TrackingEventDocument, reads.events_by_shipment))
RETURN_HISTORY = OwnedList(RETURN, DocumentRead(ReturnStatusChangeDocument, reads.changes_by_return))


class ShipmentsOfOrder:
    """The shipments of an order, oldest first."""

    scope = reads.SCOPE
    response = list[ShipmentDocument]
    _items = DocumentRead(ShipmentDocument, reads.shipments_by_order)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list. Raises NotFound without such an order."""
        order = await ORDER.row(db, principal, ids)
        return listed(await self._items.list_for_key(db, principal, order.id))


class ReturnsOfOrder:
    """The returns of an order, oldest first."""

    scope = reads.SCOPE
    response = list[ReturnDocument]
    _items = DocumentRead(ReturnDocument, reads.returns_by_order)

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list. Raises NotFound without such an order."""
        order = await ORDER.row(db, principal, ids)
        return listed(await self._items.list_for_key(db, principal, order.id))


class Labels:
    """The labels of a shipment or of a return, a page each."""

    scope = reads.SCOPE

    def __init__(self, find: FindLabels) -> None:
        """``find``: the labels of an id."""
        self._find = find

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> LabelContent:
        """What stands on them. Raises NotFound."""
        return await self._find(db, principal, ids["id"])

    def render(self, content: LabelContent, media: str, dependency: Callable[[type[Any]], Any]) -> bytes:
        """The labels in one document."""
        printers: LabelPrinters = dependency(LabelPrinters)
        printer = printers.by_media_type[media]
        return printer.convert(content.pdf) if isinstance(content, LabelFile) else printer.print_labels(content)
