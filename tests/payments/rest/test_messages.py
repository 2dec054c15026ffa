"""How many messages to the database a payment takes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from tests.conftest import Client
from tests.payments.rest.conftest import MakeOrder

TABLES = re.compile(r"\b(?:payment|payment_intent|outbound_attempt|sandbox_operation|idempotency_record|sales_order)\b")
Sent = Callable[..., Awaitable[tuple[str, int]]]


@pytest.fixture
def sent(till: Client, statements: list[str]) -> Sent:
    """Sends a request under a key: the id of the intent, and the number of statements. BEGIN and COMMIT are none."""

    async def send(path: str, **given: object) -> tuple[str, int]:
        statements.clear()
        answer = await till("POST", path, json=given, headers={"Idempotency-Key": path})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], len([each for each in statements if TABLES.search(each)])

    return send


async def test_a_payment_takes_as_few_messages_as_its_locks_allow(sent: Sent, statements: list[str]) -> None:
    """Fails when what is written is sent piece by piece again."""
    intent, authorizing = await sent("/v2/payments/intents", amount=4000)
    # The key and what is written; the sandbox; the attempt, the intent of the payment, the intent, its payments, what
    # is written, the document, the key.
    assert authorizing == 2 + 1 + 7, statements
    _, capturing = await sent(f"/v2/payments/{intent}/capture")
    # Before the call also the order of the intent, the intent and its payments.
    assert capturing == 5 + 1 + 7, statements


async def test_an_order_is_read_again_only_where_its_payment_changes_it(
    make_order: MakeOrder, sent: Sent, statements: list[str]
) -> None:
    """Both halves lock it; of the capture it hears. Fails when it is told of what it knows."""
    order = await make_order()
    intent, authorizing = await sent("/v2/payments/intents", amount=4000, order_id=order["id"])
    assert authorizing == 4 + 1 + 8, statements
    await sent(f"/v2/payments/{intent}/capture")
    assert sum("FROM sales_order" in each for each in statements) == 3, statements
