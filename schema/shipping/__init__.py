"""GraphQL types, queries and mutations of shipping.

- ``shipment.py``   shipments, packages, items and tracking events
- ``returns.py``    returns with their lines and history
- ``rates.py``      rates of carriers
- ``carriers.py``   the store's own carriers, and its shipping settings
- ``roots.py``      the fields of Query; ``mutations.py``: those of Mutation, and their payloads
"""

from schema.shipping import returns, shipment
from schema.shipping.mutations import ShippingMutation
from schema.shipping.returns import Return
from schema.shipping.roots import ShippingQuery
from schema.shipping.shipment import Shipment, ShipmentItem, ShipmentPackage

__all__ = [
    "Return",
    "Shipment",
    "ShipmentItem",
    "ShipmentPackage",
    "ShippingMutation",
    "ShippingQuery",
    "returns",
    "shipment",
]
