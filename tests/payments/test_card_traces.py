"""After a run of a whole gateway, card data and evidence are nowhere: not in tables, in Redis, or in files."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain.kernel.database import Database, DatabaseOptions
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.conftest import Client, MakeKey, Shop
from tests.gateway.conftest import serving
from tests.payments.conftest import DECLINE, DISPUTED, THREE_D_SECURE
from tests.payments.traces import files_kept, redis_kept, rows_kept

MASTERCARD, AMEX, CODE = "5105105105105100", "378282246310005", "8675"
NUMBERS = (MASTERCARD, AMEX, DECLINE, DISPUTED, THREE_D_SECURE)
PAY = """mutation ($input: CreatePaymentIntentInput!) { createPaymentIntent(input: $input) {
  paymentIntent { id status } userErrors { code } } }"""
WITH_NUMBER = f'{{ products(first: 1, search: "{MASTERCARD}") {{ nodes {{ id }} }} }}'
ORDINARY = '{ products(first: 1, search: "a mug of this run") { nodes { id } } }'
PROOF, TEXT = b"%PDF-1.7\nthe proof of this run", "the log of this run"


def details(number: str) -> dict[str, Any]:
    """The details of a card, by REST."""
    code = CODE if number == AMEX else "867"
    return {"card": {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": code}}


@pytest.fixture
async def till(
    database_url: str, settings: Settings, redis_url: str, tmp_path: Path, shop: Shop, make_key: MakeKey
) -> AsyncGenerator[Client]:
    """A client of a gateway of this test's own, with Redis, a data directory and jobs, for the test store."""
    changed = {"redis_url": SecretStr(redis_url), "data_dir": tmp_path}
    database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS))
    key = await make_key(shop.test)
    async with (
        serving(build(settings.model_copy(update=changed), database)) as running,
        httpx.AsyncClient(base_url=running.url, timeout=30) as http,
    ):
        yield Client(http, key)


async def test_no_card_data_and_no_evidence_is_left_behind(
    till: Client, database: Database, shop: Shop, redis_url: str, tmp_path: Path
) -> None:
    """Taken out: ``is_sensitive`` of documents, or the encryption of evidence. What is kept on purpose is found, so
    that the search is one.
    """
    await pay_by_both_surfaces(till)
    await send_documents(till)
    dispute = await respond_to_a_dispute(till)
    await export_payments_and_send_bulk(till)
    await share_repeated(till, redis_url)

    in_redis, in_files = await redis_kept(redis_url), files_kept(tmp_path)
    in_tables = await rows_kept(database, shop.test.store.number)
    assert ",5100," in in_tables["payment"]
    assert dispute in in_tables["payment_dispute_file"]
    assert any(ORDINARY in text for text in in_redis.values())
    assert any(name.startswith("results/") and "5100" in text for name, text in in_files.items()), in_files.keys()
    for where, text in (in_redis | in_files | in_tables).items():
        for number in NUMBERS:
            grouped = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
            assert number not in text, where
            assert grouped not in text, where
            assert number.encode().hex() not in text, where
        assert f'"{CODE}"' not in text, where
        for evidence in (PROOF, TEXT.encode()):
            assert evidence.decode() not in text, where
            assert evidence.hex() not in text, where
            assert b64encode(evidence).decode() not in text, where


async def pay_by_both_surfaces(till: Client) -> None:
    """Payments that succeed, fail and wait, one twice under its key, and requests that are refused."""
    for number in NUMBERS:
        body = {"amount": 700, "payment_method_details": details(number)}
        headers = {"Idempotency-Key": f"pay-{number[-4:]}"}
        answers = [await till("POST", "/v2/payments/intents", json=body, headers=headers) for _ in range(2)]
        assert [each.status_code for each in answers] == [201, 201]
        card = details(number)["card"]
        given = {"number": number, "expMonth": 12, "expYear": 2040, "cvc": card["cvc"]}
        variables = {"input": {"amount": {"amount": "7.00"}, "paymentMethodDetails": {"card": given}}}
        answer = await till("POST", "/graphql", json={"query": PAY, "variables": variables})
        assert answer.json()["data"]["createPaymentIntent"]["userErrors"] == []
    expired = {"number": MASTERCARD, "exp_month": 1, "exp_year": 2020, "cvc": "867"}
    refused = {"amount": 700, "payment_method_details": {"card": expired}, "metadata": {"note": 1}}
    headers = {"Idempotency-Key": "refused"}
    assert (await till("POST", "/v2/payments/intents", json=refused, headers=headers)).status_code == 422


async def send_documents(till: Client) -> None:
    """Documents with and without a number: often, persisted and registered."""
    for text, error in ((WITH_NUMBER, "in a variable"), (ORDINARY, None)):
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
        for _ in range(5):
            assert "errors" not in (await till("POST", "/graphql", json={"query": text})).json()
        kept = (await till("POST", "/graphql", json={"query": text, "extensions": extensions})).json()
        assert error is None or error in kept["errors"][0]["message"]
    assert (await till("POST", "/v2/documents", json={"text": WITH_NUMBER})).status_code == 422


async def respond_to_a_dispute(till: Client) -> str:
    """Evidence as text and as a file of a dispute, submitted. Returns its id."""
    disputed = {"amount": 900, "payment_method_details": details(DISPUTED), "capture_method": "automatic"}
    assert (await till("POST", "/v2/payments/intents", json=disputed)).status_code == 201
    (dispute,) = (await till("GET", "/v2/payments/disputes")).json()["data"]
    path = f"/v2/payments/disputes/{dispute['id']}"
    params, headers = {"evidence_type": "shipping_proof", "name": "p.pdf"}, {"Content-Type": "application/pdf"}
    assert (await till("POST", f"{path}/files", params=params, content=PROOF, headers=headers)).status_code == 201
    parts = dict.fromkeys(("transaction_details", "shipping_proof", "communication_log"), TEXT)
    answer = await till("POST", f"{path}/respond", json={"evidence": parts, "submit": True})
    assert answer.json()["status"] == "under_review", answer.text
    return str(dispute["id"])


async def export_payments_and_send_bulk(till: Client) -> None:
    """Files in the data directory: a result with the last digits, and none of a mutation that may not call out."""
    query = "{ payments { nodes { id card { brand last4 } } } }"
    started = await till("POST", "/v2/exports", json={"query": query})
    assert started.status_code == 202, started.text
    async with asyncio.timeout(30):
        while (job := (await till("GET", f"/v2/jobs/{started.json()['id']}")).json())["status"] != "succeeded":
            assert job["status"] in ("queued", "running"), job
            await asyncio.sleep(0.1)
    assert (await till("POST", "/v2/exports", json={"query": WITH_NUMBER})).status_code == 422
    number = f'{{"input":{{"paymentMethodDetails":{{"card":{{"number":"{MASTERCARD}","cvc":"{CODE}"}}}}}}}}\n'
    headers = {"Content-Type": "application/x-ndjson"}
    refused = await till("POST", "/v2/bulk_mutations", params={"mutation": PAY}, content=number, headers=headers)
    assert refused.status_code == 422, refused.text


async def share_repeated(till: Client, redis_url: str) -> None:
    """Let the process count in Redis what it was sent often: it does so when a document is registered."""
    assert (await till("POST", "/v2/documents", json={"text": ORDINARY})).status_code == 201
    async with asyncio.timeout(30):
        while not any(key.startswith("commerce-gateway:repeated:") for key in await redis_kept(redis_url)):
            await asyncio.sleep(0.05)
