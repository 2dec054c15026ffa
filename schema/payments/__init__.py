"""GraphQL types, queries and mutations of payments.

- ``payment.py``    intents, payments and refunds
- ``dispute.py``    disputes and their files of evidence
- ``ledger.py``     transfers and balances
- ``settings.py``   the processor of the store
- ``values.py``     objects that a row holds in several columns or in one of JSON
- ``roots.py``      the fields of Query; ``mutations.py``: those of Mutation, and their payloads
"""

from schema.payments import dispute, ledger, mutations, payment
from schema.payments.dispute import Dispute
from schema.payments.mutations import PaymentsMutation
from schema.payments.payment import Payment, PaymentIntent, Refund, RefundLine
from schema.payments.roots import PaymentsQuery
from schema.payments.values import CardSummary, PaymentError

__all__ = [
    "CardSummary",
    "Dispute",
    "Payment",
    "PaymentError",
    "PaymentIntent",
    "PaymentsMutation",
    "PaymentsQuery",
    "Refund",
    "RefundLine",
    "dispute",
    "ledger",
    "mutations",
    "payment",
]
