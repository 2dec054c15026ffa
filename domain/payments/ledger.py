"""Balances of the ledger, summed from its transfers whenever they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.payments import reads
from domain.payments.states import LedgerAccount


@dataclass(frozen=True, slots=True)
class LedgerBalance:
    """What an account was debited and credited, in minor units."""

    account: LedgerAccount
    currency: str
    debits: int
    credits: int

    @property
    def balance(self) -> int:
        """Debits less credits. The balances of all accounts add up to zero."""
        return self.debits - self.credits


async def ledger_balances(db: Executor, principal: Principal) -> list[LedgerBalance]:
    """The balances of all accounts in the currency of the store. Raises Forbidden without the scope."""
    principal.require(reads.SCOPE)
    rows = await reads.LEDGER_TOTALS.rows(db)
    currency = principal.store.currency
    return [
        LedgerBalance(
            account,
            currency,
            sum(row.amount for row in rows if row.debit == account),
            sum(row.amount for row in rows if row.credit == account),
        )
        for account in LedgerAccount
    ]
