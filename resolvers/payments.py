"""Root reads of payments, and the values that their rows hold in several columns or in one of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain import payments
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


@dataclass(frozen=True, slots=True)
class PaymentAction:
    """What the buyer has to do next."""

    type: payments.PaymentActionType
    url: str | None
    reference: str | None
    address: str | None
    amount: str | None
    currency: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentError:
    """Why a charge or refund failed."""

    code: str
    message: str


def payment_intent(*, id: Annotated[Id, "The id of the payment intent (`pi_…`)."]) -> LoadRequest | None:
    """Fetch a payment intent. None if the id has another prefix."""
    return LoadRequest(payments.reads.intent_by_id, id) if is_id("pi", id) else None


def payment(*, id: Annotated[Id, "The id of the payment (`pay_…`)."]) -> LoadRequest | None:
    """Fetch a payment. None if the id has another prefix."""
    return LoadRequest(payments.reads.payment_by_id, id) if is_id("pay", id) else None


def refund(*, id: Annotated[Id, "The id of the refund (`re_…`)."]) -> LoadRequest | None:
    """Fetch a refund. None if the id has another prefix."""
    return LoadRequest(payments.reads.refund_by_id, id) if is_id("re", id) else None


def dispute(*, id: Annotated[Id, "The id of the dispute (`dp_…`)."]) -> LoadRequest | None:
    """Fetch a dispute. None if the id has another prefix."""
    return LoadRequest(payments.reads.dispute_by_id, id) if is_id("dp", id) else None


async def ledger_balances(context: Context) -> list[payments.LedgerBalance]:
    """The balances of all accounts of the ledger. Raises Forbidden without the scope."""
    async with context.connection() as db:
        return await payments.ledger_balances(db, context.principal)


async def payment_settings(context: Context) -> Row:
    """Load the payment settings of the caller's store. Every store has them."""
    row: Row = await context.load(payments.reads.settings_by_store, context.principal.store.id)
    return row
