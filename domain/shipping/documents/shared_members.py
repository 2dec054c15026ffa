"""Members that several documents of shipping have."""

from __future__ import annotations

from domain.kernel.documents import TextMember
from domain.kernel.ids import example_id

ORDER_ID = TextMember("The id of the order.", example=example_id("ord"))
CUSTOMER_ID = TextMember("The id of the customer. Null for a guest.", example=example_id("cust"), nullable=True)
ACTOR = TextMember("The id of the API key that made the change, or `system`.", example="key_01jd3v4q8r")
ITEM_ID = TextMember("The id of the line of the order.", example=example_id("item"))
PRODUCT_ID = TextMember("The id of the product.", example=example_id("prod"))
VARIANT_ID = TextMember("The id of the variant.", example=example_id("var"), nullable=True)
SKU = TextMember("The SKU at the time of the order.", example="HEADPHONE-001")
NAME = TextMember("The product name at the time of the order.", example="Premium Wireless Headphones")
CARRIER = TextMember("The code of the carrier.", example="fedex")
CARRIER_NAME = TextMember("The name of the carrier.", example="FedEx")
SERVICE = TextMember("The code of the service.", example="ground")
SERVICE_NAME = TextMember("The name of the service.", example="FedEx Ground")
DELIVERY_FROM = TextMember(
    "The first day on which the delivery is expected, as YYYY-MM-DD. Null if unknown.",
    example="2026-01-19",
    nullable=True,
)
DELIVERY = TextMember(
    "The last day on which the delivery is expected, as YYYY-MM-DD. Null if unknown.",
    example="2026-01-21",
    nullable=True,
)
