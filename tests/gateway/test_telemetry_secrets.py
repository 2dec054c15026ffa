"""No secret leaves by a log line, a metric, a span or an error: a whole run is searched for every one used in it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator

import httpx
import pytest
from sqlalchemy import make_url

from tests.conftest import MakeKey, Shop
from tests.gateway.collector import Collector, collecting
from tests.gateway.server_process import ENCRYPTION_KEY, Server, free_port, serving

CARD = "4242424242424242"


@pytest.fixture
def collector() -> Generator[Collector]:
    with collecting() as collector:
        yield collector


PAY = """mutation ($i: CreatePaymentIntentInput!) { createPaymentIntent(input: $i) {
  paymentIntent { id status } userErrors { message } } }"""
INLINE = f"""mutation {{ createPaymentIntent(input: {{ amount: {{ amount: 5 }}, paymentMethodDetails: {{
  card: {{ number: "{CARD}", expMonth: 12, expYear: 2040, cvc: "9417" }} }} }}) {{ paymentIntent {{ id }} }} }}"""


async def pay(server: Server, till: str) -> list[httpx.Response]:
    """Payments by card, accepted and refused, by both surfaces; security codes that no other text contains."""
    card = {"number": CARD, "exp_month": 12, "exp_year": 2040, "cvc": "947"}
    typed = {"number": CARD, "expMonth": 12, "expYear": 2040, "cvc": "947"}
    answers = []
    async with server.client(till) as client:
        for given in (card, {**card, "cvc": "9417"}, {**card, "exp_year": 2020}, {**card, "number": f"{CARD}4242"}):
            body = {"amount": 500, "payment_method_details": {"card": given}}
            key = {"Idempotency-Key": secrets.token_hex(8)}
            answers.append(await client.post("/v2/payments/intents", json=body, headers=key))
        wrong = {"payment_method_details": {"card": [CARD]}, CARD: 1}
        answers.append(await client.post("/v2/payments/intents", json=wrong))
        for given in (typed, {**typed, "cvc": "9417"}, {**typed, "expYear": CARD}, CARD):
            variables = {"i": {"amount": {"amount": "5"}, "paymentMethodDetails": {"card": given}}}
            answers.append(await client.post("/graphql", json={"query": PAY, "variables": variables}))
        answers.append(await client.post("/graphql", json={"query": INLINE}))
    assert [answer.status_code for answer in answers][:1] == [201]
    return answers


async def send_everything(server: Server, key: str, narrow: str, bogus: str) -> tuple[str, list[httpx.Response]]:
    """Requests that succeed and requests that fail, with secrets wherever a client may put one.

    The secret of the key that was made, and every answer that is an error.
    """
    write = {"name": "Mug", "sku": "MUG", "price": 5, "description": f"paid with {CARD}"}
    login = f"mutation {bogus} {{ createApiKey(input: {{name: 1}}) {{ apiKey {{ id }} }} }}"
    asked = [
        ("GET", f"/v2/products?search={bogus}&api_key={bogus}", {}),
        ("GET", f"/v2/products/{bogus}", {}),
        ("POST", "/v2/products", {"json": write, "headers": {"Idempotency-Key": f"again-{bogus}"}}),
        ("POST", "/v2/products", {"json": write, "headers": {"Idempotency-Key": f"other-{bogus}"}}),
        ("POST", "/v2/products", {"content": f'{{"name": "{bogus}"'.encode()}),
        ("POST", "/graphql", {"json": {"query": "{ products(first: 1) { nodes { id } } }", "variables": {"k": bogus}}}),
        ("POST", "/graphql", {"json": {"query": f"query {bogus} {{ shop {{ id }} }}"}}),
        ("POST", "/graphql", {"json": {"query": login}}),
        ("POST", "/graphql", {"json": {"query": "query { products(first: 1000) { nodes { id } } }"}}),
        ("GET", "/nowhere", {}),
    ]
    answers = []
    async with server.client(key) as client:
        made = await client.post("/v2/access/keys", json={"name": "till", "scopes": ["products:read"]})
        answers += [await client.request(method, path, **options) for method, path, options in asked]
    for token in (bogus, narrow, "wrong " + key):
        async with server.client(token) as client:
            answers.append(await client.get("/v2/access/keys"))
            answers.append(await client.post("/graphql", json={"query": "{ apiKeys { nodes { id } } }"}))
    return made.json()["secret"], [answer for answer in answers if answer.status_code >= 400]


async def test_no_secret_of_a_run_leaves_by_logs_metrics_traces_or_errors(
    collector: Collector, database_url: str, shop: Shop, make_key: MakeKey
) -> None:
    key, narrow = await make_key(shop.live), await make_key(shop.test, "orders:read")
    till = await make_key(shop.test, "payments:read", "payments:write")
    bogus = f"live_{secrets.token_hex(24)}"
    token, password = secrets.token_urlsafe(24), secrets.token_urlsafe(16)
    port = free_port()
    url = make_url(database_url)
    given = url.password
    settings = {
        "GATEWAY_LOG_LEVEL": "debug",
        "GATEWAY_METRICS_ADDRESS": f"127.0.0.1:{port}",
        "GATEWAY_METRICS_TOKEN": token,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{password}",
    }
    async with serving(database_url, **settings) as server:
        made, refused = await send_everything(server, key, narrow, bogus)
        paid = await pay(server, till)
        async with server.client(token) as client:
            metrics = (await client.get("/metrics")).text
        assert await server.stop() == 0
        log = server.written
    assert len(refused) >= 10
    errors = [answer for answer in refused if bogus not in str(answer.request.url)]
    told = {
        "log": log,
        "metrics": metrics,
        "traces": b"".join(collector.bodies).decode("latin-1"),
        "errors": "".join(answer.text for answer in [*errors, *paid]),
    }
    assert all(len(text) > 1_000 for text in told.values())
    used = [
        key,
        till,
        narrow,
        bogus,
        made,
        token,
        password,
        ENCRYPTION_KEY,
        CARD,
        *([] if given is None else [str(given)]),
    ]
    leaks = [(where, secret) for where, text in told.items() for secret in used if secret in text]
    assert leaks == []
    assert not re.search(r"\b9417\b", "".join(told.values()))
    assert not re.search(r"(?i)bearer [a-z0-9]", log)
