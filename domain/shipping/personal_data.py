"""The personal data in shipments and returns, for erasure (which keeps the books) and for export."""

from __future__ import annotations

from sqlalchemy import delete, select

from domain.kernel.documents import TextMember
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.personal_data import (
    PERSON_PARAMETER,
    PersonalData,
    PersonalObjects,
    PersonalSection,
    PersonalTable,
    Replacement,
)
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping import reads
from domain.shipping.documents import (
    ReturnDocument,
    ReturnStatusChangeDocument,
    ShipmentDocument,
    TrackingEventDocument,
)
from domain.shipping.model import OrderReturn, ReturnStatusChange, Shipment, ShipmentLabel, TrackingEvent

_shipment = Shipment.__table__.c
_event = TrackingEvent.__table__.c
_return = OrderReturn.__table__.c
_label = ShipmentLabel.__table__.c
_change = ReturnStatusChange.__table__.c

_THEIR_SHIPMENTS = select(_shipment.id).where(_shipment.store_id == STORE, _shipment.customer_id == PERSON_PARAMETER)
_THEIR_RETURNS = select(_return.id).where(_return.store_id == STORE, _return.customer_id == PERSON_PARAMETER)
_THEIR_LABELS = Statement(
    "remove_shipment_labels",
    delete(ShipmentLabel).where(_label.store_id == STORE, _label.shipment_id.in_(_THEIR_SHIPMENTS)),
)
_CARRIER = frozenset({"carrier_name", "service_name", "tracking_url", "label_url"})
"""Texts that erasure keeps: they name the carrier and the number of a parcel."""
_LINE = frozenset({"sku", "name"})
"""Texts of lines that erasure keeps: they come from the catalog."""


class ExportedTrackingEvent(TrackingEventDocument):
    """A tracking event of one of a customer's shipments."""

    shipment_id = TextMember("The id of the shipment.", example="shp_01jd3v4q8rf9k6w2m5n7t0xhz4")


class ExportedReturnStatusChange(ReturnStatusChangeDocument):
    """A status change of one of a customer's returns."""

    return_id = TextMember("The id of the return.", example="ret_01jd3v4q8rf9k6w2m5n7t0xhz4")


SHIPMENTS = PersonalTable(
    Shipment.__table__,
    _shipment.customer_id == PERSON_PARAMETER,
    {"ship_to": Replacement.ADDRESS, "failure": Replacement.TEXT},
    shown=reads.shipment_by_id.statement,
    order=(_shipment.created_at, _shipment.id),
    document=ShipmentDocument,
    scope=reads.SCOPE,
    keeps=frozenset({*_CARRIER, "ship_from"}),
)
TRACKING = PersonalTable(
    TrackingEvent.__table__,
    _event.shipment_id.in_(_THEIR_SHIPMENTS),
    {"description": Replacement.TEXT, "location": Replacement.TEXT},
    shown=reads.tracking_event_by_id.statement,
    order=(_event.occurred_at, _event.id),
    document=ExportedTrackingEvent,
    scope=reads.SCOPE,
)
RETURNS = PersonalTable(
    OrderReturn.__table__,
    _return.customer_id == PERSON_PARAMETER,
    {"note": Replacement.TEXT},
    shown=reads.return_by_id.statement,
    order=(_return.created_at, _return.id),
    document=ReturnDocument,
    scope=reads.SCOPE,
    keeps=_CARRIER,
)
RETURN_HISTORY = PersonalTable(
    ReturnStatusChange.__table__,
    _change.return_id.in_(_THEIR_RETURNS),
    {"note": Replacement.TEXT},
    shown=reads.changes_by_return.statement,
    order=(_change.created_at, _change.id),
    document=ExportedReturnStatusChange,
    scope=reads.SCOPE,
)
OBJECTS = PersonalObjects(
    _THEIR_SHIPMENTS.order_by(_shipment.id),
    {"ship_to": Replacement.ADDRESS, "failure": Replacement.TEXT},
    scope=reads.SCOPE,
)


async def _remove_labels(work: UnitOfWork, person_id: str) -> None:
    """Labels of carriers are files with the address on them."""
    await _THEIR_LABELS.rows(work.reader, person=person_id)


PERSONAL_DATA = PersonalData(
    sections={
        "shipments": PersonalSection(SHIPMENTS, "The shipments of the orders, oldest first. Requires `shipping:read`."),
        "tracking_events": PersonalSection(
            TRACKING, "The tracking events of the shipments, oldest first. Requires `shipping:read`."
        ),
        "returns": PersonalSection(RETURNS, "The returns, oldest first. Requires `shipping:read`."),
        "return_history": PersonalSection(
            RETURN_HISTORY, "The status changes of the returns, oldest first. Requires `shipping:read`."
        ),
    },
    objects=OBJECTS,
    reads=(reads.packages_by_shipment, reads.items_by_shipment, reads.lines_by_return),
    removed=frozenset({"shipment_label"}),
    retained={"shipment_item": _LINE, "order_return_line": _LINE},
    after_redaction=_remove_labels,
)
