"""The root fields of payments in Query."""

from __future__ import annotations

import strawberry

import resolvers.payments
from domain import payments
from domain.payments.commands import DisputeFilter, LedgerTransferFilter, PaymentFilter, PaymentIntentFilter
from schema.fields import listing, lookup, root
from schema.payments.dispute import Dispute, DisputeConnection
from schema.payments.ledger import LedgerBalance, LedgerTransferConnection
from schema.payments.payment import (
    Payment,
    PaymentConnection,
    PaymentIntent,
    PaymentIntentConnection,
    PaymentIntentSort,
    PaymentSort,
    Refund,
)
from schema.payments.settings import PaymentSettings

reads = payments.reads


@strawberry.type
class PaymentsQuery:
    """Root reads of payments."""

    payment_intent: PaymentIntent | None = lookup(
        resolvers.payments.payment_intent,
        reads.intent_by_id,
        description="Fetch a payment intent. Null if it does not exist.",
    )
    payment_intents: PaymentIntentConnection = listing(
        reads.intents,
        description="List the payment intents of the store.",
        filter=PaymentIntentFilter,
        sort=PaymentIntentSort,
        check_filters=reads.check_filters,
    )
    payment: Payment | None = lookup(
        resolvers.payments.payment,
        reads.payment_by_id,
        description="Fetch a payment. Null if it does not exist.",
    )
    payments: PaymentConnection = listing(
        reads.payments,
        description="List the payments of the store.",
        filter=PaymentFilter,
        sort=PaymentSort,
        check_filters=reads.check_filters,
    )
    refund: Refund | None = lookup(
        resolvers.payments.refund, reads.refund_by_id, description="Fetch a refund. Null if it does not exist."
    )
    dispute: Dispute | None = lookup(
        resolvers.payments.dispute, reads.dispute_by_id, description="Fetch a dispute. Null if it does not exist."
    )
    disputes: DisputeConnection = listing(
        reads.disputes,
        description="List the disputes of the store, newest first.",
        filter=DisputeFilter,
        check_filters=reads.check_filters,
    )
    ledger: LedgerTransferConnection = listing(
        reads.transfers,
        description="List the transfers of the ledger, newest first.",
        filter=LedgerTransferFilter,
        check_filters=reads.check_filters,
    )
    ledger_balances: list[LedgerBalance] = root(
        resolvers.payments.ledger_balances,
        description="Fetch the balances of all accounts of the ledger. They add up to zero.",
        scopes=(reads.SCOPE,),
    )
    payment_settings: PaymentSettings = root(
        resolvers.payments.payment_settings,
        description="Fetch the payment settings of the store.",
        scopes=reads.settings_by_store.scopes,
    )
