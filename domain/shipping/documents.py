"""What REST and webhooks write of shipments, returns, carriers and rates."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from domain.catalog import WeightUnit
from domain.kernel.address import AddressDocument
from domain.kernel.documents import (
    AmountMember,
    BooleanMember,
    DecimalMember,
    DerivedListMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    ManyMember,
    StoredMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member
from domain.kernel.ids import example_id
from domain.kernel.sql.executor import Row
from domain.shipping import reads
from domain.shipping.measures import DimensionUnit
from domain.shipping.states import (
    ItemCondition,
    ReturnReason,
    ReturnStatus,
    ShipmentSource,
    ShipmentStatus,
)

_ORDER_ID = TextMember("The id of the order.", example=example_id("ord"))
_CUSTOMER_ID = TextMember("The id of the customer. Null for a guest.", example=example_id("cust"), nullable=True)
_ACTOR = TextMember("The id of the API key that made the change, or `system`.", example="key_01jd3v4q8r")
_ITEM_ID = TextMember("The id of the line of the order.", example=example_id("item"))
_PRODUCT_ID = TextMember("The id of the product.", example=example_id("prod"))
_VARIANT_ID = TextMember("The id of the variant.", example=example_id("var"), nullable=True)
_SKU = TextMember("The SKU at the time of the order.", example="HEADPHONE-001")
_NAME = TextMember("The product name at the time of the order.", example="Premium Wireless Headphones")
_CARRIER = TextMember("The code of the carrier.", example="fedex")
_CARRIER_NAME = TextMember("The name of the carrier.", example="FedEx")
_SERVICE = TextMember("The code of the service.", example="ground")
_SERVICE_NAME = TextMember("The name of the service.", example="FedEx Ground")
_DELIVERY_FROM = TextMember(
    "The first day on which the delivery is expected, as YYYY-MM-DD. Null if the carrier does not say.",
    example="2026-01-19",
    nullable=True,
)
_DELIVERY = TextMember(
    "The last day on which the delivery is expected, as YYYY-MM-DD. Null if the carrier does not say.",
    example="2026-01-21",
    nullable=True,
)


class ShippingRateDocument(Document):
    """What a service of a carrier asks for all packages."""

    carrier = _CARRIER
    carrier_name = _CARRIER_NAME
    service = _SERVICE
    service_name = _SERVICE_NAME
    currency = CURRENCY
    cost = AmountMember("The price of all packages, with all surcharges and insurance.", example=12.84)
    base = AmountMember("The part for weight, size and distance.", example=9.34)
    surcharges = AmountMember("The part for a private address, a signature and insurance.", example=3.50)
    estimated_delivery_from = _DELIVERY_FROM
    estimated_delivery = _DELIVERY


class UnavailableCarrierDocument(Document):
    """A carrier or service without a rate, and why."""

    carrier = _CARRIER
    service = TextMember(
        "The code of the service. Null if it is the whole carrier.", example="first_class", nullable=True
    )
    reason = TextMember("The reason.", example="The carrier has not answered in time.")


class ShippingRatesDocument(Document):
    """The rates of all carriers, cheapest first."""

    data = DerivedListMember("The rates, by cost.", ShippingRateDocument, lambda row, _: row.rates)
    unavailable = DerivedListMember(
        "The carriers and services without a rate.", UnavailableCarrierDocument, lambda row, _: row.unavailable
    )


class ShipmentPackageDocument(Document):
    """A package of a shipment."""

    id = id_member("pkg")
    tracking_number = TextMember("The tracking number of the package.", example="1Z999AA10123456784")
    weight = DecimalMember("The weight, in `weight_unit`.", example=2.5)
    weight_unit = EnumMember("The unit of mass.", WeightUnit, example="lb")
    length = DecimalMember("The length, in `dimension_unit`.", example=12)
    width = DecimalMember("The width, in `dimension_unit`.", example=8)
    height = DecimalMember("The height, in `dimension_unit`.", example=6)
    dimension_unit = EnumMember("The unit of length.", DimensionUnit, example="in")


class ShipmentItemDocument(Document):
    """A quantity of a line of the order."""

    id = TextMember("The id of the line of the order.", column="item_id", example=example_id("item"))
    product_id = _PRODUCT_ID
    variant_id = _VARIANT_ID
    sku = _SKU
    name = _NAME
    quantity = IntegerMember("The shipped quantity.", example=1)


class ShipmentDocument(Document):
    """Packages that leave one warehouse for one address, with one carrier."""

    id = id_member("shp")
    order_id = _ORDER_ID
    customer_id = _CUSTOMER_ID
    status = EnumMember("The status of the shipment.", ShipmentStatus, example="in_transit")
    carrier = _CARRIER
    carrier_name = _CARRIER_NAME
    service = _SERVICE
    service_name = _SERVICE_NAME
    source = EnumMember("Where the tracking number is from.", ShipmentSource, example="sandbox")
    tracking_number = TextMember("The tracking number of the first package.", example="1Z999AA10123456784")
    tracking_url = TextMember(
        "The page that follows the shipment. Null if the carrier has none.",
        example="https://www.ups.com/track?tracknum=1Z999AA10123456784",
        nullable=True,
    )
    label_url = TextMember(
        "The URL of the label, which needs an API key. Null if it was bought elsewhere, or the carrier has none.",
        example=f"https://api.shop.example/v2/shipments/{example_id('shp')}/label",
        nullable=True,
    )
    warehouse_id = TextMember("The id of the warehouse that it leaves.", example=example_id("wh"))
    ship_from = StoredMember("The sender's address.", AddressDocument)
    ship_to = StoredMember("The recipient's address.", AddressDocument)
    packages = ManyMember("The packages.", reads.packages_by_shipment, ShipmentPackageDocument)
    items = ManyMember("The shipped lines of the order.", reads.items_by_shipment, ShipmentItemDocument)
    currency = CURRENCY
    cost = AmountMember(
        "What the tariff of the carrier asks. Null if it has none in the currency of the store.",
        example=12.84,
        nullable=True,
    )
    insurance_value = AmountMember("The insured value. Null if it is not insured.", example=500.00, nullable=True)
    signature_required = BooleanMember("Whether it is handed over against a signature.", example=True)
    estimated_delivery_from = _DELIVERY_FROM
    estimated_delivery = _DELIVERY
    shipped_at = InstantMember(
        "When it was handed over to the carrier. Null before.", example="2026-01-16T15:00:00Z", nullable=True
    )
    delivered_at = InstantMember("When it was delivered. Null before.", nullable=True)
    cancelled_at = InstantMember("When it was cancelled. Null if it was not.", nullable=True)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class TrackingEventDocument(Document):
    """What became of a shipment at a time and place."""

    id = id_member("trk")
    status = EnumMember("The status that it reports.", ShipmentStatus, example="in_transit")
    description = TextMember("What happened, in words.", example="Departed the depot")
    location = TextMember("Where it happened. Null if it is not known.", example="Memphis, TN", nullable=True)
    occurred_at = InstantMember("When it happened.", example="2026-01-16T15:00:00Z")


class ReturnLineDocument(Document):
    """A quantity of a line of the order that comes back."""

    id = TextMember("The id of the line of the order.", column="item_id", example=example_id("item"))
    product_id = _PRODUCT_ID
    variant_id = _VARIANT_ID
    sku = _SKU
    name = _NAME
    quantity = IntegerMember("The returned quantity.", example=1)
    reason = EnumMember("Why it is sent back.", ReturnReason, example="damaged")
    condition = EnumMember("The condition. Null if it is not known.", ItemCondition, example="opened", nullable=True)
    restocked = IntegerMember("The quantity that went back to stock.", example=0)
    warehouse_id = TextMember(
        "The id of the warehouse that it went to. Null before it has arrived.",
        example=example_id("wh"),
        nullable=True,
    )


class ReturnDocument(Document):
    """Lines of an order that come back."""

    id = id_member("ret")
    order_id = _ORDER_ID
    customer_id = _CUSTOMER_ID
    status = EnumMember("The status of the return.", ReturnStatus, example="requested")
    note = TextMember("A note, for internal use.", example="The box was torn", nullable=True)
    items = ManyMember("The lines that come back.", reads.lines_by_return, ReturnLineDocument)
    currency = CURRENCY
    refund_amount = AmountMember(
        "What the lines cost, with their shares of discount and tax: the proposed refund.", example=49.90
    )
    refund_id = TextMember("The id of the refund. Null before.", example=example_id("re"), nullable=True)
    warehouse_id = TextMember(
        "The id of the warehouse that the lines are sent to. Null before the return is approved.",
        example=example_id("wh"),
        nullable=True,
    )
    carrier = TextMember("The code of the carrier. Null without a label.", example="fedex", nullable=True)
    carrier_name = TextMember("The name of the carrier. Null without a label.", example="FedEx", nullable=True)
    service = TextMember("The code of the service. Null without a label.", example="ground", nullable=True)
    service_name = TextMember("The name of the service. Null without a label.", example="FedEx Ground", nullable=True)
    tracking_number = TextMember(
        "The tracking number of the way back. Null without one.", example="1Z999AA10123456784", nullable=True
    )
    tracking_url = TextMember(
        "The page that follows the way back. Null without one.",
        example="https://www.ups.com/track?tracknum=1Z999AA10123456784",
        nullable=True,
    )
    label_url = TextMember(
        "The URL of the label, which needs an API key. Null without one.",
        example=f"https://api.shop.example/v2/returns/{example_id('ret')}/label",
        nullable=True,
    )
    received_at = InstantMember("When the lines arrived. Null before.", nullable=True)
    closed_at = InstantMember("When the return was closed or rejected. Null before.", nullable=True)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class ReturnStatusChangeDocument(Document):
    """A change of a return's status."""

    id = id_member("rstep")
    from_status = EnumMember(
        "The status before the change. Null for the first entry, when the return was requested.",
        ReturnStatus,
        example="requested",
        nullable=True,
    )
    status = EnumMember("The status after the change.", ReturnStatus, example="approved")
    note = TextMember("A note on the change. Null if none was given.", example="The box was torn", nullable=True)
    actor = _ACTOR
    created_at = CREATED_AT


class CarrierZoneDocument(Document):
    """Countries that cost the same."""

    code = TextMember("The code of the zone.", example="domestic")
    countries = TextListMember(
        "The countries, as ISO 3166-1 alpha-2 codes. Empty: all that are in no other zone.", example=["GB"]
    )


class CarrierRateDocument(Document):
    """The price of one package of a range of weights to one zone."""

    zone = TextMember("The code of the zone.", example="domestic")
    weight_from = DecimalMember("The weight above which the price applies, in `weight_unit`.", example=0)
    weight_to = DecimalMember("The weight up to which the price applies, in `weight_unit`.", example=2)
    price = AmountMember("The price, in the currency of the store.", example=4.95)


class CarrierServiceDocument(Document):
    """A service with its prices."""

    code = TextMember("The code of the service.", example="same_day")
    name = TextMember("The name of the service.", example="Same day")
    min_days = IntegerMember("Business days under way, at least.", example=1)
    max_days = IntegerMember("Business days under way, at most.", example=3)
    rates = DerivedListMember("The prices.", CarrierRateDocument, lambda row, _: carrier_rates(row))


class ShippingCarrierDocument(Document):
    """A carrier of the store's own."""

    id = id_member("carr")
    code = TextMember("The code of the carrier, unique in the store.", example="pedal")
    name = TextMember("The name of the carrier.", example="Pedal Couriers")
    active = BooleanMember("Whether the carrier is asked for rates and accepts shipments.", example=True)
    tracking_url = TextMember(
        "The page that follows a package. `{number}` stands for its tracking number. Null if there is none.",
        example="https://tracking.example.com/?id={number}",
        nullable=True,
    )
    prints_labels = BooleanMember("Whether the gateway draws labels for its shipments.", example=True)
    currency = CURRENCY
    weight_unit = EnumMember("The unit of the weights in the prices.", WeightUnit, example="kg")
    zones = DerivedListMember("The zones of the prices.", CarrierZoneDocument, lambda row, _: stored_entries(row.zones))
    services = DerivedListMember("The services.", CarrierServiceDocument, lambda row, _: carrier_services(row))
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class ExchangeRateDocument(Document):
    """What one unit of another currency is worth in the currency of the store."""

    currency = TextMember("The other currency, as an upper-case ISO 4217 code.", example="USD")
    rate = DecimalMember("How much of the currency of the store one unit of the other is worth.", example=0.79)


class BoxDocument(Document):
    """A box that orders are packed into."""

    name = TextMember("The name of the box.", example="Small box")
    length = DecimalMember("The length, in `dimension_unit`.", example=30)
    width = DecimalMember("The width, in `dimension_unit`.", example=20)
    height = DecimalMember("The height, in `dimension_unit`.", example=10)
    dimension_unit = EnumMember("The unit of length.", DimensionUnit, example="cm")
    max_weight = DecimalMember("What it holds, in `weight_unit`, without its own weight.", example=5)
    empty_weight = DecimalMember("Its own weight, in `weight_unit`.", example=0.2)
    weight_unit = EnumMember("The unit of mass.", WeightUnit, example="kg")


class ShippingSettingsDocument(Document):
    """How the store ships."""

    currency = CURRENCY
    carriers = TextListMember(
        "The built-in carriers that are asked for rates and accept shipments.", example=["usps", "fedex", "ups", "dhl"]
    )
    exchange_rates = DerivedListMember(
        "The exchange rates by which tariffs in other currencies are converted.",
        ExchangeRateDocument,
        lambda row, _: stored_entries(row.exchange_rates),
    )
    boxes = DerivedListMember(
        "The boxes that orders are packed into.", BoxDocument, lambda row, _: stored_entries(row.boxes)
    )
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


def stored_entries(stored: list[Mapping[str, Any]]) -> list[Row]:
    """Entries of a list that a row stores as JSON, as rows."""
    return [SimpleNamespace(**each) for each in stored]


def carrier_services(row: Row) -> list[Row]:
    """The services of a carrier, which carry its currency for their prices."""
    return [SimpleNamespace(**{**each, "currency": row.currency}) for each in row.services]


def carrier_rates(service: Row) -> list[Row]:
    """The prices of a service of ``carrier_services``."""
    return [SimpleNamespace(**{**each, "currency": service.currency}) for each in service.rates]
