"""Changes of a payment intent: lock, compare the version, write, announce.

Lock order, everywhere: the order, the intent, its payments and refunds (which no one locks by themselves), a
dispute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select

from domain.kernel.errors import NotFound
from domain.kernel.fields import UNSET, Unset
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.events import PaymentFailed, PaymentRefunded, PaymentSucceeded
from domain.payments.model.payment import Payment, PaymentIntent, Refund, RefundLine
from domain.payments.signals import OrderPaid, OrderRequested, PayableOrder
from domain.payments.snapshot import payment_snapshot

INTENTS, PAYMENTS, REFUNDS, REFUND_LINES = (
    Records(PaymentIntent),
    Records(Payment),
    Records(Refund),
    Records(RefundLine),
)
_intent = PaymentIntent.__table__.c
_payment = Payment.__table__.c
_ORDER_OF_INTENT = Statement(
    "order_of_intent",
    select(_intent.order_id).where(_intent.store_id == STORE, _intent.id == bindparam("id", type_=KEY_TEXT)),
)
_INTENT_OF_PAYMENT = Statement(
    "intent_of_payment",
    select(_payment.intent_id, _payment.order_id).where(
        _payment.store_id == STORE, _payment.id == bindparam("id", type_=KEY_TEXT)
    ),
)
PaymentEvent = type[PaymentSucceeded] | type[PaymentFailed] | type[PaymentRefunded]


class IntentChange:
    """A locked intent with its payments and its locked order."""

    def __init__(self, intent: PaymentIntent, payments: Sequence[Payment], order: PayableOrder | None) -> None:
        self.intent = intent
        self.payments = list(payments)
        self.order = order

    @property
    def payment(self) -> Payment:
        """The payment that counts. Raises LookupError if there was no attempt yet."""
        return self.payment_of(self.intent.payment_id or "")

    def payment_of(self, id: str) -> Payment:
        """The payment with this id. Raises LookupError."""
        for each in self.payments:
            if each.id == id:
                return each
        raise LookupError(f"{self.intent.id} has no payment {id}")

    async def save(self, work: UnitOfWork) -> None:
        """Increase the version, and write the intent and its payments with the next message that writes."""
        self.intent.version += 1
        self.intent.updated_at = work.now
        for each in self.payments:
            each.version = self.intent.version
        await INTENTS.update_all(work, [self.intent])  # first: it sends an earlier change of the same payments
        await PAYMENTS.update_all(work, self.payments, apart=True)

    async def announce(self, work: UnitOfWork, event: PaymentEvent, payment: Payment) -> None:
        """Record an event about a payment, with its refunds as they are now. To be called before ``save``."""
        payment.sequence += 1
        payment.updated_at = work.now
        refunds = await refunds_of(work, payment) if event is PaymentRefunded else []  # there are none before
        lines = await lines_of(work, refunds)
        work.record(event(payment.id, payment.sequence, payment_snapshot(payment, refunds, lines)))

    async def tell_order(
        self, work: UnitOfWork, *, captured: int = 0, refunded: int = 0, has_failed: bool | None = None
    ) -> None:
        """Tell the order, if there is one, what changed: see ``OrderPaid``. Where nothing has, it is not read again."""
        order = self.order
        if order is None or not (captured or refunded or has_failed not in (None, order.payment_failed)):
            return
        await work.emit(OrderPaid(order.id, captured=captured, refunded=refunded, has_failed=has_failed))
        if has_failed is not None:
            self.order = replace(order, payment_failed=has_failed)


async def lock_payable(work: UnitOfWork, order_id: str | None) -> PayableOrder | None:
    """Lock an order. None where there is no order with this id."""
    if order_id is None:
        return None
    wanted = OrderRequested(order_id)
    await work.emit(wanted)
    return wanted.order


async def lock_intent(work: UnitOfWork, id: str, version: int | Unset = UNSET) -> IntentChange:
    """Lock an intent with its order. Raises NotFound, Conflict (stale version)."""
    found = await _ORDER_OF_INTENT.rows(work.reader, id=id)
    if not found:
        raise NotFound("payment intent")
    return await _lock(work, id, found[0].order_id, version)


async def lock_payment(work: UnitOfWork, id: str, version: int | Unset = UNSET) -> tuple[IntentChange, Payment]:
    """Lock a payment with its intent and order. Raises NotFound, Conflict (stale version)."""
    found = await _INTENT_OF_PAYMENT.rows(work.reader, id=id)
    if not found:
        raise NotFound("payment")
    change = await _lock(work, found[0].intent_id, found[0].order_id, version)
    return change, change.payment_of(id)


async def _lock(work: UnitOfWork, id: str, order_id: str | None, version: int | Unset) -> IntentChange:
    """Lock an intent after its order, which never is another one."""
    order = await lock_payable(work, order_id)
    intent = await INTENTS.lock(work, id, noun="payment intent", version=version)
    if intent.customer_id is not None:
        work.note_person(intent.customer_id)
    payments = await PAYMENTS.by_column(work, "intent_id", id, "created_at")
    return IntentChange(intent, payments, order)


async def refunds_of(work: UnitOfWork, payment: Payment) -> list[Refund]:
    """The refunds of a payment, oldest first."""
    return await REFUNDS.by_column(work, "payment_id", payment.id, "created_at")


async def lines_of(work: UnitOfWork, refunds: Sequence[Refund]) -> dict[str, list[RefundLine]]:
    """The refunded lines, by refund."""
    return {each.id: await REFUND_LINES.by_column(work, "refund_id", each.id, "id") for each in refunds}
