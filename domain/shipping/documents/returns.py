"""Documents of returns."""

from __future__ import annotations

from domain.kernel.documents import (
    AmountMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    ManyMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member
from domain.kernel.ids import example_id
from domain.shipping import reads
from domain.shipping.documents.shared_members import ACTOR, CUSTOMER_ID, NAME, ORDER_ID, PRODUCT_ID, SKU, VARIANT_ID
from domain.shipping.states import (
    ItemCondition,
    ReturnReason,
    ReturnStatus,
)


class ReturnLineDocument(Document):
    """A quantity of a line of the order that comes back."""

    id = TextMember("The id of the line of the order.", column="item_id", example=example_id("item"))
    product_id = PRODUCT_ID
    variant_id = VARIANT_ID
    sku = SKU
    name = NAME
    quantity = IntegerMember("The returned quantity.", example=1)
    reason = EnumMember("Why it is sent back.", ReturnReason, example="damaged")
    condition = EnumMember("The condition. Null if it is not known.", ItemCondition, example="opened", nullable=True)
    restocked = IntegerMember("The quantity that went back to stock.", example=0)
    warehouse_id = TextMember(
        "The id of the warehouse that it went to. Null if nothing went back to stock.",
        example=example_id("wh"),
        nullable=True,
    )


class ReturnDocument(Document):
    """Lines of an order that come back."""

    id = id_member("ret")
    order_id = ORDER_ID
    customer_id = CUSTOMER_ID
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
        "The tracking number of the return shipment. Null without one.", example="1Z999AA10123456784", nullable=True
    )
    tracking_url = TextMember(
        "The tracking page of the return shipment. Null without one.",
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
    actor = ACTOR
    created_at = CREATED_AT
