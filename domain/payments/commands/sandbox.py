"""Commands that tell the processor of a test store what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.kernel.fields import UNSET, Choice, MinorAmount, Text, Unset
from domain.kernel.money import Money
from domain.payments.commands.shared_fields import DISPUTE_ID, INTENT_ID, PAYMENT_ID, REFUND_ID


class SandboxOutcome(StrEnum):
    """The outcome of a payment."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


class DisputeOutcome(StrEnum):
    """How a dispute ends."""

    WON = "won"
    LOST = "lost"


class RefundOutcome(StrEnum):
    """The outcome of a refund."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class SettleSandboxPayment:
    """Test stores only: decide a payment that waits for the buyer, for a bank or for its capture."""

    id: Annotated[str, INTENT_ID]
    outcome: Annotated[
        SandboxOutcome,
        Choice(
            description="The outcome: `succeeded` or `failed` of one that waits for the buyer or a bank, `expired` of "
            "one that is authorised.",
            example="succeeded",
        ),
    ] = SandboxOutcome.SUCCEEDED


@dataclass(frozen=True, kw_only=True, slots=True)
class RaiseSandboxDispute:
    """Test stores only: let the buyer's bank dispute a captured payment."""

    id: Annotated[str, PAYMENT_ID]
    amount: Annotated[
        Money | Unset,
        MinorAmount(description="The disputed amount. Default: all that was not refunded.", example="199.99"),
    ] = UNSET
    reason: Annotated[str, Text(min=1, max=64, description="The reason that the bank gives.", example="fraudulent")] = (
        "fraudulent"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseSandboxDispute:
    """Test stores only: let the buyer's bank decide a dispute."""

    id: Annotated[str, DISPUTE_ID]
    outcome: Annotated[DisputeOutcome, Choice(description="How the dispute ends.", example="won")]


@dataclass(frozen=True, kw_only=True, slots=True)
class SettleSandboxRefund:
    """Test stores only: decide a refund. A refund that succeeded may still fail later."""

    id: Annotated[str, REFUND_ID]
    outcome: Annotated[RefundOutcome, Choice(description="The outcome of the refund.", example="failed")]
