"""What payments asks of processors.

- ``requests.py``   what is asked
- ``news.py``       what is answered, and what processors tell by themselves
- ``states.py``     who is asked how something is now
"""

from domain.payments.ports.news import (
    BuyerAction,
    CardSummary,
    ChargeNews,
    ChargeState,
    DisputeNews,
    News,
    RefundNews,
    RefundState,
)
from domain.payments.ports.requests import (
    REQUESTS,
    BankAccount,
    Capture,
    CardNumber,
    Charge,
    ChargeDetails,
    EvidenceBundle,
    EvidenceFile,
    ProcessorRequest,
    RefundCharge,
    StripeCredentials,
    SubmitEvidence,
    Void,
)
from domain.payments.ports.states import ProcessorStates

__all__ = [
    "REQUESTS",
    "BankAccount",
    "BuyerAction",
    "Capture",
    "CardNumber",
    "CardSummary",
    "Charge",
    "ChargeDetails",
    "ChargeNews",
    "ChargeState",
    "DisputeNews",
    "EvidenceBundle",
    "EvidenceFile",
    "News",
    "ProcessorRequest",
    "ProcessorStates",
    "RefundCharge",
    "RefundNews",
    "RefundState",
    "StripeCredentials",
    "SubmitEvidence",
    "Void",
]
