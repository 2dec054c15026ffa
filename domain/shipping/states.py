"""The statuses of shipments and returns, and the allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.kernel.errors import Conflict, ErrorCode


class ShipmentStatus(StrEnum):
    """The status of a shipment: that of its latest tracking event."""

    PENDING = "pending"
    """The carrier has not confirmed the label yet."""
    CREATED = "created"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class TrackingStatus(StrEnum):
    """What a carrier can say of a parcel that it has."""

    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    DELIVERED = "delivered"


class ShipmentSource(StrEnum):
    """The origin of a tracking number."""

    SANDBOX = "sandbox"
    """Made up by the sandbox of a test store: no carrier knows it."""
    CUSTOM = "custom"
    """Made for a carrier of the store's own."""
    CALLER = "caller"
    """Given by the caller, who has bought the label elsewhere."""
    CARRIER = "carrier"
    """Given by the carrier, which has made the label by the store's contract."""


class ReturnStatus(StrEnum):
    """The status of a return."""

    REQUESTED = "requested"
    APPROVED = "approved"
    RECEIVED = "received"
    CLOSED = "closed"
    REJECTED = "rejected"


class ReturnReason(StrEnum):
    """Why a line is sent back."""

    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    UNWANTED = "unwanted"
    OTHER = "other"


class ItemCondition(StrEnum):
    """The condition of what was sent back."""

    NEW = "new"
    OPENED = "opened"
    USED = "used"
    DAMAGED = "damaged"


IN_CARRIERS_HANDS = frozenset(
    {ShipmentStatus.IN_TRANSIT, ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.EXCEPTION, ShipmentStatus.DELIVERED}
)
"""The statuses of a shipment that was handed over. It cannot be cancelled any more."""
FINAL = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.CANCELLED})
UNMOVED = frozenset({ShipmentStatus.PENDING, *FINAL})
"""The statuses of a shipment that cannot be tracked: it has no number yet, or does not move any more."""
NEXT_STATUS: Mapping[ShipmentStatus, ShipmentStatus] = {
    ShipmentStatus.CREATED: ShipmentStatus.IN_TRANSIT,
    ShipmentStatus.IN_TRANSIT: ShipmentStatus.OUT_FOR_DELIVERY,
    ShipmentStatus.EXCEPTION: ShipmentStatus.OUT_FOR_DELIVERY,
    ShipmentStatus.OUT_FOR_DELIVERY: ShipmentStatus.DELIVERED,
}
"""The way of a parcel in the sandbox."""

RETURN_TRANSITIONS: Mapping[ReturnStatus, frozenset[ReturnStatus]] = {
    ReturnStatus.REQUESTED: frozenset({ReturnStatus.APPROVED, ReturnStatus.REJECTED}),
    ReturnStatus.APPROVED: frozenset({ReturnStatus.RECEIVED, ReturnStatus.CLOSED, ReturnStatus.REJECTED}),
    ReturnStatus.RECEIVED: frozenset({ReturnStatus.CLOSED}),
    ReturnStatus.CLOSED: frozenset(),
    ReturnStatus.REJECTED: frozenset(),
}
"""The allowed next statuses of a return."""


def spoken(status: ShipmentStatus) -> str:
    """A status in a sentence: ``in transit``."""
    return status.replace("_", " ")


def require_return_transition(current: ReturnStatus, target: ReturnStatus) -> None:
    """Raises Conflict unless ``target`` may follow ``current``."""
    if target not in RETURN_TRANSITIONS[current]:
        message = f"The return is {current} and cannot become {target}."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
