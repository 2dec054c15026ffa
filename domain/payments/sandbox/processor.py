"""The sandbox behind the port of processors. What it did for a key is a row, so that it does it once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from secrets import token_hex
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from domain.kernel.clock import Clock
from domain.kernel.database import Database
from domain.kernel.money import to_major
from domain.kernel.principal import Store
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.outbound import Failed, Outcome, Settled, Succeeded
from domain.payments.model.sandbox import SandboxOperation
from domain.payments.ports import (
    BuyerAction,
    Capture,
    Charge,
    ChargeNews,
    ChargeState,
    DisputeNews,
    ProcessorRequest,
    RefundCharge,
    RefundNews,
    RefundState,
    SubmitEvidence,
    Void,
)
from domain.payments.sandbox.cards import CARDS, Scenario
from domain.payments.states import DisputeStatus, PaymentActionType, PaymentMethod

LATE_SECONDS = 3.0
AUTHORIZATION_LIFETIME = timedelta(days=7)
RESPONSE_TIME = timedelta(days=7)
DISPUTE_FEE_PERCENT, CHARGE_FEE_MILLIONTHS, CHARGE_FEE_FIXED = 5, 29_000, 30
TRANSFERS = frozenset({PaymentMethod.ACH, PaymentMethod.WIRE, PaymentMethod.BITCOIN, PaymentMethod.ETHEREUM})
"""Methods that settle later: when the sandbox is told."""
REDIRECTS = frozenset({PaymentMethod.PAYPAL, PaymentMethod.AFFIRM, PaymentMethod.KLARNA})

_operation = SandboxOperation.__table__.c
_FIND = Statement(
    "sandbox_operation",
    select(_operation.outcome).where(_operation.store_id == STORE, _operation.id == bindparam("id", type_=KEY_TEXT)),
)
_INSERT = RowStatement.insert_into(SandboxOperation, lambda made: made.on_conflict_do_nothing(), returning=("outcome",))


class SandboxProcessor:
    """The processor of test stores."""

    def __init__(self, database: Database, public_url: str, *, late_seconds: float = LATE_SECONDS) -> None:
        """``public_url``: where the gateway is, for the pages that buyers are sent to, without a slash at the end."""
        self._database = database
        self._public_url = public_url
        self._clock: Clock = database.clock
        self._late_seconds = late_seconds

    async def send(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        """See ``OutboundPort``. Raises TimeoutError for the card whose answer is lost."""
        outcome = await self._done_once(request, key, store)
        if isinstance(request, Charge):
            scenario = _scenario_of(request)
            if scenario is Scenario.LATE:
                await asyncio.sleep(self._late_seconds)
            elif scenario is Scenario.LOST_ANSWER:
                raise TimeoutError("the sandbox never answers a charge of this card")
        return outcome

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See ``OutboundPort``."""
        async with self._database.read_connection(store) as db:
            rows = await _FIND.rows(db, id=key)
            return _outcome_of(rows[0].outcome) if rows else None

    async def _done_once(self, request: ProcessorRequest, key: str, store: Store) -> Outcome:
        row = {
            "store_id": store.number,
            "id": key,
            "kind": type(request).__name__,
            "outcome": _stored(self._answer(request)),
            "created_at": self._clock(),
        }
        async with self._database.read_connection(store) as db:  # one statement, which commits by itself
            kept = await _INSERT.rows(db, **_INSERT.values([row])) or await _FIND.rows(db, id=key)
            return _outcome_of(kept[0].outcome)

    def _answer(self, request: ProcessorRequest) -> Settled:
        match request:
            case Charge():
                return self._charge(request)
            case Capture():
                return Succeeded(self._captured(request.reference, request.amount).as_data())
            case Void():
                reference = request.reference or ""
                return Succeeded(ChargeNews(reference=reference, state=ChargeState.CANCELLED).as_data())
            case RefundCharge():
                return _refund(request)
            case SubmitEvidence():
                return Succeeded()

    def _charge(self, request: Charge) -> Settled:
        scenario = _scenario_of(request)
        reference = f"sandbox_{scenario}_{request.payment_id}"
        match scenario:
            case Scenario.DECLINE:
                return Failed("card_declined", "The card was declined.")
            case Scenario.INSUFFICIENT_FUNDS:
                return Failed("insufficient_funds", "The card has insufficient funds.")
            case Scenario.THREE_D_SECURE:
                return self._waiting(request, reference, PaymentActionType.THREE_D_SECURE)
        if request.method in REDIRECTS and request.details.token is None:
            return self._waiting(request, reference, PaymentActionType.REDIRECT)
        if request.method in TRANSFERS:
            pending = ChargeNews(reference=reference, state=ChargeState.PENDING, next_action=_transfer_of(request))
            return Succeeded(pending.as_data())
        return Succeeded(self.accepted(reference, request.amount, is_captured=request.is_captured).as_data())

    def accepted(self, reference: str, amount: int, *, is_captured: bool) -> ChargeNews:
        """What the sandbox says of a charge that went well."""
        if is_captured:
            return self._captured(reference, amount)
        until = self._clock() + AUTHORIZATION_LIFETIME
        return ChargeNews(reference=reference, state=ChargeState.AUTHORIZED, authorized_until=until)

    def _captured(self, reference: str, amount: int) -> ChargeNews:
        is_disputed = f"_{Scenario.DISPUTE}_" in reference
        return ChargeNews(
            reference=reference,
            state=ChargeState.CAPTURED,
            captured=amount,
            fee=min(amount, amount * CHARGE_FEE_MILLIONTHS // 1_000_000 + CHARGE_FEE_FIXED),
            dispute=self.disputed(reference, amount, "fraudulent") if is_disputed else None,
        )

    def disputed(self, reference: str, amount: int, reason: str) -> DisputeNews:
        """What the sandbox says of a dispute of a charge that begins now. Each has a reference of its own."""
        return DisputeNews(
            reference=f"dispute_{token_hex(4)}_{reference}",
            charge_reference=reference,
            status=DisputeStatus.NEEDS_RESPONSE,
            amount=amount,
            reason=reason,
            respond_by=self._clock() + RESPONSE_TIME,
            fee=amount * DISPUTE_FEE_PERCENT // 100,
        )

    def _waiting(self, request: Charge, reference: str, type: PaymentActionType) -> Settled:
        action = BuyerAction(type=type, url=f"{self._public_url}/sandbox/3ds/{request.payment_id}")
        return Succeeded(
            ChargeNews(reference=reference, state=ChargeState.REQUIRES_ACTION, next_action=action).as_data()
        )


def _scenario_of(request: Charge) -> Scenario:
    card = request.details.card
    return Scenario.SUCCESS if card is None else CARDS.get(card.number, Scenario.SUCCESS)


def _refund(request: RefundCharge) -> Settled:
    reference = f"sandbox_{request.refund_id}"
    if f"_{Scenario.REFUND_FAILS}_" in request.reference:
        return Failed("refund_failed", "The buyer's bank refused the refund.")
    is_pending = f"_{Scenario.REFUND_PENDING}_" in request.reference
    fee = request.fee if request.refund_application_fee else 0
    news = RefundNews(
        reference=reference,
        state=RefundState.PENDING if is_pending else RefundState.SUCCEEDED,
        fee=0 if is_pending else fee,
    )
    return Succeeded(news.as_data())


def _transfer_of(request: Charge) -> BuyerAction | None:
    """What the buyer has to send. An ACH debit is fetched, not sent."""
    owed = {"amount": f"{to_major(request.amount, request.currency):f}", "currency": request.currency}
    digest = hashlib.sha256(request.payment_id.encode()).hexdigest()
    match request.method:
        case PaymentMethod.WIRE:
            return BuyerAction(
                type=PaymentActionType.BANK_TRANSFER,
                reference=digest[:10].upper(),
                address="Sandbox Bank, account 000123456789, routing number 110000000",
                **owed,
            )
        case PaymentMethod.BITCOIN:
            return BuyerAction(type=PaymentActionType.CRYPTO_TRANSFER, address=f"tb1q{digest[:38]}", **owed)
        case PaymentMethod.ETHEREUM:
            return BuyerAction(type=PaymentActionType.CRYPTO_TRANSFER, address=f"0x{digest[:40]}", **owed)
    return None


def _stored(outcome: Settled) -> dict[str, Any]:
    if isinstance(outcome, Failed):
        return {"code": outcome.code, "message": outcome.message}
    return {"data": dict(outcome.data)}


def _outcome_of(stored: Mapping[str, Any] | str) -> Settled:
    found = orjson.loads(stored) if isinstance(stored, str) else stored
    return Succeeded(found["data"]) if "data" in found else Failed(found["code"], found["message"])
