"""What the cards of the sandbox do.

The first four are those of the platform document; any other valid number of a known brand succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Scenario(StrEnum):
    """What becomes of a charge. It is a part of the payment's reference, so that refunds know it as well."""

    SUCCESS = "success"
    DECLINE = "decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    THREE_D_SECURE = "three_d_secure"
    DISPUTE = "dispute"
    """It succeeds, and is disputed as soon as it is captured."""
    REFUND_FAILS = "refund_fails"
    REFUND_PENDING = "refund_pending"
    """Refunds stay pending until the sandbox is told."""
    LATE = "late"
    """It is answered after some seconds."""
    LOST_ANSWER = "lost_answer"
    """It is done, and never answered: the outcome is found by asking."""


CARDS: Mapping[str, Scenario] = {
    "4242424242424242": Scenario.SUCCESS,
    "4000000000000002": Scenario.DECLINE,
    "4000000000009995": Scenario.INSUFFICIENT_FUNDS,
    "4000002760003184": Scenario.THREE_D_SECURE,
    "4000000000000259": Scenario.DISPUTE,
    "4000000000005126": Scenario.REFUND_FAILS,
    "4000000000007726": Scenario.REFUND_PENDING,
    "4000000000000069": Scenario.LATE,
    "4000000000000119": Scenario.LOST_ANSWER,
}
