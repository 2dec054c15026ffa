"""The personal data in payments, for erasure (which keeps the books) and for export.

Amounts, card brands and last digits stay as accounting data; evidence of disputes stays, encrypted, for the defence of
legal claims (GDPR 17.3 e).
"""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.sql.statements import STORE
from domain.kernel.use_cases.personal_data import (
    PERSON_PARAMETER,
    PersonalData,
    PersonalObjects,
    PersonalSection,
    PersonalTable,
    Replacement,
)
from domain.payments import reads
from domain.payments.documents import PaymentIntentDocument
from domain.payments.model import Payment, PaymentIntent

_intent, _payment = PaymentIntent.__table__.c, Payment.__table__.c

INTENTS = PersonalTable(
    PaymentIntent.__table__,
    _intent.customer_id == PERSON_PARAMETER,
    {"metadata": Replacement.OBJECT},
    shown=reads.intent_by_id.statement,
    order=(_intent.created_at, _intent.id),
    document=PaymentIntentDocument,
    scope=reads.SCOPE,
    keeps=frozenset({"next_action", "return_url", "error_message"}),
)
OBJECTS = PersonalObjects(
    select(_payment.id)
    .join_from(
        PaymentIntent.__table__,
        Payment.__table__,
        (_payment.store_id == _intent.store_id) & (_payment.intent_id == _intent.id),
    )
    .where(_intent.store_id == STORE, _intent.customer_id == PERSON_PARAMETER)
    .order_by(_intent.id, _payment.id),
    {},
    scope=reads.SCOPE,
    locks=PaymentIntent.__table__,
)
"""Their snapshots have nothing that is erased; a delivery may show what its webhook has queried besides."""
PERSONAL_DATA = PersonalData(
    sections={
        "payment_intents": PersonalSection(
            INTENTS, "The payment intents with their payments, oldest first. Requires `payments:read`."
        )
    },
    objects=OBJECTS,
    reads=(reads.payments_by_intent, reads.refunds_by_payment, reads.lines_by_refund),
)
