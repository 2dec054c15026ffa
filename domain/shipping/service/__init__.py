"""The use cases of shipping.

- ``rates.py``           what carriers ask
- ``shipment_plans.py``  what a shipment is made of
- ``shipments.py``       creating and cancelling shipments, with the rows of ``shipment_rows.py``
- ``tracking_events.py``  what becomes of them
- ``returns.py``         returns; ``return_refunds.py``: what is paid back; ``return_proposals.py``: what will be
- ``carrier_labels.py``  labels that carriers make
- ``labels.py``          what stands on labels; ``package_numbers.py``: where tracking numbers come from
- ``carriers.py``        the store's own carriers; ``carrier_lookup.py``: those that a store may use
- ``carrier_accounts.py``  contracts with carriers; ``carrier_events.py``: what they say of their parcels, from those of
  packages (``package_events.py``), asked for by ``shipment_tracker.py``
- ``removed_variants.py``  variants that cannot be removed yet
- ``settings.py``        the shipping settings
- ``history_import.py``  past shipments
"""

from domain.shipping.service.carrier_accounts import open_account
from domain.shipping.service.carrier_events import follow_shipments
from domain.shipping.service.carrier_lookup import store_carriers
from domain.shipping.service.carriers import (
    create_shipping_carrier,
    delete_shipping_carrier,
    update_shipping_carrier,
)
from domain.shipping.service.history_import import PastShipment, import_shipments
from domain.shipping.service.labels import labels_of_return, labels_of_shipment
from domain.shipping.service.rates import ShippingRates, calculate_shipping_rates
from domain.shipping.service.removed_variants import require_handed_over
from domain.shipping.service.return_proposals import propose_refunds
from domain.shipping.service.return_refunds import refund_return
from domain.shipping.service.returns import (
    approve_return,
    close_return,
    create_return,
    receive_return,
    reject_return,
)
from domain.shipping.service.settings import open_shipping_settings, update_shipping_settings
from domain.shipping.service.shipment_tracker import ShipmentTracker
from domain.shipping.service.shipments import cancel_shipment, create_shipment
from domain.shipping.service.tracking_events import add_tracking_event, advance_shipment

__all__ = [
    "PastShipment",
    "ShipmentTracker",
    "ShippingRates",
    "add_tracking_event",
    "advance_shipment",
    "approve_return",
    "calculate_shipping_rates",
    "cancel_shipment",
    "close_return",
    "create_return",
    "create_shipment",
    "create_shipping_carrier",
    "delete_shipping_carrier",
    "follow_shipments",
    "import_shipments",
    "labels_of_return",
    "labels_of_shipment",
    "open_account",
    "open_shipping_settings",
    "propose_refunds",
    "receive_return",
    "refund_return",
    "reject_return",
    "require_handed_over",
    "store_carriers",
    "update_shipping_carrier",
    "update_shipping_settings",
]
