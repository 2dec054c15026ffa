"""The ledger is append-only for every role: also for the owner of its table."""

from __future__ import annotations

import asyncpg
import pytest

from domain.kernel.database import Database
from tests.conftest import Shop
from tests.payments.conftest import Pay

_CHANGES = (
    "UPDATE ledger_transfer SET amount = amount + 1",
    "UPDATE ledger_transfer SET key = key WHERE false",
    "DELETE FROM ledger_transfer",
    "TRUNCATE ledger_transfer",
)


@pytest.mark.parametrize("role", ["owner", "gateway_system", "gateway_app"])
async def test_no_role_can_change_a_transfer(
    database: Database, database_url: str, shop: Shop, make_payment: Pay, role: str
) -> None:
    """Taken out to see it fail: the trigger (the owner), the grants (the others)."""
    await make_payment(1_000)
    connection = await asyncpg.connect(database_url)
    try:
        if role == "owner":
            role = await connection.fetchval(
                "SELECT tableowner FROM pg_tables WHERE tablename = 'ledger_transfer' AND schemaname = 'public'"
            )
        await connection.execute(f'SET ROLE "{role}"')
        await connection.execute("SELECT set_config('app.store_id', $1, false)", str(shop.test.store.number))
        count = "SELECT count(*), sum(amount) FROM ledger_transfer"
        before = await connection.fetchrow(count)
        assert before["count"] >= 2
        for change in _CHANGES:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
        assert await connection.fetchrow(count) == before
    finally:
        await connection.close()
