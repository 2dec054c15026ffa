"""The root fields of shipping in Query."""

from __future__ import annotations

import strawberry

import resolvers.shipping
from domain import shipping
from domain.shipping.commands import ReturnFilter, ShipmentFilter
from schema.fields import calculated, listing, lookup, root
from schema.shipping.carriers import ShippingCarrier, ShippingCarrierConnection, ShippingSettings
from schema.shipping.rates import ShippingRates
from schema.shipping.returns import Return, ReturnConnection, ReturnSort, as_return
from schema.shipping.shipment import Shipment, ShipmentConnection, ShipmentSort

reads = shipping.reads
RATES_POINTS = 500
"""For asking up to 24 carriers, some of them over the network: an operation can do so nineteen times."""


@strawberry.type
class ShippingQuery:
    """Root reads of shipping."""

    shipping_rates: ShippingRates = calculated(
        shipping.calculate_shipping_rates,
        description="Calculate the rates of all carriers for packages, or for what an order has not shipped. A "
        "carrier without a response in time is left out.",
        points=RATES_POINTS,
    )
    shipment: Shipment | None = lookup(
        resolvers.shipping.shipment, reads.shipment_by_id, description="Fetch a shipment. Null if it does not exist."
    )
    shipments: ShipmentConnection = listing(
        reads.shipments,
        description="List the shipments of the store.",
        filter=ShipmentFilter,
        sort=ShipmentSort,
        check_filters=reads.check_filters,
    )
    return_: Return | None = as_return(
        lookup(
            resolvers.shipping.order_return,
            reads.return_by_id,
            description="Fetch a return. Null if it does not exist.",
        )
    )
    returns: ReturnConnection = listing(
        reads.returns,
        description="List the returns of the store.",
        filter=ReturnFilter,
        sort=ReturnSort,
        check_filters=reads.check_filters,
    )
    shipping_carrier: ShippingCarrier | None = lookup(
        resolvers.shipping.carrier,
        reads.carrier_by_id,
        description="Fetch a carrier of the store's own. Null if it does not exist.",
    )
    shipping_carriers: ShippingCarrierConnection = listing(
        reads.carriers, description="List the carriers that the store has described itself, newest first."
    )
    shipping_settings: ShippingSettings = root(
        resolvers.shipping.shipping_settings,
        description="Fetch the shipping settings of the store.",
        scopes=reads.settings_by_store.scopes,
    )
