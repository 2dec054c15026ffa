"""Mutations of payments and their payloads.

Those that tell the sandbox are fields of the root as well: GraphQL runs only the fields of the root one after another.
"""

from __future__ import annotations

from typing import Any

import strawberry

from domain import payments
from schema.mutation_fields import changed_row, created_row, mutation, touched_row
from schema.payload import Payload
from schema.payments.dispute import Dispute, DisputeFile
from schema.payments.payment import Payment, PaymentIntent, Refund
from schema.payments.settings import PaymentSettings

reads = payments.reads

_OUTCOME = ("status", "nextAction", "lastError")
"""What every attempt to charge writes on an intent."""


def _intent() -> Any:
    """The intent after a change. Its ``amount`` is not that of the input."""
    return touched_row(
        reads.intent_by_id, key="id", written=_OUTCOME, description="The payment intent after the change."
    )


def _payment() -> Any:
    return touched_row(reads.payment_by_id, key="payment_id", description="The payment after the change.")


@strawberry.type(description="Result of `createPaymentIntent`. A declined payment is an intent with `lastError`.")
class CreatePaymentIntentPayload(Payload):
    """The created intent, or the reasons why nothing was changed."""

    payment_intent: PaymentIntent | None = created_row(
        reads.intent_by_id, key="id", description="The created payment intent."
    )


@strawberry.type(description="Result of `confirmPaymentIntent`. A declined payment is an intent with `lastError`.")
class ConfirmPaymentIntentPayload(Payload):
    """The changed intent, or the reasons why nothing was changed."""

    payment_intent: PaymentIntent | None = _intent()


@strawberry.type(description="Result of `capturePaymentIntent`.")
class CapturePaymentIntentPayload(Payload):
    """The changed intent, or the reasons why nothing was changed."""

    payment_intent: PaymentIntent | None = _intent()


@strawberry.type(description="Result of `cancelPaymentIntent`.")
class CancelPaymentIntentPayload(Payload):
    """The changed intent, or the reasons why nothing was changed."""

    payment_intent: PaymentIntent | None = _intent()


@strawberry.type(description="Result of `refundPayment`.")
class RefundPaymentPayload(Payload):
    """The created refund, or the reasons why nothing was changed."""

    refund: Refund | None = created_row(reads.refund_by_id, key="id", description="The created refund.")
    payment: Payment | None = _payment()


@strawberry.type(description="Result of `respondToDispute`.")
class RespondToDisputePayload(Payload):
    """The changed dispute, or the reasons why nothing was changed."""

    dispute: Dispute | None = changed_row(
        reads.dispute_by_id,
        key="id",
        written=("status", "lastError", "submittedAt"),
        description="The dispute after the change.",
    )


@strawberry.type(description="Result of `addDisputeFile`.")
class AddDisputeFilePayload(Payload):
    """The added file, or the reasons why nothing was changed."""

    file: DisputeFile | None = created_row(reads.file_by_id, key="id", description="The added file.")
    dispute: Dispute | None = touched_row(
        reads.dispute_by_id, key="dispute_id", description="The dispute after the change."
    )


@strawberry.type(description="Result of `removeDisputeFile`.")
class RemoveDisputeFilePayload(Payload):
    """The dispute without the file, or the reasons why nothing was changed."""

    dispute: Dispute | None = touched_row(reads.dispute_by_id, key="id", description="The dispute after the change.")


@strawberry.type(description="Result of `updatePaymentSettings`.")
class UpdatePaymentSettingsPayload(Payload):
    """The changed settings, or the reasons why nothing was changed."""

    payment_settings: PaymentSettings | None = changed_row(
        reads.settings_by_store, key="id", description="The payment settings after the change."
    )


@strawberry.type(description="Result of `settleSandboxPayment`.")
class SettleSandboxPaymentPayload(Payload):
    """The changed intent, or the reasons why nothing was changed."""

    payment_intent: PaymentIntent | None = _intent()


@strawberry.type(description="Result of `raiseSandboxDispute`.")
class RaiseSandboxDisputePayload(Payload):
    """The created dispute, or the reasons why nothing was changed."""

    dispute: Dispute | None = created_row(reads.dispute_by_id, key="id", description="The created dispute.")
    payment: Payment | None = _payment()


@strawberry.type(description="Result of `closeSandboxDispute`.")
class CloseSandboxDisputePayload(Payload):
    """The changed dispute, or the reasons why nothing was changed."""

    dispute: Dispute | None = touched_row(
        reads.dispute_by_id, key="id", written=("status", "closedAt"), description="The dispute after the change."
    )
    payment: Payment | None = _payment()


@strawberry.type(description="Result of `settleSandboxRefund`.")
class SettleSandboxRefundPayload(Payload):
    """The changed refund, or the reasons why nothing was changed."""

    refund: Refund | None = touched_row(
        reads.refund_by_id, key="id", written=("status", "lastError"), description="The refund after the change."
    )
    payment: Payment | None = _payment()


@strawberry.type
class PaymentsMutation:
    """Use cases of payments."""

    create_payment_intent: CreatePaymentIntentPayload = mutation(payments.create_payment_intent)
    confirm_payment_intent: ConfirmPaymentIntentPayload = mutation(payments.confirm_payment_intent)
    capture_payment_intent: CapturePaymentIntentPayload = mutation(payments.capture_payment_intent)
    cancel_payment_intent: CancelPaymentIntentPayload = mutation(payments.cancel_payment_intent)
    refund_payment: RefundPaymentPayload = mutation(payments.refund_payment)
    respond_to_dispute: RespondToDisputePayload = mutation(payments.respond_to_dispute)
    add_dispute_file: AddDisputeFilePayload = mutation(payments.add_dispute_file)
    remove_dispute_file: RemoveDisputeFilePayload = mutation(payments.remove_dispute_file)
    update_payment_settings: UpdatePaymentSettingsPayload = mutation(payments.update_payment_settings)
    settle_sandbox_payment: SettleSandboxPaymentPayload = mutation(payments.settle_sandbox_payment)
    raise_sandbox_dispute: RaiseSandboxDisputePayload = mutation(payments.raise_sandbox_dispute)
    close_sandbox_dispute: CloseSandboxDisputePayload = mutation(payments.close_sandbox_dispute)
    settle_sandbox_refund: SettleSandboxRefundPayload = mutation(payments.settle_sandbox_refund)
