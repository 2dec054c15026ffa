"""The tables of shipping.

- ``shipment.py``  shipments with their packages, items, tracking events and labels of carriers
- ``returns.py``   returns with their lines and history
- ``carriers.py``  the store's own carriers, and its shipping settings
"""

from domain.shipping.model.carriers import CustomCarrier, ShippingSettings
from domain.shipping.model.returns import OrderReturn, ReturnLine, ReturnStatusChange
from domain.shipping.model.shipment import Shipment, ShipmentItem, ShipmentLabel, ShipmentPackage, TrackingEvent

__all__ = [
    "CustomCarrier",
    "OrderReturn",
    "ReturnLine",
    "ReturnStatusChange",
    "Shipment",
    "ShipmentItem",
    "ShipmentLabel",
    "ShipmentPackage",
    "ShippingSettings",
    "TrackingEvent",
]
