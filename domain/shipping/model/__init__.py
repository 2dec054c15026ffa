"""The tables of shipping.

- ``shipment.py``  shipments with their packages, items and tracking events
- ``returns.py``   returns with their lines and history
- ``carriers.py``  the store's own carriers, and its shipping settings
"""

from domain.shipping.model.carriers import CustomCarrier, ShippingSettings
from domain.shipping.model.returns import OrderReturn, ReturnLine, ReturnStatusChange
from domain.shipping.model.shipment import Shipment, ShipmentItem, ShipmentPackage, TrackingEvent

__all__ = [
    "CustomCarrier",
    "OrderReturn",
    "ReturnLine",
    "ReturnStatusChange",
    "Shipment",
    "ShipmentItem",
    "ShipmentPackage",
    "ShippingSettings",
    "TrackingEvent",
]
