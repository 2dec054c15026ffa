"""Documents of rates and shipments."""

from __future__ import annotations

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
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member
from domain.kernel.ids import example_id
from domain.shipping import reads
from domain.shipping.documents.shared_members import (
    CARRIER,
    CARRIER_NAME,
    CUSTOMER_ID,
    DELIVERY,
    DELIVERY_FROM,
    NAME,
    ORDER_ID,
    PRODUCT_ID,
    SERVICE,
    SERVICE_NAME,
    SKU,
    VARIANT_ID,
)
from domain.shipping.measures import DimensionUnit
from domain.shipping.states import (
    ShipmentSource,
    ShipmentStatus,
)


class ShippingRateDocument(Document):
    """The price of all packages by one service of a carrier."""

    carrier = CARRIER
    carrier_name = CARRIER_NAME
    service = SERVICE
    service_name = SERVICE_NAME
    currency = CURRENCY
    cost = AmountMember("The price of all packages, with all surcharges and insurance.", example=12.84)
    base = AmountMember("The part for weight, size and distance.", example=9.34)
    surcharges = AmountMember(
        "The part for a private address, a signature and insurance. 0 for a price by contract.", example=3.50
    )
    estimated_delivery_from = DELIVERY_FROM
    estimated_delivery = DELIVERY


class UnavailableCarrierDocument(Document):
    """A carrier or service without a rate, and why."""

    carrier = CARRIER
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
    tracking_number = TextMember(
        "The tracking number of the package. Null until the label is created.",
        example="1Z999AA10123456784",
        nullable=True,
    )
    weight = DecimalMember("The weight, in `weight_unit`.", example=2.5)
    weight_unit = EnumMember("The unit of mass.", WeightUnit, example="lb")
    length = DecimalMember("The length, in `dimension_unit`.", example=12)
    width = DecimalMember("The width, in `dimension_unit`.", example=8)
    height = DecimalMember("The height, in `dimension_unit`.", example=6)
    dimension_unit = EnumMember("The unit of length.", DimensionUnit, example="in")


class ShipmentItemDocument(Document):
    """A quantity of a line of the order."""

    id = TextMember("The id of the line of the order.", column="item_id", example=example_id("item"))
    product_id = PRODUCT_ID
    variant_id = VARIANT_ID
    sku = SKU
    name = NAME
    quantity = IntegerMember("The shipped quantity.", example=1)


class ShipmentDocument(Document):
    """Packages that leave one warehouse for one address, with one carrier."""

    id = id_member("shp")
    order_id = ORDER_ID
    customer_id = CUSTOMER_ID
    status = EnumMember("The status of the shipment.", ShipmentStatus, example="in_transit")
    carrier = CARRIER
    carrier_name = CARRIER_NAME
    service = SERVICE
    service_name = SERVICE_NAME
    source = EnumMember("The origin of the tracking number.", ShipmentSource, example="sandbox")
    tracking_number = TextMember(
        "The tracking number of the first package. Null until the label is created.",
        example="1Z999AA10123456784",
        nullable=True,
    )
    tracking_url = TextMember(
        "The page that follows the shipment. Null if the carrier has none.",
        example="https://www.ups.com/track?tracknum=1Z999AA10123456784",
        nullable=True,
    )
    label_url = TextMember(
        "The URL of the label, which needs an API key. Null if it was bought elsewhere, or there is none.",
        example=f"https://api.shop.example/v2/shipments/{example_id('shp')}/label",
        nullable=True,
    )
    failure = TextMember(
        "Why the carrier has made no label, in its words; the shipment is then cancelled. Null otherwise.",
        example="The postal code does not match the state.",
        nullable=True,
    )
    warehouse_id = TextMember("The id of the warehouse that it leaves.", example=example_id("wh"))
    ship_from = StoredMember("The sender's address.", AddressDocument)
    ship_to = StoredMember("The recipient's address.", AddressDocument)
    packages = ManyMember("The packages.", reads.packages_by_shipment, ShipmentPackageDocument)
    items = ManyMember("The shipped lines of the order.", reads.items_by_shipment, ShipmentItemDocument)
    currency = CURRENCY
    cost = AmountMember(
        "The price by the tariff of the carrier. Null if it has none in the currency of the store.",
        example=12.84,
        nullable=True,
    )
    insurance_value = AmountMember("The insured value. Null if it is not insured.", example=500.00, nullable=True)
    signature_required = BooleanMember("Whether a signature is required on delivery.", example=True)
    estimated_delivery_from = DELIVERY_FROM
    estimated_delivery = DELIVERY
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
