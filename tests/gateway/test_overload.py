"""A process with more requests than it can serve: what is refused and how, and what goes on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import SecretStr

from domain import access, catalog
from domain.access import oauth
from domain.access.commands import CreateApiKey
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.sql.instrumentation import query_observer
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.request_queue import RETRY_AFTER_SECONDS
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from tests.conftest import MakeKey, MakeProduct, Shop
from tests.gateway.conftest import Serving, serving, talking
from tests.gateway.oauth.conftest import add_client
from tests.marketplace import listing
from tests.marketplace.server import Behaviour, open_marketplace
from tests.marketplace.surfaces import SCHEMA, WITH_LISTING
from tests.transport.test_slow_readers import narrow_socket

SLOTS = 4
SHARE = 3
"""Of one account."""
WAIT = 0.5
"""Seconds after which a request without a slot is refused: fewer than a call to the outside may take."""
METRICS_TOKEN = "a-token-for-prometheus"
QUERY = {"query": "{ shop { id } }"}
SLOW_SECONDS = 10
"""A limit for what would never end."""


@dataclass(slots=True)
class Gate:
    """A gateway of few slots, what it counts, and what requests have sent to the database."""

    running: Serving
    database: Database
    telemetry: Telemetry
    statements: list[str] = field(default_factory=list)

    def client(self, key: str) -> httpx.AsyncClient:
        """A client of it that sends one API key."""
        return httpx.AsyncClient(base_url=self.running.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def value(self, name: str, **labels: str) -> float:
        """The value of a metric."""
        return self.telemetry.registry.get_sample_value(name, labels) or 0.0

    async def until_running(self, count: int) -> None:
        """Wait until so many requests hold a slot."""
        async with asyncio.timeout(SLOW_SECONDS):
            while self.value("gateway_requests_running") != count:
                await asyncio.sleep(0.05)


@pytest.fixture
async def gate(database_url: str, settings: Settings) -> AsyncGenerator[Gate]:
    """One of this test's own."""
    statements: list[str] = []

    def record(statement: str) -> None:
        if query_observer.get() is not None and "api_key" not in statement:
            statements.append(statement)

    telemetry = Telemetry()
    few = {"running_requests": SLOTS, "request_wait": WAIT, "metrics_token": SecretStr(METRICS_TOKEN)}
    database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS, observer=record))
    app = build(settings.model_copy(update=few), database, telemetry, of=SCHEMA, endpoints=WITH_LISTING)
    async with serving(app) as running:
        yield Gate(running, database, telemetry, statements)


@dataclass(slots=True)
class Hanging:
    """A product that is locked."""

    database: Database
    shop: Shop
    product_id: str

    @asynccontextmanager
    async def requests(self, gate: Gate, key: str, count: int = SHARE, others: int = 0) -> AsyncGenerator[None]:
        """So many requests for the product, which wait for the lock inside, and are answered behind it. ``others``: so
        many hold slots already.
        """
        async with gate.client(key) as client:
            async with self.database.transaction(self.shop.live) as work:
                await work.lock(catalog.Product, self.product_id, noun="product")
                put = client.put
                sent = [
                    asyncio.create_task(put(f"/v2/products/{self.product_id}", json={"name": f"Mug {number}"}))
                    for number in range(count)
                ]
                await gate.until_running(others + min(count, SHARE))
                await self._until_they_wait(min(count, SHARE))
                yield
            answers = await asyncio.gather(*sent)
        statuses = [each.status_code for each in answers]
        assert statuses.count(200) >= min(count, SHARE)
        assert set(statuses) <= {200, 503}

    async def _until_they_wait(self, count: int) -> None:
        """Until so many have sent what they send before the lock, and the lock."""
        waiting = (
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        )
        async with asyncio.timeout(SLOW_SECONDS), self.database.system_connection() as connection:
            while await connection.fetchval(waiting) < count:
                await asyncio.sleep(0.02)


@pytest.fixture
async def hanging(database: Database, shop: Shop, make_product: MakeProduct) -> Hanging:
    """Lets requests of the shop hang."""
    return Hanging(database, shop, (await make_product()).id)


@pytest.fixture
async def other_key(other_shop: Shop, make_key: MakeKey) -> str:
    """A key of another account."""
    return await make_key(other_shop.live)


async def test_clients_that_want_tokens_wait_in_their_turn(
    gate: Gate, key: str, hanging: Hanging, database: Database, shop: Shop, other_shop: Shop
) -> None:
    """A flood of them does not keep other accounts from their connections. Taken out to see it fail: ``enter`` of
    ``ClientEndpoints``."""
    async with gate.client(key) as client:
        ours, theirs = [
            await add_client(database, each.live, type=oauth.ClientType.CONFIDENTIAL) for each in (shop, other_shop)
        ]
        asked = {"grant_type": "client_credentials"}
        async with hanging.requests(gate, key):
            refused = await client.post("/oauth/token", data=asked, headers=ours.basic)
            served = await client.post("/oauth/token", data=asked, headers=theirs.basic)
        again = await client.post("/oauth/token", data=asked, headers=ours.basic)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS)), refused.text
    assert (served.status_code, again.status_code) == (200, 200)
    assert gate.value("gateway_requests_shed_total", transport="oauth") == 1


async def test_a_request_that_finds_no_slot_in_time_is_refused_on_every_transport(
    gate: Gate, key: str, hanging: Hanging
) -> None:
    """With the contract's body and ``Retry-After``, before a statement was sent for it. Taken out to see it fail:
    ``enter`` in ``identify_on``, in ``OperationThrottle.identify``, and in ``_prepared`` of sockets.
    """
    async with gate.client(key) as client, talking(gate.running.socket_url) as talk:
        await talk.init(key)
        async with hanging.requests(gate, key):
            gate.statements.clear()
            rest = await client.get("/v2/products")
            http = await client.post("/graphql", json=QUERY)
            stream = await client.post("/graphql/stream", json=QUERY, headers={"Accept": "text/event-stream"})
            log = await client.get("/v2/events/stream", headers={"Accept": "text/event-stream"})
            await talk.ask("{ shop { id } }")
            message = await talk.hear()
            assert gate.statements == []
    for answer in (rest, http, stream, log):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS)), answer.text
    for answer in (rest, log):
        error = answer.json()["error"]
        assert (error["code"], error["details"], error["request_id"]) == (
            "server_error",
            [],
            answer.headers["X-Request-Id"],
        )
    failed = [http.json()["errors"], stream.json()["errors"], message["payload"]]
    assert message["type"] == "error"
    for (each,) in failed:
        assert each["extensions"]["code"] == "UNAVAILABLE"
        assert each["extensions"]["retryAfter"] == RETRY_AFTER_SECONDS
    shed = {each: gate.value("gateway_requests_shed_total", transport=each) for each in ("rest", "graphql", "stream")}
    assert shed == {"rest": 2, "graphql": 1, "stream": 1}
    assert gate.value("gateway_requests_shed_total", transport="websocket") == 1


async def test_a_refused_request_is_not_counted_by_the_rate_limit(
    gate: Gate, database: Database, shop: Shop, key: str, hanging: Hanging
) -> None:
    """Taken out to see it fail: the order of ``enter`` and ``admit``."""
    async with database.transaction(shop.live) as work:
        limited = await access.create_key(
            work, shop.live, CreateApiKey(name="x", scopes=("products:read",), daily_limit=100)
        )
    async with gate.client(limited.secret) as client:
        before = await client.get("/v2/products")
        async with hanging.requests(gate, key):
            refused = [await client.get("/v2/products"), await client.post("/graphql", json=QUERY)]
            assert [each.status_code for each in refused] == [503, 503]
        after = await client.get("/v2/products")
    left = [int(each.headers["X-RateLimit-Remaining"]) for each in (before, after)]
    assert left[0] - left[1] == 1


@pytest.mark.parametrize("path", ["/v2/products", "/graphql", "/graphql/stream"])
async def test_a_request_is_refused_before_its_body_is_read(gate: Gate, key: str, hanging: Hanging, path: str) -> None:
    """Its client is not even told to send it. Taken out to see it fail: ``enter`` before the body is read (100)."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 1000\r\n"
    head += "Content-Type: application/json\r\nAccept: */*\r\nExpect: 100-continue\r\n\r\n"
    async with hanging.requests(gate, key):
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.running.port)
        writer.write(head.encode())
        async with asyncio.timeout(SLOW_SECONDS):
            assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
        writer.close()


async def test_probes_metrics_and_live_streams_go_on_while_nothing_else_does(
    gate: Gate, other_shop: Shop, key: str, other_key: str, hanging: Hanging, make_product: MakeProduct
) -> None:
    """All slots are taken: three by one account, one by another. Taken out to see it fail: the release at the start of
    a response (the streams themselves hold all slots).
    """
    live = {"query": "subscription { events { type } }"}
    others = Hanging(hanging.database, other_shop, (await make_product(other_shop.live)).id)
    async with gate.client(key) as client, talking(gate.running.socket_url) as talk:
        await talk.init(key)
        await talk.ask(live["query"])
        accept = {"Accept": "text/event-stream"}
        async with (
            client.stream("POST", "/graphql/stream", json=live, headers=accept) as graphql,
            client.stream("GET", "/v2/events/stream", headers=accept) as rest,
        ):
            assert (graphql.status_code, rest.status_code) == (200, 200)
            async with hanging.requests(gate, key), others.requests(gate, other_key, 1, others=SHARE):
                assert (await client.get("/v2/products")).status_code == 503
                for path in ("/healthz", "/readyz"):
                    assert (await client.get(path)).status_code == 200
                bearer = {"Authorization": f"Bearer {METRICS_TOKEN}"}
                metrics = (await client.get("/metrics", headers=bearer)).text
                assert "gateway_requests_shed_total" in metrics
                await make_product()
                async with asyncio.timeout(SLOW_SECONDS):
                    assert (await talk.hear())["payload"]["data"]["events"]["type"] == "PRODUCT_CREATED"
                    for stream in (graphql, rest):
                        async for line in stream.aiter_lines():
                            if "product.created" in line or "PRODUCT_CREATED" in line:
                                break


@asynccontextmanager
async def half_sent(gate: Gate, key: str, count: int = 1) -> AsyncGenerator[None]:
    """Requests whose bodies do not come, but for a part of them."""
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 1000\r\n"
    head += "Content-Type: application/json\r\n\r\n{"
    wires = [await asyncio.open_connection("127.0.0.1", gate.running.port) for _ in range(count)]
    for _, writer in wires:
        writer.write(head.encode())
        await writer.drain()
    yield
    for _, writer in wires:
        writer.close()


async def is_served(gate: Gate, key: str) -> None:
    """A request of each kind is served now."""
    async with gate.client(key) as client:
        assert (await client.get("/v2/products?limit=1")).status_code == 200
        assert (await client.post("/graphql", json=QUERY)).status_code == 200


async def test_slow_senders_hold_no_slot(gate: Gate, key: str) -> None:
    """Taken out to see it fail: ``leave_slot`` in ``transport/body.py``."""
    async with half_sent(gate, key, 2 * SLOTS):
        await asyncio.sleep(WAIT)  # their heads are read
        await is_served(gate, key)


async def test_slow_readers_hold_no_slot(gate: Gate, key: str, make_product: MakeProduct) -> None:
    """Of a page of megabytes, in each form. Taken out to see it fail: ``begin_response`` in ``gateway/edge.py``, and
    ``release_slot`` in ``gateway/graphql/sse.py``.
    """
    for _ in range(20):
        await make_product(description="x" * 50_000)
    wide = " ".join(f"d{number}: description" for number in range(4))
    query = f"?query=%7Bproducts%7Bnodes%7B{wide}%7D%7D%7D".replace(" ", "%20")
    wires: list[socket.socket] = []
    forms = (
        ("/v2/products?limit=200", "application/json"),
        (f"/graphql{query}", "application/json"),
        (f"/graphql/stream{query}", "text/event-stream"),
    )
    for path, accept in forms * SLOTS:
        wire = narrow_socket(gate.running.port)
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nAccept: {accept}\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(wire, head.encode())
        async with asyncio.timeout(SLOW_SECONDS):
            assert (await asyncio.get_running_loop().sock_recv(wire, 15)).startswith(b"HTTP/1.1 200"), path
        wires.append(wire)
    await gate.until_running(0)
    await is_served(gate, key)
    for wire in wires:
        wire.close()


async def test_a_query_whose_result_is_an_event_keeps_its_slot(
    gate: Gate, key: str, database: Database, shop: Shop, hanging: Hanging
) -> None:
    """Its response begins before it runs. Taken out to see it fail: ``keep_slot`` in ``gateway/graphql/sse.py``."""
    rename = 'mutation ($id: ID!) { updateProduct(input: { id: $id, name: "x" }) { product { id } } }'
    body = {"query": rename, "variables": {"id": hanging.product_id}}
    async with gate.client(key) as client:
        async with database.transaction(shop.live) as work:
            await work.lock(catalog.Product, hanging.product_id, noun="product")
            post = client.post
            sent = [
                asyncio.create_task(post("/graphql/stream", json=body, headers={"Accept": "text/event-stream"}))
                for _ in range(SHARE)
            ]
            await gate.until_running(SHARE)
            await asyncio.sleep(WAIT)  # every response has begun
            assert (await client.get("/v2/products")).status_code == 503
        for each in await asyncio.gather(*sent):
            assert hanging.product_id in each.text
        await gate.until_running(0)


async def test_requests_that_wait_for_the_outside_hold_no_slot(gate: Gate, key: str, make_product: MakeProduct) -> None:
    """Taken out to see it fail: ``leave_slot`` in ``OutboundExecution.call``."""
    products = [await make_product() for _ in range(SLOTS)]
    with listing.registered():
        async with open_marketplace() as market:
            gate.database.provide(listing.SocketPort(market.port), listing.Listing)
            market.behaviour = Behaviour.NEVER
            async with gate.client(key) as client:
                sent = []
                for number, each in enumerate(products, start=1):
                    sent.append(asyncio.create_task(client.post(f"/v2/products/{each.id}/list", json={})))
                    async with asyncio.timeout(SLOW_SECONDS):
                        while len(market.sends) < number:
                            await asyncio.sleep(0.01)
                await is_served(gate, key)
                market.release.set()
                answers = await asyncio.gather(*sent)
    assert {each.status_code for each in answers} == {201}


async def test_a_flood_of_one_account_sheds_no_request_of_another(
    gate: Gate, key: str, other_key: str, hanging: Hanging
) -> None:
    """Taken out to see it fail: the queue per account (one for all: the other's requests wait behind the flood)."""
    async with hanging.requests(gate, key, count=60), gate.client(other_key) as client:
        for _ in range(20):
            assert (await client.get("/v2/products")).status_code == 200
        assert (await asyncio.gather(*(client.post("/graphql", json=QUERY) for _ in range(SLOTS))))[0].is_success
    await is_served(gate, key)


async def test_nothing_is_held_after_any_end_of_a_request(gate: Gate, key: str, make_key: MakeKey, shop: Shop) -> None:
    """Errors, refusals and clients that disconnect. Taken out to see it fail: the release in ``Recorder._end``."""
    narrow = await make_key(shop.live, "orders:read")
    async with gate.client(key) as client, gate.client(narrow) as stranger, talking(gate.running.socket_url) as talk:
        await talk.init(key)
        for number in range(2 * SLOTS):
            assert (await stranger.get("/v2/products")).status_code == 403
            assert (await client.get("/v2/nowhere")).status_code == 404
            assert (await client.post("/v2/products", json={})).status_code == 422
            assert (await client.post("/graphql", json={"query": "{ nothing }"})).status_code in (200, 400)
            await talk.ask("{ nothing }", str(number))
            assert (await talk.hear())["type"] == "error"
            async with half_sent(gate, key, 1):
                pass
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/v2/events/stream", headers={"Accept": "text/event-stream"}, timeout=0.05)
        await gate.until_running(0)
        await is_served(gate, key)
