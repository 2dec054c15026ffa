"""Types of objects as they were at the time of an event.

They have an ``objectId`` and no ``id``, and are no Node: a client's normalised cache never confuses one with the live
object, and never overwrites that. Objects that they refer to (a customer, a warehouse) are live.

- ``objects.py``   products, customers, stock and orders
- ``payments.py``  payments; ``shipping.py``: shipments
- ``fields.py``    what their fields are made of
"""

from schema.snapshots.objects import (
    CustomerAddressSnapshot,
    CustomerSnapshot,
    InventoryAlertSnapshot,
    InventoryLevelSnapshot,
    InventorySnapshot,
    OrderItemSnapshot,
    OrderSnapshot,
    ProductImageSnapshot,
    ProductSnapshot,
    ProductVariantSnapshot,
)
from schema.snapshots.payments import PaymentSnapshot, RefundSnapshot
from schema.snapshots.shipping import ShipmentPackageSnapshot, ShipmentSnapshot

__all__ = [
    "CustomerAddressSnapshot",
    "CustomerSnapshot",
    "InventoryAlertSnapshot",
    "InventoryLevelSnapshot",
    "InventorySnapshot",
    "OrderItemSnapshot",
    "OrderSnapshot",
    "PaymentSnapshot",
    "ProductImageSnapshot",
    "ProductSnapshot",
    "ProductVariantSnapshot",
    "RefundSnapshot",
    "ShipmentPackageSnapshot",
    "ShipmentSnapshot",
]
