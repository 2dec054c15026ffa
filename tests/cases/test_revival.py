"""B8: the embedded PostgreSQL that dies is revived by the gateway that runs on it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import httpx
import pytest

from domain import access
from domain.access.commands import CreateApiKey
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.embedded_postgres import EmbeddedPostgres
from tests.faults.conftest import open_dir
from tests.gateway.embedded_postgres.processes import postmaster_pid, server_pids
from tests.gateway.server_process import Server, serving

__all__ = ["open_dir"]  # a fixture
SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""


async def make_key(data_dir: Path) -> str:
    """A key of every scope; the test is one more user of the server for as long as this takes."""
    server = EmbeddedPostgres(data_dir)
    database = Database(DatabaseOptions(await asyncio.to_thread(server.acquire), reactions=SIGNAL_HANDLERS))
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Shop", plan=Plan.ENTERPRISE, currency="GBP"
        )
    owner = access.system_principal(stores[Mode.LIVE])
    async with database.transaction(owner) as work:
        issued = await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))
    await database.close()
    await asyncio.to_thread(server.release)
    return issued.secret


async def ask_until(client: httpx.AsyncClient, status: int, in_a_row: int) -> Counter[int]:
    """Ask until this status has come so many times in a row; what else was answered on the way."""
    told: Counter[int] = Counter()
    run = number = 0
    while run < in_a_row:
        number += 1
        if number % 2:
            answer = await client.get("/v2/products")
        else:
            body = {"name": "Mug", "sku": f"SKU-{os.urandom(6).hex()}", "price": 1}
            answer = await client.post("/v2/products", json=body)
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
        told[answer.status_code] += 1
        run = run + 1 if answer.status_code // 100 == status // 100 else 0
    return told


async def kill_and_watch(server: Server, data_dir: Path, key: str) -> None:
    async with server.client(key) as client:
        for _ in range(2):
            await ask_until(client, 200, 10)
            killed = postmaster_pid(data_dir)
            os.kill(killed, signal.SIGKILL)
            told = await ask_until(client, 503, 1)
            told += await ask_until(client, 200, 20)
            assert set(told) <= {200, 201, 503}
            assert postmaster_pid(data_dir) != killed
        assert (await client.get("/readyz")).status_code == 200
        assert len((await client.get("/v2/products", params={"limit": 50})).json()["data"]) > 10


@pytest.mark.parametrize("workers", [1, 2])
async def test_b8_a_server_that_dies_is_revived(open_dir: Path, redis_url: str, workers: int) -> None:
    """Twice, under load: who asks meanwhile is told to come back, and then all goes on; at the end nothing is left.

    Taken out: `kept_running`; then it is never 200 again.
    """
    data_dir = open_dir / "data"
    settings = {"GATEWAY_DATA_DIR": str(data_dir), "GATEWAY_REDIS_URL": redis_url, "GATEWAY_LOG_LEVEL": "warning"}
    arguments = ("--workers", str(workers)) if workers > 1 else ()
    async with asyncio.timeout(SECONDS), serving(None, *arguments, **settings) as server:
        await kill_and_watch(server, data_dir, await make_key(data_dir))
        assert await server.stop() == 0
    assert len(server_pids(data_dir)) == 0
