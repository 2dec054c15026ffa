"""Metrics of several workers, and their own address: what is added up, who serves it, what is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from gateway.settings import Settings
from tests.conftest import MakeKey, Shop
from tests.faults.workers import OwnWorker
from tests.gateway.conftest import OwnShop, Start
from tests.gateway.server_process import free_port, serving
from tests.gateway.test_telemetry_metrics import OPENMETRICS, TOKEN, Samples, openmetrics_families, read, sample
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.sink import Sink, sinking


async def test_workers_are_added_up_and_a_dead_one_leaves_its_counts(
    database_url: str, redis_url: str, shop: Shop, make_key: MakeKey, tmp_path: Path
) -> None:
    key = await make_key(shop.live)
    port = free_port()
    settings = {"GATEWAY_METRICS_ADDRESS": f"127.0.0.1:{port}", "GATEWAY_METRICS_TOKEN": TOKEN, "TMPDIR": str(tmp_path)}
    settings["GATEWAY_REDIS_URL"] = redis_url
    labels = {"surface": "rest", "route": "/v2/products", "method": "GET"}

    async def scraped() -> Samples:
        async with httpx.AsyncClient() as client:
            return read((await client.get(f"http://127.0.0.1:{port}/metrics")).text)

    def pids(samples: Samples) -> set[str]:
        return {dict(found)["pid"] for name, found in samples if name == "process_cpu_seconds_total"}

    async with serving(database_url, "--workers", "2", **settings) as server:
        await _until(lambda: _both(scraped, pids))
        for _ in range(40):  # a connection each, so that both workers are met
            async with server.client(key) as client:
                assert (await client.get("/v2/products?limit=1")).status_code == 200
        await asyncio.sleep(0.7)
        samples = await scraped()
        assert sample(samples, "gateway_requests_total", **labels, status="2xx") == 40
        assert sample(samples, "gateway_request_duration_seconds_count", **labels) == 40
        assert sample(samples, "gateway_requests_in_flight") == 0
        assert sample(samples, "gateway_build_info", version="2.3.0") == 1

        async with server.client(TOKEN) as client:  # any worker knows of all
            again = read((await client.get("/metrics")).text)
            named = openmetrics_families((await client.get("/metrics", headers={"Accept": OPENMETRICS})).text)
            assert {"gateway_requests", "process_cpu_seconds"} <= {family.name for family in named}
        assert sample(again, "gateway_requests_total", **labels, status="2xx") == 40

        before = pids(samples)
        victim = min(before)
        os.kill(int(victim), signal.SIGKILL)
        await _until(lambda: _replaced(scraped, pids, before))
        samples = await scraped()
        assert victim not in pids(samples)
        assert sample(samples, "gateway_requests_total", **labels, status="2xx") == 40
        assert [name.startswith("gateway-metrics-") for name in os.listdir(tmp_path)] == [True]
        assert await server.stop() == 0
        assert os.listdir(tmp_path) == []


async def _both(scraped: Callable[[], Awaitable[Samples]], pids: Callable[[Samples], set[str]]) -> bool:
    return len(pids(await scraped())) == 2


async def _replaced(
    scraped: Callable[[], Awaitable[Samples]], pids: Callable[[Samples], set[str]], before: set[str]
) -> bool:
    now = pids(await scraped())
    return len(now) == 2 and now != before


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 30
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


async def test_the_own_address_serves_metrics_and_nothing_else(database_url: str) -> None:
    port = free_port()
    async with serving(database_url, GATEWAY_METRICS_ADDRESS=f"127.0.0.1:{port}") as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert "gateway_requests_total" in (await client.get("/metrics")).text
            for method, path in (("GET", "/"), ("GET", "/v2/products"), ("POST", "/metrics"), ("GET", "/metrics/x")):
                assert (await client.request(method, path)).status_code == 404
            assert (await client.get(f"{server.base}/metrics")).status_code == 404
        assert await server.stop() == 0


async def test_a_taken_address_is_told_before_anything_is_served(database_url: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(AssertionError, match=rf"Cannot listen on {address}.*GATEWAY_METRICS_ADDRESS"):
            async with serving(database_url, GATEWAY_METRICS_ADDRESS=address):
                """Never reached."""


async def test_a_worker_that_sends_webhooks_shows_what_it_has_sent(
    own_shop: OwnShop, start: Start, settings: Settings
) -> None:
    address = f"127.0.0.1:{free_port()}"
    assert settings.encryption_keys is not None
    worker = OwnWorker(
        own_shop.url,
        GATEWAY_ENCRYPTION_KEYS=settings.encryption_keys.get_secret_value(),
        GATEWAY_METRICS_ADDRESS=address,
    )

    async def counted(outcome: str) -> float:
        async with httpx.AsyncClient(base_url=f"http://{address}") as client:
            assert (await client.get("/v2/products")).status_code == 404
            samples = read((await client.get("/metrics")).text)
        assert sample(samples, "gateway_webhook_deliveries_due", endpoint="failing") == 0
        return sample(samples, "gateway_webhook_attempts_total", outcome=outcome)

    async with sinking() as sink, start(sends_webhooks=False, webhook_allowed_networks=LOOPBACK) as client:
        await client.post("/v2/webhooks", json={"url": sink.url("/ok"), "events": ["product.created"]})
        await client.post("/v2/webhooks", json={"url": sink.url("/status/500"), "events": ["product.created"]})
        worker.start()
        try:
            for number in range(3):
                await client.post("/v2/products", json={"name": "Lamp", "price": 5, "sku": f"L-{number}"})
            await _until(lambda: _came(sink, 6))
            await _until(lambda: _is(counted, {"delivered": 3, "retried": 3, "failed": 0, "refused": 0}))
        finally:
            assert await worker.end(signal.SIGTERM) == 0


async def _came(sink: Sink, count: int) -> bool:
    return len(sink.hits) == count


async def _is(counted: Callable[[str], Awaitable[float]], expected: dict[str, float]) -> bool:
    return {outcome: await counted(outcome) for outcome in expected} == expected


async def test_a_worker_says_that_its_address_is_taken(own_shop: OwnShop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        worker = OwnWorker(own_shop.url, GATEWAY_METRICS_ADDRESS=f"127.0.0.1:{taken.getsockname()[1]}")
        worker.start()
        assert await worker.ended() == 1
