"""The statuses that may follow each other: the code and the database say the same."""

from __future__ import annotations

import asyncpg

from domain import payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.payments.states import TRANSITIONS, PaymentIntentStatus
from tests.conftest import Shop
from tests.payments.conftest import Pay

_COPY = """
INSERT INTO payment_intent
    (store_id, id, currency, amount, status, method, capture_method, metadata, version, created_at, updated_at)
SELECT store_id, 'pi_' || $2, currency, amount, $2, method, capture_method, metadata, version, created_at, updated_at
FROM payment_intent WHERE store_id = $1 ORDER BY created_at LIMIT 1
"""


async def test_the_trigger_allows_the_transitions_of_the_code_and_no_other(
    database: Database, shop: Shop, pay: Pay
) -> None:
    """Each pair of statuses is tried on a row. Taken out to see it fail: a pair of the trigger, or of the code."""
    await pay(payments.create_payment_intent, amount=Money(100, "GBP"))
    allowed = set()
    async with database.system_connection() as connection, connection.transaction():
        for before in PaymentIntentStatus:
            await connection.execute(_COPY, shop.test.store.number, before)
            for after in PaymentIntentStatus:
                if await _is_allowed(connection, shop.test.store.number, f"pi_{before}", after) and before != after:
                    allowed.add((before, after))
    assert allowed == {(before, after) for before, targets in TRANSITIONS.items() for after in targets}


async def _is_allowed(connection: asyncpg.Connection, store: int, id: str, after: PaymentIntentStatus) -> bool:
    """Whether the row can take the status. It is as before afterwards."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        query = "UPDATE payment_intent SET status = $3 WHERE store_id = $1 AND id = $2"
        assert await connection.execute(query, store, id, after) == "UPDATE 1"
    except asyncpg.CheckViolationError:
        return False
    else:
        return True
    finally:
        await attempt.rollback()
