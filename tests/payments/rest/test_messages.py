"""How many messages to the database a payment takes."""

from __future__ import annotations

import re

from tests.conftest import Client

TABLES = re.compile(
    r"\b(?:payment|payment_intent|ledger_transfer|outbound_attempt|sandbox_operation|idempotency_record)\b"
)


async def test_a_payment_takes_as_few_messages_as_its_locks_allow(till: Client, statements: list[str]) -> None:
    """Fails when what is written is sent piece by piece again. BEGIN and COMMIT are not counted."""

    async def sent(path: str, key: str, **given: object) -> tuple[str, int]:
        statements.clear()
        answer = await till("POST", path, json=given, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], len([each for each in statements if TABLES.search(each)])

    intent, authorizing = await sent("/v2/payments/intents", "one", amount=4000)
    # The key and what is written; the sandbox; the attempt, the intent of the payment, the intent, its payments, what
    # is written, the document, the key.
    assert authorizing == 2 + 1 + 7, statements
    _, capturing = await sent(f"/v2/payments/{intent}/capture", "two")
    # Before the call also the order of the intent, the intent and its payments.
    assert capturing == 5 + 1 + 7, statements
