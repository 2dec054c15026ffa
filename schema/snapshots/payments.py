"""Snapshots of payments."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import customers, orders, payments
from domain.payments import PaymentMethod, PaymentState, RefundStatus
from resolvers.types import Id
from schema.customers import Customer
from schema.fields import attribute, related
from schema.money import Money
from schema.orders import Order
from schema.payments import CardSummary, Payment, PaymentError, PaymentIntent, Refund, RefundLine
from schema.snapshots.fields import VERSION, as_in, object_id_of, owned_then


@strawberry.type(description="A refund at the time of an event.")
class RefundSnapshot:
    """A refund in a payment's snapshot."""

    object_id: Id = object_id_of("The id of the refund (`re_…`).")
    amount: Money = as_in(Refund, "amount")
    fee: Money = as_in(Refund, "fee")
    status: RefundStatus = as_in(Refund, "status")
    reason: str | None = as_in(Refund, "reason")
    refund_application_fee: bool = as_in(Refund, "refund_application_fee")
    items: list[RefundLine] = owned_then(payments.reads.lines_by_refund, "The lines of the order that are refunded.")
    expected_from: str = as_in(Refund, "expected_from")
    expected_by: str = as_in(Refund, "expected_by")
    last_error: PaymentError | None = as_in(Refund, "last_error")
    created_at: datetime = as_in(Refund, "created_at")
    updated_at: datetime = as_in(Refund, "updated_at")


@strawberry.type(description="A payment at the time of an event, with its refunds.")
class PaymentSnapshot:
    """The snapshot of a ``payment.*`` event."""

    object_id: Id = object_id_of("The id of the payment (`pay_…`).")
    intent: PaymentIntent | None = related(
        payments.reads.intent_by_id, key="intent_id", description="The current payment intent."
    )
    order: Order | None = related(
        orders.reads.order_by_id, key="order_id", description="The current order that is paid. Null without an order."
    )
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The current customer. Null for a guest."
    )
    amount: Money = as_in(Payment, "amount")
    captured: Money = as_in(Payment, "captured")
    refunded: Money = as_in(Payment, "refunded")
    disputed: Money = as_in(Payment, "disputed")
    fee: Money = as_in(Payment, "fee")
    status: PaymentState = as_in(Payment, "status")
    method: PaymentMethod = as_in(Payment, "method")
    card: CardSummary | None = as_in(Payment, "card")
    last_error: PaymentError | None = as_in(Payment, "last_error")
    processor: str = as_in(Payment, "processor")
    authorization_expires_at: datetime | None = as_in(Payment, "authorization_expires_at")
    refunds: list[RefundSnapshot] = owned_then(payments.reads.refunds_by_payment, "The refunds, oldest first.")
    version: int = attribute(VERSION)
    created_at: datetime = as_in(Payment, "created_at")
    updated_at: datetime = as_in(Payment, "updated_at")
