"""Metrics: exact counts, labels of few values, and where they can be read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from domain.kernel.database import Database
from gateway.app import build
from gateway.settings import Settings, SettingsError, load_settings
from gateway.telemetry import Telemetry, exposition
from gateway.telemetry.sampler import sample_runtime
from tests.conftest import Client, MakeKey, Shop
from tests.gateway.server_process import free_port

TOKEN = "a-token-for-prometheus"
OPENMETRICS = "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5"
CREATE = """mutation {
  createProduct(input: {name: "Mug", sku: "M", price: {amount: 5, currency: GBP}}) { product { id } }
}"""
Labels = tuple[tuple[str, str], ...]
Samples = dict[tuple[str, Labels], float]


def read(text: str) -> Samples:
    """Every sample by its name and labels; fails on what Prometheus could not read."""
    families = text_string_to_metric_families(text)
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples
    }


def sample(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, tuple(sorted(labels.items()))), 0.0)


def requests(samples: Samples) -> dict[tuple[str, str, str, str], float]:
    """Counts by surface, route, method and status; probes left out."""
    found = {}
    for (name, labels), value in samples.items():
        if name == "gateway_requests_total" and ("surface", "probe") not in labels:
            given = dict(labels)
            found[given["surface"], given["route"], given["method"], given["status"]] = value
    return found


@pytest.fixture
async def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
async def counted(settings: Settings, database: Database, telemetry: Telemetry) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of an application with counters of its own, which may be read."""
    application = build(settings.model_copy(update={"metrics_token": _secret(TOKEN)}), database, telemetry)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def scrape(counted: httpx.AsyncClient) -> Callable[[], Awaitable[Samples]]:
    async def get() -> Samples:
        response = await counted.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
        return read(response.text)

    return get


def _secret(text: str) -> object:
    return Settings(metrics_token=text).metrics_token


async def test_requests_are_counted_exactly_by_route_method_and_status(
    counted: httpx.AsyncClient, scrape: Callable[[], Awaitable[Samples]], shop: Shop, make_key: MakeKey
) -> None:
    rest = Client(counted, await make_key(shop.live))
    assert requests(await scrape()) == {}
    for _ in range(3):
        await rest("GET", "/v2/products")
    product = {"name": "Mug", "sku": "MUG", "price": 5}
    for _ in range(2):
        created = await rest("POST", "/v2/products", json=product, headers={"Idempotency-Key": "once"})
        assert created.status_code == 201
    await rest("GET", f"/v2/products/{created.json()['id']}")
    await rest("GET", "/v2/products/SOME-SKU")
    await rest("GET", "/v2/products?limit=201")
    await rest("GET", "/v2/unknown/place")
    await rest("GET", "/somewhere-else")
    await rest("BREW", "/v2/products")
    await counted.get("/v1/anything")
    for query in (
        "{ viewer { credential } }",
        "{ nothing }",
        "mutation M { archiveProduct(input: {id: 1}) { __typename } }",
        "{",
    ):
        await rest("POST", "/graphql", json={"query": query})
    await rest("PUT", "/graphql")
    samples = await scrape()
    assert requests(samples) == {
        ("rest", "/v2/products", "GET", "2xx"): 3,
        ("rest", "/v2/products", "GET", "4xx"): 1,
        ("rest", "/v2/products", "POST", "2xx"): 2,
        ("rest", "/v2/products", "other", "4xx"): 1,
        ("rest", "/v2/products/{id}", "GET", "2xx"): 1,
        ("rest", "/v2/products/{id}", "GET", "4xx"): 1,
        ("rest", "/v2/{path}", "GET", "4xx"): 1,
        ("rest", "/v1/{path}", "GET", "4xx"): 1,
        ("other", "none", "GET", "4xx"): 1,
        ("graphql", "/graphql", "POST", "2xx"): 4,
        ("graphql", "/graphql", "PUT", "4xx"): 1,
    }
    labels = {"surface": "rest", "route": "/v2/products", "method": "GET"}
    assert sample(samples, "gateway_request_duration_seconds_count", **labels) == 4
    assert 0 < sample(samples, "gateway_request_duration_seconds_sum", **labels) < 60
    assert sample(samples, "gateway_idempotent_replays_total", surface="rest") == 1
    assert sample(samples, "gateway_requests_in_flight") == 1  # the scrape itself


async def test_operations_are_counted_by_kind_and_outcome_never_by_name(
    counted: httpx.AsyncClient, scrape: Callable[[], Awaitable[Samples]], shop: Shop, make_key: MakeKey
) -> None:
    everything, nothing = await make_key(shop.live), await make_key(shop.live, "orders:read")
    asked = [
        (everything, "query Anything { products(first: 1) { nodes { id } } }"),
        (everything, "query SomethingElse { products(first: 1) { nodes { id } } }"),
        (nothing, "query Forbidden { products(first: 1) { nodes { id } } }"),
        (
            everything,
            CREATE,
        ),
        (everything, "query { unknown }"),
        ("live_no_such_key", "{ products(first: 1) { nodes { id } } }"),
    ]
    page = await counted.get("/graphql", headers={"Accept": "text/html"})
    asset = page.text.partition('src="')[2].partition('"')[0]
    assert (await counted.get(f"/{asset}")).status_code == 200
    for key, query in asked:
        await Client(counted, key)("POST", "/graphql", json={"query": query})
    samples = await scrape()
    found = {
        tuple(value for _, value in labels): count
        for (name, labels), count in samples.items()
        if name == "gateway_graphql_operations_total"
    }
    assert found == {
        ("query", "ok"): 2,
        ("query", "FORBIDDEN"): 1,
        ("mutation", "ok"): 1,
        ("none", "GRAPHQL_VALIDATION_FAILED"): 1,
        ("none", "UNAUTHENTICATED"): 1,
    }
    assert ("other", f"/{asset.rpartition('/')[0]}", "GET", "2xx") in requests(samples)
    assert not [labels for _, labels in samples if any("SomethingElse" in value for _, value in labels)]


async def test_pools_waits_and_the_loop_are_watched(
    counted: httpx.AsyncClient,
    scrape: Callable[[], Awaitable[Samples]],
    telemetry: Telemetry,
    database: Database,
    shop: Shop,
    make_key: MakeKey,
) -> None:
    rest = Client(counted, await make_key(shop.live))
    await rest("GET", "/v2/products/prod_1")
    await rest("POST", "/v2/products", json={"name": "Mug", "sku": "MUG", "price": 5})
    pulse = asyncio.create_task(sample_runtime(telemetry, database, ()))
    async with database.read_connection(shop.live.store):
        await asyncio.sleep(0.6)
        samples = await scrape()
    pulse.cancel()
    await asyncio.gather(pulse, return_exceptions=True)
    assert sample(samples, "gateway_database_wait_seconds_count", pool="reads") == 1
    assert sample(samples, "gateway_database_wait_seconds_count", pool="writes") == 1
    assert sample(samples, "gateway_database_wait_seconds_count", pool="identity") == 2  # who it is, and from where
    assert sample(samples, "gateway_database_connections", pool="reads", state="in_use") == 1
    assert sample(samples, "gateway_event_loop_lag_seconds_count") >= 1
    assert sample(samples, "process_cpu_seconds_total") > 0


async def test_without_a_token_or_an_address_there_are_no_metrics(http: httpx.AsyncClient) -> None:
    assert (await http.get("/metrics")).status_code == 404


@pytest.mark.parametrize("sent", [None, "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xe9"])
async def test_metrics_are_behind_their_token(counted: httpx.AsyncClient, sent: str | None) -> None:
    headers = [] if sent is None else [(b"authorization", sent.encode("latin-1"))]
    refused = await counted.get("/metrics", headers=headers)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["error"]["code"] == "authentication_error"
    assert "gateway_" not in refused.text


async def test_a_scraper_that_accepts_openmetrics_gets_them(counted: httpx.AsyncClient) -> None:
    response = await counted.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Accept": OPENMETRICS})
    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    names = {family.name for family in openmetrics_families(response.text)}
    assert {"gateway_requests", "gateway_request_duration_seconds", "gateway_build_info"} <= names


def test_the_own_address_compresses_and_drops_silent_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: ``timeout`` of ``_Handler``. Then a connection that sends nothing keeps its thread."""
    monkeypatch.setattr(exposition._Handler, "timeout", 0.2)
    port = free_port()
    with exposition.metrics_server("127.0.0.1", port, exposition.own_registry()):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as silent:
            assert silent.recv(1) == b""
        response = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"Accept-Encoding": "gzip"})
        assert response.headers["content-encoding"] == "gzip"
        assert "process_cpu_seconds_total" in response.text
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


async def test_an_api_key_opens_no_metrics(counted: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    assert (await Client(counted, await make_key(shop.live))("GET", "/metrics")).status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_ADDRESS", "9100"),
        ("METRICS_ADDRESS", ":9100"),
        ("METRICS_ADDRESS", "127.0.0.1:"),
        ("METRICS_ADDRESS", "127.0.0.1:99999"),
        ("METRICS_ADDRESS", "127.0.0.1:٩"),
        ("METRICS_TOKEN", "short"),
        ("DRAIN_DELAY", "-1"),
        ("DRAIN_DELAY", "soon"),
    ],
)
def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    with pytest.raises(SettingsError, match=f"GATEWAY_{name}"):
        load_settings()


async def test_what_plans_leave_is_counted_by_its_reason(
    counted: httpx.AsyncClient, scrape: Callable[[], Awaitable[Samples]], shop: Shop, make_key: MakeKey
) -> None:
    rest = Client(counted, await make_key(shop.live))
    for query in ("{ shop { id } }", "{ __schema { queryType { name } } }", "{ product { id } }", "{ product { id } }"):
        await rest("POST", "/graphql", json={"query": query})
    samples = await scrape()
    found = {labels: value for (name, labels), value in samples.items() if name == "gateway_graphql_fallbacks_total"}
    assert found == {(("reason", "introspection"),): 1, (("reason", "surprise"),): 2}
