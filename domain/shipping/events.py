"""The events of shipments. Returns have none of their own: ``order.updated`` tells them."""

from __future__ import annotations

from domain.kernel.events import Event


class ShipmentCreated(Event, type="shipment.created"):
    """A shipment was created."""


class ShipmentInTransit(Event, type="shipment.in_transit"):
    """A shipment was handed over to its carrier."""


class ShipmentDelivered(Event, type="shipment.delivered"):
    """A shipment was delivered."""
