"""The ledger: transfers between accounts, and balances."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import payments
from domain.payments import LedgerAccount, TransferKind
from schema.fields import attribute, related
from schema.money import Money, money
from schema.payments.dispute import Dispute
from schema.payments.payment import Payment, Refund
from schema.relay import Connection, Node

reads = payments.reads


@strawberry.type(description="A movement of money between two accounts of the ledger. It is never changed.")
class LedgerTransfer(Node, prefix="led"):
    """A row of the reads of transfers."""

    kind: TransferKind = attribute("The fact that it records.")
    debit: LedgerAccount = attribute("The account that is debited.")
    credit: LedgerAccount = attribute("The account that is credited.")
    amount: Money = money("amount", description="The amount.")
    payment: Payment = related(reads.payment_by_id, key="payment_id", description="The payment.")
    refund: Refund | None = related(
        reads.refund_by_id, key="refund_id", description="The refund. Null for other facts."
    )
    dispute: Dispute | None = related(
        reads.dispute_by_id, key="dispute_id", description="The dispute. Null for other facts."
    )
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="The debit and credit totals of an account of the ledger.")
class LedgerBalance:
    """Describes the domain's own LedgerBalance."""

    account: LedgerAccount = attribute("The account.")
    debits: Money = money("debits", description="The sum of its debits.")
    credits: Money = money("credits", description="The sum of its credits.")
    balance: Money = money("balance", description="Debits less credits.")


@strawberry.type(description="A page of transfers of the ledger.")
class LedgerTransferConnection(Connection[LedgerTransfer]):
    """A page of transfers."""
