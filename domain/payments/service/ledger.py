"""Posting to the ledger. A fact is one transfer, or none: its key is unique in the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select

from domain.kernel.ids import new_id
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.dispute import Dispute
from domain.payments.model.payment import LedgerTransfer, Payment, Refund
from domain.payments.states import LedgerAccount, TransferKind

_INSERT = RowStatement.insert_into(LedgerTransfer)
_transfer = LedgerTransfer.__table__.c
_COUNT = Statement(
    "count_transfers_of_fact",
    select(func.count().label("count")).where(
        _transfer.store_id == STORE,
        _transfer.payment_id == bindparam("payment_id", type_=KEY_TEXT),
        func.coalesce(_transfer.refund_id, _transfer.dispute_id) == bindparam("fact_id", type_=KEY_TEXT),
        _transfer.kind == bindparam("kind", type_=KEY_TEXT),
    ),
)
_A, _K = LedgerAccount, TransferKind
ACCOUNTS: Mapping[TransferKind, tuple[LedgerAccount, LedgerAccount]] = {
    _K.CAPTURE: (_A.PROCESSOR, _A.RECEIVABLE),
    _K.FEE: (_A.FEES, _A.PROCESSOR),
    _K.FEE_REFUND: (_A.PROCESSOR, _A.FEES),
    _K.FEE_REFUND_REVERSAL: (_A.FEES, _A.PROCESSOR),
    _K.REFUND: (_A.REFUNDS, _A.PROCESSOR),
    _K.REFUND_REVERSAL: (_A.PROCESSOR, _A.REFUNDS),
    _K.DISPUTE: (_A.DISPUTES, _A.PROCESSOR),
    _K.DISPUTE_FEE: (_A.FEES, _A.PROCESSOR),
    _K.DISPUTE_FEE_REVERSAL: (_A.PROCESSOR, _A.FEES),
    _K.DISPUTE_REVERSAL: (_A.PROCESSOR, _A.DISPUTES),
}
"""Which account each kind of transfer debits, and which it credits."""


def post(
    work: UnitOfWork,
    kind: TransferKind,
    amount: int,
    payment: Payment,
    *,
    refund: Refund | None = None,
    dispute: Dispute | None = None,
    at: datetime | None = None,
    earlier: int = 0,
) -> None:
    """Record a transfer of ``amount`` minor units, with the next message that writes; nothing for an amount of 0.

    The fact is the kind and its object: the refund, the dispute, or else the payment. ``at``: of a past fact;
    ``earlier``: the transfers of this kind that the object has already, see ``post_again``.
    """
    if not amount:
        return
    debit, credit = ACCOUNTS[kind]
    fact = refund or dispute or payment
    work.append(
        _INSERT,
        {
            "store_id": work.store.number,
            "id": new_id("led"),
            "kind": kind,
            "debit": debit,
            "credit": credit,
            "currency": payment.currency,
            "amount": amount,
            "payment_id": payment.id,
            "intent_id": payment.intent_id,
            "refund_id": None if refund is None else refund.id,
            "dispute_id": None if dispute is None else dispute.id,
            "key": f"{fact.id}:{kind}:{earlier + 1}" if earlier else f"{fact.id}:{kind}",
            "created_at": at or work.now,
        },
    )


async def post_again(
    work: UnitOfWork,
    kind: TransferKind,
    amount: int,
    payment: Payment,
    *,
    refund: Refund | None = None,
    dispute: Dispute | None = None,
) -> None:
    """Record a transfer, as ``post``, of a refund or dispute that may have some of this kind already.

    A refund can succeed, fail and succeed after all. The payment is locked, so that no other is counted meanwhile.
    """
    fact = refund or dispute
    if fact is not None and amount:
        await work.send()  # those of this transaction count, too
        (found,) = await _COUNT.rows(work.reader, payment_id=payment.id, fact_id=fact.id, kind=kind)
        post(work, kind, amount, payment, refund=refund, dispute=dispute, earlier=found.count)
