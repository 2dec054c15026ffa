"""The payments of the small shop and their lists; ``listed_areas.py`` has the others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments import DisputeStatus, PaymentIntentStatus, PaymentMethod, PaymentState, RefundStatus, TransferKind
from domain.payments.model import Dispute, DisputeFile, LedgerTransfer, Payment, PaymentIntent, Refund, RefundLine
from domain.payments.service.ledger import ACCOUNTS
from tests.contract.listed_areas import DAY_THREE, DAY_TWO, connection
from tests.contract.listed_shop import Area, Condition, Fact, _by, facts, moment_of, one, several, spans

INTENT_COUNT = 70


class _Payments:
    """Makes rows that refer to each other, at moments and with values that repeat often."""

    def __init__(self, work: UnitOfWork, chance: random.Random, sold: Sequence[Fact]) -> None:
        self._work, self._chance, self._sold = work, chance, sold

    async def fill(self) -> None:
        """Write intents, each with up to two payments, and what became of these."""
        for _ in range(INTENT_COUNT):
            order = self._chance.choice([*self._sold, None])
            of_order = {
                "order_id": order and order["id"],
                "customer_id": order and order["customer_id"],
                "amount": 100 * self._chance.randrange(1, 8),
                "method": self._chance.choice(list(PaymentMethod)[:4]),
            }
            intent = PaymentIntent(
                **self._row("pi"),
                **of_order,
                version=1,
                status=self._chance.choice(list(PaymentIntentStatus)),
                capture_method=self._chance.choice(["manual", "automatic"]),
                next_action=self._chance.choice([None, {"type": "redirect", "url": "https://shop.example/é"}]),
                metadata_=self._chance.choice([{}, {"ü": [1, 2.5, None]}]),
            )
            await self._write(intent)
            for _ in range(self._chance.randrange(3)):
                await self._payment(intent, of_order)

    async def _payment(self, intent: PaymentIntent, of_order: dict[str, Any]) -> None:
        card: dict[str, Any] = {}
        if of_order["method"] == PaymentMethod.CARD:
            brand = self._chance.choice(["visa", None])
            card = {"card_brand": brand, "card_last4": "4242", "card_exp_month": 2, "card_exp_year": 2031}
        status = self._chance.choice(list(PaymentState))
        error = {"error_code": "card_declined", "error_message": 'The card was "declined".'}
        payment = Payment(
            **self._row("pay"),
            **of_order,
            **card,
            **(error if status == PaymentState.FAILED else {}),
            version=1,
            intent_id=intent.id,
            captured=of_order["amount"] if status == PaymentState.CAPTURED else 0,
            refunded=0,
            refunding=0,
            disputed=0,
            fee=3,
            sequence=1,
            processor="sandbox",
            status=status,
            authorization_expires_at=moment_of(self._chance) if status == PaymentState.AUTHORIZED else None,
        )
        await self._write(payment)
        for kind in self._chance.sample(list(TransferKind), self._chance.randrange(3)):
            await self._transfer(payment, kind)
        for _ in range(self._chance.randrange(3)):
            await self._refund(payment)
        if self._chance.random() < 0.6:
            await self._dispute(payment)

    async def _refund(self, payment: Payment) -> None:
        status = self._chance.choice(list(RefundStatus))
        refund = Refund(
            **self._row("re"),
            **self._of(payment),
            amount=1,
            fee=0,
            fee_share=0,
            reason=self._chance.choice([None, "Größe"]),
            status=status,
            refund_application_fee=self._chance.random() < 0.5,
            expected_from="2026-01-22",
            expected_by="2026-01-29",
            error_code="refund_failed" if status == RefundStatus.FAILED else None,
            error_message="It came back." if status == RefundStatus.FAILED else None,
        )
        line = RefundLine(
            store_id=refund.store_id, id=new_id("rli"), refund_id=refund.id, item_id=new_id("item"), quantity=2
        )
        await self._write(refund, line)

    async def _dispute(self, payment: Payment) -> None:
        dispute = Dispute(
            **self._row("dp"),
            **self._of(payment),
            amount=1,
            fee=1,
            reason="fraudulent",
            version=1,
            is_submitting=False,
            status=self._chance.choice(list(DisputeStatus)),
            respond_by=moment_of(self._chance),
            evidence_parts=self._chance.choice([[], ["shipping_proof", "communication_log"]]),
            closed_at=self._chance.choice([None, moment_of(self._chance)]),
            reference=new_id("dp"),
        )
        await self._write(dispute)
        owned = {name: value for name, value in self._row("file").items() if name not in ("updated_at", "currency")}
        given = {"evidence_type": "shipping_proof", "name": "é.pdf", "media_type": "application/pdf"}
        await self._write(DisputeFile(**owned, **given, dispute_id=dispute.id, size=1, content=b"1"))

    async def _transfer(self, payment: Payment, kind: TransferKind) -> None:
        debit, credit = ACCOUNTS[kind]
        row = {name: value for name, value in self._row("led").items() if name != "updated_at"}
        of_payment = {name: value for name, value in self._of(payment).items() if name != "order_id"}
        key = f"{payment.id}:{kind}"
        await self._write(LedgerTransfer(**row, **of_payment, kind=kind, debit=debit, credit=credit, amount=5, key=key))

    def _row(self, prefix: str) -> dict[str, Any]:
        store, at = self._work.store, moment_of(self._chance)
        made = {"store_id": store.number, "id": new_id(prefix), "currency": store.currency}
        return {**made, "created_at": at, "updated_at": at}

    def _of(self, payment: Payment) -> dict[str, Any]:
        return {"payment_id": payment.id, "intent_id": payment.intent_id, "order_id": payment.order_id}

    async def _write(self, *rows: object) -> None:
        """One after the other: the session does not know that they refer to each other."""
        for row in rows:
            self._work.add(row)
            await self._work.flush()


async def fill_payments(database: Database, principal: Principal, chance: random.Random) -> None:
    """Fill a store that has orders with payments."""
    sold = sorted(await facts(database, principal, "sales_order"), key=_by("id"))[:8]
    async with database.transaction(principal) as work:
        await _Payments(work, chance, sold).fill()


def _minor_amounts(low: int, high: int) -> list[Condition]:
    """From one amount to another: minor units by REST."""
    return [
        Condition("amount_from", str(low), {"amount": f"{low / 100:.2f}"}, lambda fact: fact["amount"] >= low),
        Condition("amount_to", str(high), {"amount": f"{high / 100:.2f}"}, lambda fact: fact["amount"] <= high),
    ]


def _of_charges(rows: Sequence[Fact], statuses: Sequence[str]) -> list[Condition]:
    """The filters that intents and payments share."""
    order = max(row["order_id"] for row in rows if row["order_id"])
    buyer = max(row["customer_id"] for row in rows if row["customer_id"])
    methods = ["card", "paypal"]
    return [
        several("status", statuses[:1], lambda fact: fact["status"] == statuses[0], upper=True),
        several("status", statuses, lambda fact: fact["status"] in statuses, upper=True),
        several("payment_method", methods[:1], lambda fact: fact["method"] == "card", upper=True),
        several("payment_method", methods, lambda fact: fact["method"] in methods, upper=True),
        one("order_id", order, lambda fact: fact["order_id"] == order),
        one("customer_id", buyer, lambda fact: fact["customer_id"] == buyer),
        *spans("created", "created_at", DAY_TWO, DAY_THREE),
        *_minor_amounts(200, 500),
    ]


_SORTS = {name: _by(name) for name in ("created_at", "amount")}


async def payment_intents(database: Database, principal: Principal) -> Area:
    """The list of payment intents."""
    rows = await facts(database, principal, "payment_intent")
    query = connection("paymentIntents", "PaymentIntentFilter", "PaymentIntentSort")
    conditions = _of_charges(rows, ["succeeded", "requires_capture"])
    return Area("/v2/payments/intents", query, rows, conditions, _SORTS)


async def payments(database: Database, principal: Principal) -> Area:
    """The list of payments."""
    rows = await facts(database, principal, "payment")
    query = connection("payments", "PaymentFilter", "PaymentSort")
    return Area("/v2/payments", query, rows, _of_charges(rows, ["captured", "failed"]), _SORTS)


async def disputes(database: Database, principal: Principal) -> Area:
    """The list of disputes."""
    rows = await facts(database, principal, "payment_dispute")
    order, payment = max(row["order_id"] for row in rows if row["order_id"]), max(row["payment_id"] for row in rows)
    decided = ["won", "lost"]
    return Area(
        "/v2/payments/disputes",
        connection("disputes", "DisputeFilter"),
        rows,
        [
            several("status", ["won"], lambda fact: fact["status"] == "won", upper=True),
            several("status", decided, lambda fact: fact["status"] in decided, upper=True),
            one("order_id", order, lambda fact: fact["order_id"] == order),
            one("payment_id", payment, lambda fact: fact["payment_id"] == payment),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
        ],
    )


async def transfers(database: Database, principal: Principal) -> Area:
    """The transfers of the ledger."""
    rows = await facts(database, principal, "ledger_transfer")
    payment = max(row["payment_id"] for row in rows)
    return Area(
        "/v2/payments/ledger",
        connection("ledger", "LedgerTransferFilter"),
        rows,
        [
            one("payment_id", payment, lambda fact: fact["payment_id"] == payment),
            *spans("created", "created_at", DAY_TWO, DAY_THREE),
        ],
    )


PAYMENT_AREAS = (payment_intents, payments, disputes, transfers)
