"""What a store that was paid holds, for tests that look at every table, route and field.

Written as rows, because live stores are charged by a processor outside alone; the sums are those of the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments import signals
from domain.payments.model import (
    Dispute,
    DisputeFile,
    LedgerTransfer,
    Payment,
    PaymentIntent,
    Refund,
    RefundLine,
    SandboxOperation,
)

NAME = "theirs.pdf"


async def charge(
    database: Database, principal: Principal, order_id: str, item_id: str, customer_id: str | None = None
) -> dict[str, str]:
    """Payments of an order, and some without one. Answers the ids.

    ``pi``: succeeded, with the payment ``pay`` of 8.00, of which the refund ``re`` (2.00, of one of ``item_id``) is
    pending and the dispute ``dp`` (3.00, with the ``file``) is open; ``led`` is its transfer. ``held`` is authorised,
    ``secure`` waits for the buyer, ``failed`` was declined, ``waiting`` was not confirmed, and ``whole`` is the payment
    of an intent that was collected and nothing else.
    """
    async with database.transaction(principal) as work:
        rows = _Rows(work, customer_id)
        pi, pay = rows.intent("succeeded", 800, captured=800, refunding=200, disputed=300, fee=68, order_id=order_id)
        held, _ = rows.intent("requires_capture", 1_000, payment_status="authorized")
        action = {"type": "three_d_secure", "url": "https://shop.example/sandbox/3ds/theirs"}
        secure, _ = rows.intent("requires_action", 1_000, payment_status="requires_action", next_action=action)
        error = {"error_code": "card_declined", "error_message": "The card was declined."}
        failed, _ = rows.intent("failed", 1_000, payment_status="failed", error=error)
        waiting = rows.waiting(1_000)
        _, whole = rows.intent("succeeded", 1_000, captured=1_000, fee=59)
        ids = {"pi": pi, "pay": pay, "held": held, "secure": secure, "failed": failed, "waiting": waiting}
        ids |= {"whole": whole, "re": rows.refund(pi, pay, order_id, 200), "dp": rows.dispute(pi, pay, order_id, 300)}
        rows.line(ids["re"], item_id)
        ids["file"] = rows.file(ids["dp"])
        ids["led"] = rows.transfer("capture", "processor", "receivable", 800, pi, pay)
        rows.transfer("fee", "fees", "processor", 53, pi, pay)
        rows.transfer("dispute", "disputes", "processor", 300, pi, pay, dispute_id=ids["dp"])
        rows.transfer("dispute_fee", "fees", "processor", 15, pi, pay, dispute_id=ids["dp"])
        rows.rows.append(SandboxOperation(**rows.owned(new_id("pay")), kind="Charge", outcome={"data": {}}))
        await rows.write()
        await work.emit(signals.OrderPaid(order_id, captured=800))
        await work.emit(signals.LinesRefunded(order_id, [signals.ReturnedLine(item_id, 1)]))
    return ids


async def collect(database: Database, principal: Principal, order_id: str, amount: int) -> str:
    """A captured payment of an order, and nothing else of it; ``amount`` in minor units. Answers its id."""
    async with database.transaction(principal) as work:
        rows = _Rows(work, None)
        _, id = rows.intent("succeeded", amount, captured=amount, order_id=order_id)
        await rows.write()
        await work.emit(signals.OrderPaid(order_id, captured=amount))
    return id


@dataclass
class _Rows:
    """Makes rows in an order in which they can be written, and answers their ids."""

    work: UnitOfWork
    customer_id: str | None
    count: int = 0
    rows: list[Any] = field(default_factory=list)

    async def write(self) -> None:
        """Write the rows, each by itself: they refer to each other by keys that the session does not know."""
        for each in self.rows:
            self.work.add(each)
            await self.work.flush()

    def owned(self, id: str) -> dict[str, Any]:
        """What every row has. Each is a little older than the next, so that lists have one order."""
        self.count += 1
        created_at = self.work.now + timedelta(milliseconds=self.count)
        return {"store_id": self.work.store.number, "id": id, "created_at": created_at}

    def _versioned(self, id: str) -> dict[str, Any]:
        owned = self.owned(id)
        return {**owned, "updated_at": owned["created_at"], "version": 1}

    def _shared(self, amount: int, order_id: str | None) -> dict[str, Any]:
        return {
            "order_id": order_id,
            "customer_id": self.customer_id,
            "currency": self.work.store.currency,
            "amount": amount,
            "method": "card",
        }

    def waiting(self, amount: int) -> str:
        """An intent without an attempt."""
        id = new_id("pi")
        given = self._shared(amount, None)
        status = "requires_payment_method"
        self.rows.append(
            PaymentIntent(
                **self._versioned(id), **given, status=status, capture_method="manual", metadata_={"theirs": 1}
            )
        )
        return id

    def intent(
        self,
        status: str,
        amount: int,
        *,
        payment_status: str = "captured",
        order_id: str | None = None,
        next_action: dict[str, Any] | None = None,
        error: dict[str, str] | None = None,
        **sums: int,
    ) -> tuple[str, str]:
        """An intent with one payment."""
        pi, pay = new_id("pi"), new_id("pay")
        given, error = self._shared(amount, order_id), error or {}
        self.rows.append(
            PaymentIntent(
                **self._versioned(pi),
                **given,
                **error,
                status=status,
                capture_method="manual",
                payment_id=pay,
                next_action=next_action,
                metadata_={"theirs": 1},
            )
        )
        self.rows.append(
            Payment(
                **self._versioned(pay),
                **given,
                **error,
                **{"captured": 0, "refunded": 0, "refunding": 0, "disputed": 0, "fee": 0, **sums},
                intent_id=pi,
                status=payment_status,
                card_brand="visa",
                card_last4="4242",
                card_exp_month=12,
                card_exp_year=2099,
                processor="sandbox",
                reference=f"sandbox_success_{pay}",
                authorization_expires_at=None,
                sequence=1,
            )
        )
        return pi, pay

    def refund(self, pi: str, pay: str, order_id: str, amount: int) -> str:
        """A pending refund."""
        id = new_id("re")
        owned = self.owned(id)
        self.rows.append(
            Refund(
                **owned,
                updated_at=owned["created_at"],
                payment_id=pay,
                intent_id=pi,
                order_id=order_id,
                currency=self.work.store.currency,
                amount=amount,
                fee=0,
                fee_share=0,
                status="pending",
                reason="broken",
                refund_application_fee=False,
                expected_from="2026-01-22",
                expected_by="2026-01-29",
                reference=f"sandbox_{id}",
            )
        )
        return id

    def line(self, refund_id: str, item_id: str) -> None:
        """One of a line of the order."""
        owned = self.owned(new_id("rli"))
        del owned["created_at"]
        self.rows.append(RefundLine(**owned, refund_id=refund_id, item_id=item_id, quantity=1))

    def dispute(self, pi: str, pay: str, order_id: str, amount: int) -> str:
        """An open dispute."""
        id = new_id("dp")
        self.rows.append(
            Dispute(
                **self._versioned(id),
                payment_id=pay,
                intent_id=pi,
                order_id=order_id,
                currency=self.work.store.currency,
                amount=amount,
                fee=15,
                status="needs_response",
                reason="fraudulent",
                respond_by=self.work.now + timedelta(days=7),
                evidence_parts=[],
                is_submitting=False,
                reference=f"dispute_sandbox_success_{pay}",
            )
        )
        return id

    def file(self, dispute_id: str) -> str:
        """A file of evidence."""
        id = new_id("file")
        self.rows.append(
            DisputeFile(
                **self.owned(id),
                dispute_id=dispute_id,
                evidence_type="shipping_proof",
                name=NAME,
                media_type="application/pdf",
                size=4,
                content=b"%PDF",
            )
        )
        return id

    def transfer(
        self, kind: str, debit: str, credit: str, amount: int, pi: str, pay: str, dispute_id: str | None = None
    ) -> str:
        """A transfer of the ledger."""
        id = new_id("led")
        self.rows.append(
            LedgerTransfer(
                **self.owned(id),
                kind=kind,
                debit=debit,
                credit=credit,
                currency=self.work.store.currency,
                amount=amount,
                payment_id=pay,
                intent_id=pi,
                dispute_id=dispute_id,
                key=f"{dispute_id or pay}:{kind}",
            )
        )
        return id
