"""The one place where callers are throttled: every transport passes it, once a request or operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import RateLimited
from domain.kernel.principal import Principal
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.throttle import Throttle, Transport
from tests.gateway.conftest import Serving, serving, talking


@pytest.fixture
async def counted(database_url: str, settings: Settings) -> AsyncGenerator[tuple[Serving, Telemetry]]:
    """A gateway of this test's own, and what it counts."""
    telemetry = Telemetry()
    database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS, read_connections=2))
    async with serving(build(settings, database, telemetry)) as running:
        yield running, telemetry


def admissions(telemetry: Telemetry) -> Counter[tuple[str, str]]:
    """How often each transport was passed, by transport and plan."""
    samples = [
        sample
        for family in telemetry.registry.collect()
        for sample in family.samples
        if sample.name == "gateway_requests_admitted_total"
    ]
    return Counter({(each.labels["transport"], each.labels["plan"]): int(each.value) for each in samples})


async def use_every_transport(running: Serving, key: str | None) -> list[Any]:
    """One request by REST, two of GraphQL over HTTP, one stream, three operations on one socket; what came of each."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    answers: list[Any] = []
    query = {"query": "{ __typename }"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=10) as web:
        answers.append((await web.get("/v2/shop")).status_code)
        answers += [(await web.post("/graphql", json=query)).status_code for _ in range(2)]
        stream = await web.post("/graphql/stream", json=query, headers={"Accept": "text/event-stream"})
        answers.append(stream.status_code)
    if key is None:
        return answers
    async with talking(running.socket_url) as talk:
        await talk.init(key)
        for id in "123":
            await talk.ask("{ __typename }", id)
            answers.append((message := await talk.hear())["type"])
            if message["type"] == "next":
                assert (await talk.hear())["type"] == "complete"
    return answers


async def test_every_transport_passes_it_once_a_request(counted: tuple[Serving, Telemetry], key: str) -> None:
    """Fails when a transport takes the authenticator itself for its ``identify`` (none of its requests counts)."""
    running, telemetry = counted
    assert await use_every_transport(running, key) == [200, 200, 200, 200, "next", "next", "next"]
    assert admissions(telemetry) == {
        ("rest", "enterprise"): 1,
        ("graphql", "enterprise"): 2,
        ("stream", "enterprise"): 1,
        ("websocket", "enterprise"): 3,
    }


async def test_whoever_is_unknown_does_not_reach_it(counted: tuple[Serving, Telemetry]) -> None:
    running, telemetry = counted
    assert await use_every_transport(running, None) == [401, 401, 401, 401]
    assert sum(admissions(telemetry).values()) == 0


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses everything."""

    async def refuse(self: Throttle, principal: Principal, transport: Transport, points: int = 0) -> None:
        raise RateLimited("Too many requests.", 7)

    monkeypatch.setattr(Throttle, "admit", refuse)


async def test_what_it_refuses_is_refused_on_every_transport(
    refusing: None, counted: tuple[Serving, Telemetry], key: str
) -> None:
    running, _ = counted
    async with httpx.AsyncClient(base_url=running.url, headers={"Authorization": f"Bearer {key}"}) as web:
        answer = await web.get("/v2/shop")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        answer = await web.post("/graphql", json={"query": "{ __typename }"})
        assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    async with talking(running.socket_url) as talk:
        await talk.init(key)
        await talk.ask("{ __typename }")
        message = await talk.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")
