"""Rate limits on every transport of a running gateway."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from domain import access
from domain.access.commands import CreateApiKey
from domain.kernel.database import Database
from domain.kernel.principal import Plan, Principal
from tests.conftest import Shop
from tests.gateway.conftest import Serving, talking

LIST = "{ products(first: 200) { nodes { id } } }"
"""Costs as much as three requests: 202 points."""
Keys = Callable[..., Awaitable[str]]


@pytest.fixture
async def limited(database: Database, make_shop: Callable[..., Awaitable[Shop]]) -> Keys:
    """Makes keys of a store on the free plan: ``await limited(daily_limit=5)``."""
    owner = (await make_shop(plan=Plan.FREE)).live

    async def make(**limits: Any) -> str:
        return await _key(database, owner, **limits)

    return make


async def _key(database: Database, owner: Principal, **limits: Any) -> str:
    async with database.transaction(owner) as work:
        return (await access.create_key(work, owner, CreateApiKey(name="x", scopes=("all",), **limits))).secret


@pytest.fixture
async def web(gateway: Serving) -> AsyncGenerator[httpx.AsyncClient]:
    """A client without a key."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    """The header of a key."""
    return {"Authorization": f"Bearer {key}"}


def told(answer: httpx.Response) -> tuple[int, int]:
    """What the headers say: the limit, and what is left."""
    return int(answer.headers["X-RateLimit-Limit"]), int(answer.headers["X-RateLimit-Remaining"])


async def test_headers_tell_the_window_with_fewer_requests_left(web: httpx.AsyncClient, limited: Keys) -> None:
    key = await limited()
    first, second = [await web.get("/v2/shop", headers=bearer(key)) for _ in range(2)]
    assert (told(first), told(second)) == ((100, 99), (100, 98))
    reset = int(first.headers["X-RateLimit-Reset"])
    assert reset % 3600 == 0
    assert 0 < reset - datetime.now(UTC).timestamp() <= 3_600
    narrow = await limited(daily_limit=3)
    answer = await web.get("/v2/shop", headers=bearer(narrow))
    assert told(answer) == (3, 2)
    reset_of_day = int(answer.headers["X-RateLimit-Reset"])
    assert reset_of_day % 86_400 == 0
    assert answer.json()["rate_limit"]["day"] == {
        "limit": 3,
        "remaining": 2,
        "resets_at": f"{datetime.fromtimestamp(reset_of_day, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    assert answer.json()["rate_limit"]["hour"]["remaining"] == 97


async def test_what_is_refused_for_another_reason_counts_and_what_is_unknown_does_not(
    web: httpx.AsyncClient, limited: Keys
) -> None:
    key = await limited(daily_limit=100)
    requests: list[tuple[str, str, dict[str, Any], int]] = [
        ("GET", "/v2/products/prod_nothing", {}, 404),
        ("GET", "/v2/nowhere", {}, 404),
        ("GET", "/v2/products?limit=999", {}, 400),
        ("POST", "/v2/products", {"json": {}}, 422),
        ("POST", "/graphql", {"content": b"{"}, 415),
        ("POST", "/graphql", {"json": {"query": "{ nothing }"}}, 400),
        ("POST", "/graphql", {"json": {"query": "query ($id: ID!) { product(id: $id) { id } }"}}, 400),
        ("GET", "/graphql?query=mutation%20%7B%20__typename%20%7D", {}, 405),
        ("POST", "/graphql/stream", {"content": b"{", "headers": {"Accept": "text/event-stream"}}, 415),
    ]
    accept = {"Accept": "application/graphql-response+json"}
    for count, (method, path, options, status) in enumerate(requests, start=1):
        headers = {**(accept if path.startswith("/graphql") else {}), **options.pop("headers", {}), **bearer(key)}
        answer = await web.request(method, path, headers=headers, **options)
        assert (answer.status_code, told(answer)) == (status, (100, 100 - count)), (path, answer.text)
    unknown = await web.get("/v2/shop", headers=bearer("live_unknown"))
    assert unknown.status_code == 401
    assert "X-RateLimit-Limit" not in unknown.headers
    assert told(await web.get("/v2/shop", headers=bearer(key)))[1] == 99 - len(requests)


async def test_an_operation_counts_by_its_cost(web: httpx.AsyncClient, limited: Keys) -> None:
    """A refused one does not: what is left serves for a smaller one. A mutation counts before its transaction."""
    key = await limited(daily_limit=8)

    async def ask(query: str, **variables: Any) -> httpx.Response:
        return await web.post("/graphql", headers=bearer(key), json={"query": query, "variables": variables})

    assert told(await ask("{ shop { name } }")) == (8, 7)
    assert told(await ask(LIST)) == (8, 4)
    assert told(await ask(LIST)) == (8, 1)
    refused = await ask(LIST)
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert "3 requests" in refused.json()["errors"][0]["message"]
    assert told(refused) == (8, 1)
    create = "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }"
    made = await ask(create, input={"name": "x", "scopes": ["products:read"], "dailyLimit": 5})
    assert made.json()["data"]["createApiKey"]["apiKey"]["id"]
    assert told(made) == (8, 0)
    refused = await ask(create, input={"name": "x", "scopes": ["products:read"]})
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_every_transport_refuses_when_nothing_is_left(
    web: httpx.AsyncClient, gateway: Serving, limited: Keys
) -> None:
    """Before it reads anything."""
    key = await limited(daily_limit=1)
    assert (await web.get("/v2/shop", headers=bearer(key))).status_code == 200
    for _ in range(2):
        answer = await web.get("/v2/shop", headers=bearer(key))
        assert answer.status_code == 429
        assert answer.json()["error"]["code"] == "rate_limit_exceeded"
        assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    for path, body in (("/graphql", b"{"), ("/graphql/stream", b"{")):
        headers = {**bearer(key), "Accept": "text/event-stream, application/graphql-response+json"}
        answer = await web.post(path, headers=headers, content=body)
        assert (answer.status_code, told(answer)) == (429, (1, 0)), answer.text
    stream = await web.get("/v2/events/stream", headers={**bearer(key), "Accept": "text/event-stream"})
    assert stream.status_code == 429
    async with talking(gateway.socket_url) as talk:
        await talk.init(key)
        await talk.ask("{ __typename }")
        message = await talk.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")


async def test_a_subscription_counts_once_and_operations_of_a_socket_each(
    web: httpx.AsyncClient, gateway: Serving, limited: Keys
) -> None:
    """Its events are free. ``shop`` tells what is left by GraphQL, too."""
    key = await limited(daily_limit=50)
    left = "{ shop { rateLimit { hour { limit remaining } day { limit remaining resetsAt } } } }"

    async def remaining() -> int:
        answer = await web.post("/graphql", headers=bearer(key), json={"query": left})
        usage = answer.json()["data"]["shop"]["rateLimit"]
        assert usage["hour"]["limit"] == 100
        assert usage["day"]["remaining"] == told(answer)[1]
        return int(usage["day"]["remaining"])

    assert await remaining() == 49
    async with talking(gateway.socket_url) as talk:
        await talk.init(key)
        await talk.ask("subscription { events { type } }", "live")
        await talk.ask(LIST, "list")
        assert (await talk.hear())["type"] == "next"
        assert (await talk.hear())["type"] == "complete"
        await talk.ask("{ nothing }", "wrong")
        assert (await talk.hear())["type"] == "error"
        before = await remaining()
        assert before == 49 - 1 - 3 - 1 - 1
        product = {"name": "Mug", "sku": "MUG", "price": 5}
        for number in range(3):
            made = await web.post("/v2/products", headers=bearer(key), json={**product, "sku": f"MUG-{number}"})
            assert made.status_code == 201, made.text
            assert (await talk.hear())["type"] == "next"
        assert await remaining() == before - 3 - 1


async def test_processes_count_together_in_redis(serve: Callable[..., Any], redis_url: str, limited: Keys) -> None:
    key = await limited(daily_limit=10)
    with_redis = {"redis_url": SecretStr(redis_url)}
    async with (
        serve(**with_redis) as first,
        serve(**with_redis) as second,
        httpx.AsyncClient(headers=bearer(key), timeout=10) as client,
    ):
        for count in range(10):
            answer = await client.get(f"{(first, second)[count % 2].url}/v2/shop")
            assert told(answer) == (10, 9 - count)
        for each in (first, second):
            assert (await client.get(f"{each.url}/v2/shop")).status_code == 429


async def test_limits_can_be_off(serve: Callable[..., Any], limited: Keys) -> None:
    key = await limited(daily_limit=1)
    async with serve(rate_limits="off") as running, httpx.AsyncClient(headers=bearer(key)) as client:
        answers = [await client.get(f"{running.url}/v2/shop") for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 200]
        assert answers[0].json()["rate_limit"] is None
        assert "X-RateLimit-Limit" not in answers[0].headers


async def test_a_key_gives_no_larger_limit_than_its_own(web: httpx.AsyncClient, limited: Keys) -> None:
    """What it makes has its limits, unless it asks for less; a rolled key keeps them."""
    key = await limited(hourly_limit=50, daily_limit=60)

    async def make(**given: Any) -> httpx.Response:
        body = {"name": "x", "scopes": ["access:write", "access:read"], **given}
        return await web.post("/v2/access/keys", headers=bearer(key), json=body)

    refused = await make(hourly_limit=51)
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["field"] == "hourly_limit"
    child = (await make(hourly_limit=20)).json()
    assert (child["hourly_limit"], child["daily_limit"]) == (20, 60)
    rolled = await web.post(f"/v2/access/keys/{child['id']}/roll", headers=bearer(child["secret"]))
    assert (rolled.json()["hourly_limit"], rolled.json()["daily_limit"]) == (20, 60)
    assert told(rolled)[0] == 20
