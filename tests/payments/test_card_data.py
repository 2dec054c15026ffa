"""Card data passes through: it is in no cache, no stored document, no error text, and nowhere in the database."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from gateway.graphql.documents import DocumentCache
from schema import schema
from schema.strawberry_internals import core_schema
from tests.conftest import Client, Shop
from tests.payments.conftest import DECLINE, Pay, card
from tests.payments.traces import rows_kept

NUMBER = "5105 1051 0510 5100"
LITERAL = f'{{ products(first: 1, search: "{NUMBER}") {{ nodes {{ id }} }} }}'
OTHER = '{ products(first: 1, search: "mug") { nodes { id } } }'


def test_a_document_with_a_card_number_is_not_remembered() -> None:
    """Taken out: ``is_sensitive``."""
    cache = DocumentCache(core_schema(schema))
    assert cache.operation(LITERAL, None) is not cache.operation(LITERAL, None)
    assert cache.operation(OTHER, None) is cache.operation(OTHER, None)
    assert NUMBER not in repr(cache._known)


async def test_a_document_with_a_card_number_runs_and_is_not_persisted(rest: Client) -> None:
    hash = hashlib.sha256(LITERAL.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash}}
    alone = await rest("POST", "/graphql", json={"query": LITERAL})
    assert "errors" not in alone.json()
    kept = await rest("POST", "/graphql", json={"query": LITERAL, "extensions": extensions})
    assert "in a variable" in kept.json()["errors"][0]["message"]
    again = await rest("POST", "/graphql", json={"extensions": extensions})
    assert again.json()["errors"][0]["message"] == "PersistedQueryNotFound"


async def test_a_document_with_a_card_number_cannot_be_registered(rest: Client) -> None:
    response = await rest("POST", "/v2/documents", json={"text": LITERAL})
    assert response.status_code == 422
    assert "in a variable" in response.text
    assert NUMBER not in response.text


MALFORMED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v2/products", {"json": {"name": "Mug", "sku": "M", "price": 5, NUMBER: 1}}),
    ("POST", "/v2/products", {"json": {"name": "Mug", "sku": "M", "price": NUMBER}}),
    ("GET", f"/v2/products?status={NUMBER}", {}),
    ("GET", f"/v2/products?{NUMBER}=1", {}),
    ("POST", "/graphql", {"json": {"query": f'{{ products(first: "{NUMBER}") {{ nodes {{ id }} }} }}'}}),
    ("POST", "/graphql", {"json": {"query": f'{{ orders(filter: {{ dateFrom: "{NUMBER}" }}) {{ nodes {{ id }} }} }}'}}),
    (
        "POST",
        "/graphql",
        {
            "json": {
                "query": "query ($n: Int) { products(first: $n) { nodes { id } } }",
                "variables": {"n": NUMBER},
            }
        },
    ),
    (
        "POST",
        "/graphql",
        {
            "json": {
                "query": "mutation ($i: CreateProductInput!) { createProduct(input: $i) { userErrors { message } } }",
                "variables": {"i": {"name": "a", "sku": "b", "price": {"amount": NUMBER}}},
            }
        },
    ),
    (
        "POST",
        "/graphql",
        {
            "json": {
                "query": "mutation ($i: CreateProductInput!) { createProduct(input: $i) { userErrors { message } } }",
                "variables": {"i": {"name": "a", "sku": "b", "price": {"amount": "5"}, "status": NUMBER}},
            }
        },
    ),
]


@pytest.mark.parametrize(("method", "path", "options"), MALFORMED)
async def test_no_error_quotes_a_card_number(rest: Client, method: str, path: str, options: Any) -> None:
    """Taken out: ``mask_card_numbers`` where errors are written."""
    response = await rest(method, path, **options)
    assert b"error" in response.content
    for shown in (NUMBER, NUMBER.replace(" ", "")):
        assert shown not in response.text
        assert shown not in str(response.headers)


async def test_no_table_holds_a_number_or_security_code(database: Database, shop: Shop, pay: Pay) -> None:
    """After payments that succeed, fail and wait, every text that their store has in any table is searched."""
    numbers = {"4000056655665556", DECLINE, "378282246310005"}
    for number in sorted(numbers):
        details = card(number, cvc="8675" if number.startswith("37") else "867")
        await pay(payments.create_payment_intent, amount=Money(700, "GBP"), payment_method_details=details)
    kept = await rows_kept(database, shop.test.store.number)
    assert ",5556," in kept["payment"]
    for table, text in kept.items():
        assert not any(number in text for number in numbers), table
        if table.startswith(("payment", "outbound", "sandbox", "event", "idempotency")):
            assert '"8675"' not in text, table
            assert ",867," not in text, table
