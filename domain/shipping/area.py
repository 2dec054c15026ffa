"""What shipping announces."""

from __future__ import annotations

from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables
from domain.kernel.reencryption import EncryptedColumn
from domain.shipping import reads, snapshot
from domain.shipping.documents import ShipmentDocument
from domain.shipping.events import ShipmentCreated, ShipmentDelivered, ShipmentInTransit
from domain.shipping.measures import DimensionUnit
from domain.shipping.personal_data import PERSONAL_DATA
from domain.shipping.states import (
    ItemCondition,
    ReturnReason,
    ReturnStatus,
    ShipmentSource,
    ShipmentStatus,
    TrackingStatus,
)

_ENUMS = (
    EnumDoc(
        DimensionUnit,
        "A unit of length.",
        {DimensionUnit.INCH: "Inch: 2.54 centimetres.", DimensionUnit.CENTIMETRE: "Centimetre."},
    ),
    EnumDoc(
        ShipmentStatus,
        "The status of a shipment.",
        {
            ShipmentStatus.PENDING: "The carrier has not confirmed the label yet.",
            ShipmentStatus.CREATED: "The shipment has a label and was not handed over yet.",
            ShipmentStatus.IN_TRANSIT: "The shipment is in transit.",
            ShipmentStatus.OUT_FOR_DELIVERY: "The shipment is out for delivery.",
            ShipmentStatus.EXCEPTION: "The shipment is delayed.",
            ShipmentStatus.DELIVERED: "The shipment was delivered.",
            ShipmentStatus.CANCELLED: "The shipment was cancelled before it was handed over.",
        },
    ),
    EnumDoc(
        TrackingStatus,
        "The status that a carrier reports.",
        {
            TrackingStatus.IN_TRANSIT: "The shipment is in transit.",
            TrackingStatus.OUT_FOR_DELIVERY: "The shipment is out for delivery.",
            TrackingStatus.EXCEPTION: "The shipment is delayed.",
            TrackingStatus.DELIVERED: "The shipment was delivered.",
        },
    ),
    EnumDoc(
        ShipmentSource,
        "The origin of a tracking number.",
        {
            ShipmentSource.SANDBOX: "The sandbox of a test store. Not valid at any carrier.",
            ShipmentSource.CUSTOM: "A carrier of the store's own.",
            ShipmentSource.CALLER: "A label that was bought elsewhere.",
            ShipmentSource.CARRIER: "The carrier, by the store's contract.",
        },
    ),
    EnumDoc(
        ReturnStatus,
        "The status of a return.",
        {
            ReturnStatus.REQUESTED: "The return waits for a decision.",
            ReturnStatus.APPROVED: "The lines may be sent back.",
            ReturnStatus.RECEIVED: "The lines have arrived.",
            ReturnStatus.CLOSED: "The return is closed.",
            ReturnStatus.REJECTED: "The return was rejected.",
        },
    ),
    EnumDoc(
        ReturnReason,
        "Why a line is sent back.",
        {
            ReturnReason.DAMAGED: "The item arrived damaged.",
            ReturnReason.DEFECTIVE: "The item does not work.",
            ReturnReason.WRONG_ITEM: "Something else was sent.",
            ReturnReason.NOT_AS_DESCRIBED: "The item is not as described.",
            ReturnReason.TOO_SMALL: "The item is too small.",
            ReturnReason.TOO_LARGE: "The item is too large.",
            ReturnReason.UNWANTED: "The item is unwanted.",
            ReturnReason.OTHER: "Another reason; see the note.",
        },
    ),
    EnumDoc(
        ItemCondition,
        "The condition of what was sent back.",
        {
            ItemCondition.NEW: "As new, in its packaging.",
            ItemCondition.OPENED: "Opened, not used.",
            ItemCondition.USED: "Used.",
            ItemCondition.DAMAGED: "Damaged: it does not go back to stock by itself.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"shipping:read", "shipping:write", "access:write"}),  # access: the shipping settings
    events=(ShipmentCreated, ShipmentInTransit, ShipmentDelivered),
    event_areas={
        "shipment": EventArea("shipping:read", snapshot.shipment_row, ShipmentDocument, stored=snapshot.SHIPMENT)
    },
    nodes={
        "shp": NodeType((reads.shipment_by_id,)),
        "pkg": NodeType((reads.package_by_id,)),
        "trk": NodeType((reads.tracking_event_by_id,)),
        "ret": NodeType((reads.return_by_id,)),
        "rstep": NodeType((reads.change_by_id,)),
        "carr": NodeType((reads.carrier_by_id,)),
    },
    personal_data=PERSONAL_DATA,
    encrypted=(EncryptedColumn("shipping_settings", "accounts", "shipping/{store}/{carrier}", member="credentials"),),
    tables=own_tables("domain.shipping"),
    enums=_ENUMS,
)
