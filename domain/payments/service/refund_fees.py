"""The part of the processor's fee that is asked back with a refund."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.model.payment import LedgerTransfer, Payment
from domain.payments.service.changes import refunds_of
from domain.payments.states import RefundStatus, TransferKind

_transfer = LedgerTransfer.__table__.c
_CHARGED = Statement(
    "capture_fees_of_payment",
    select(_transfer.amount).where(
        _transfer.store_id == STORE,
        _transfer.payment_id == bindparam("payment_id", type_=KEY_TEXT),
        _transfer.kind == bindparam("kind", type_=KEY_TEXT),
    ),
)


async def share_of_fee(work: UnitOfWork, payment: Payment, amount: int) -> int:
    """The share of a refund of ``amount`` in the fee for capturing a locked payment, in minor units.

    The shares of refunds that ask for them add up to that of their sum, rounded down: one may be a unit larger than its
    own proportion, and a payment that is refunded in whole gets its fee back in whole, and never more. Fees of disputes
    are not returned.
    """
    fees = await _CHARGED.rows(work.reader, payment_id=payment.id, kind=TransferKind.FEE)
    charged: int = sum(row.amount for row in fees)
    others = [each for each in await refunds_of(work, payment) if each.status != RefundStatus.FAILED]
    asking = [each for each in others if each.refund_application_fee]
    share = charged * (sum(each.amount for each in asking) + amount) // payment.captured
    asked = sum(each.fee_share for each in asking)
    return max(0, min(share, charged) - asked)
