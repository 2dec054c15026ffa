"""Payment intents, payments and refunds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

from domain import customers, orders, payments
from domain.payments import CaptureMethod, PaymentIntentStatus, PaymentMethod, PaymentState, RefundStatus
from schema.customers import Customer
from schema.enums import sort_input
from schema.fields import attribute, owned_rows, related
from schema.money import Money, money
from schema.orders import Order, OrderItem
from schema.payments.values import CardSummary, PaymentAction, PaymentError, stored_action, stored_card, stored_error
from schema.relay import Connection, Node, Versioned
from schema.scalars import Json

if TYPE_CHECKING:
    from schema.payments.dispute import Dispute

reads = payments.reads

_SORTS = {"created_at": "The time of creation.", "amount": "The amount."}
PaymentIntentSort = sort_input("PaymentIntentSort", reads.intents, _SORTS)
PaymentSort = sort_input("PaymentSort", reads.payments, _SORTS)


@strawberry.type(description="The plan to collect an amount. Each attempt to charge is a payment.")
class PaymentIntent(Node, Versioned, prefix="pi"):
    """A row of the reads of intents."""

    amount: Money = money("amount", description="The amount to collect.")
    status: PaymentIntentStatus = attribute("The status of the payment intent.")
    method: PaymentMethod = attribute("The payment method.")
    capture_method: CaptureMethod = attribute("When the amount is collected.")
    next_action: PaymentAction | None = stored_action("What the buyer has to do. Null if there is nothing to do.")
    last_error: PaymentError | None = stored_error("Why the last attempt failed. Null if none failed.")
    order: Order | None = related(
        orders.reads.order_by_id, key="order_id", description="The order that is paid. Null without an order."
    )
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The customer. Null for a guest."
    )
    payments: list[Payment] = owned_rows(
        reads.payments_by_intent, key="id", description="The attempts to charge, oldest first."
    )
    metadata: Json = attribute("Custom JSON data.")


@strawberry.type(description="An attempt to charge. A declined one stays, and the intent can be confirmed again.")
class Payment(Node, Versioned, prefix="pay"):
    """A row of the reads of payments."""

    intent: PaymentIntent = related(reads.intent_by_id, key="intent_id", description="The payment intent.")
    order: Order | None = related(
        orders.reads.order_by_id, key="order_id", description="The order that is paid. Null without an order."
    )
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The customer. Null for a guest."
    )
    amount: Money = money("amount", description="The amount.")
    captured: Money = money("captured", description="The collected amount.")
    refunded: Money = money("refunded", description="The refunded amount, without pending refunds.")
    disputed: Money = money("disputed", description="What open and lost disputes withhold.")
    fee: Money = money("fee", description="The fees of the processor.")
    status: PaymentState = attribute("The status of the payment.")
    method: PaymentMethod = attribute("The payment method.")
    card: CardSummary | None = stored_card("The card. Null for other payment methods.")
    last_error: PaymentError | None = stored_error("Why it failed. Null if it did not fail.")
    processor: str = attribute(
        "The processor: `sandbox`, `stripe`, or `external` for an imported payment, which was charged elsewhere."
    )
    authorization_expires_at: datetime | None = attribute(
        "When the authorisation expires. Null if the payment is not authorised or does not expire."
    )
    refunds: list[Refund] = owned_rows(reads.refunds_by_payment, key="id", description="The refunds, oldest first.")
    disputes: list[Dispute] = related(reads.disputes_by_payment, key="id", description="The disputes, oldest first.")


@strawberry.type(description="A refunded quantity of a line of the order.")
class RefundLine:
    """A row of the reads of refunded lines, also in snapshots."""

    item: OrderItem | None = related(
        orders.reads.item_by_id, key="item_id", description="The line. Null if it has been removed from the order."
    )
    quantity: int = attribute("The refunded quantity.")


@strawberry.type(description="An amount that is paid back from a payment.")
class Refund(Node, prefix="re"):
    """A row of the reads of refunds."""

    payment: Payment = related(reads.payment_by_id, key="payment_id", description="The payment.")
    order: Order | None = related(
        orders.reads.order_by_id, key="order_id", description="The order that was paid. Null without an order."
    )
    amount: Money = money("amount", description="The amount.")
    fee: Money = money("fee", description="The fee returned by the processor.")
    status: RefundStatus = attribute("The status of the refund.")
    reason: str | None = attribute("The reason. Null if none was given.")
    refund_application_fee: bool = attribute(
        "Whether the share of the processor's fee was requested. Only the sandbox returns it."
    )
    items: list[RefundLine] = owned_rows(
        reads.lines_by_refund, key="id", description="The lines of the order that are refunded."
    )
    expected_from: str = attribute("The first day on which the buyer may have the money, as YYYY-MM-DD.")
    expected_by: str = attribute("The last day on which the buyer should have it, as YYYY-MM-DD.")
    last_error: PaymentError | None = stored_error("Why it failed. Null if it did not fail.")
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")


@strawberry.type(description="A page of payment intents.")
class PaymentIntentConnection(Connection[PaymentIntent]):
    """A page of intents."""


@strawberry.type(description="A page of payments.")
class PaymentConnection(Connection[Payment]):
    """A page of payments."""
