"""Machines with data directories of their own, that keep their files in one object store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from domain import jobs
from domain.jobs import JobRunner
from domain.jobs.service.results import attach_result, count_erased
from domain.kernel.database import Database
from gateway.jobs import JOB_FUNCTIONS, object_store
from gateway.settings import Settings
from tests.conftest import Client, Shop

CSV = {"Content-Type": "text/csv"}
PRODUCTS = "sku,name,price\nMUG,Mug,5.00\n"
CUSTOMERS = "{ customers { nodes { id email } } }"


@dataclass(frozen=True, slots=True)
class Machine:
    """A gateway with a data directory of its own."""

    database: Database
    settings: Settings
    client: Client

    @property
    def objects(self) -> jobs.ObjectStore:
        """Its object store."""
        objects = object_store(self.settings)
        assert objects is not None
        return objects

    async def keys(self, prefix: str) -> list[str]:
        """The objects under a prefix."""
        return sorted([each.key async for each in self.objects.objects(prefix)])

    @property
    def local(self) -> list[str]:
        """The files in its directory."""
        return [path.name for path in self.settings.data_dir.glob("**/*") if path.is_file()]

    @asynccontextmanager
    async def running(self, id: str) -> AsyncGenerator[None]:
        """Runs one job here, inside."""
        runner = JobRunner(self.database, JOB_FUNCTIONS, poll=0.05, retry_delay=0.02, only=id)
        task = asyncio.create_task(runner.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


MakeMachine = Callable[..., Awaitable[Machine]]


async def upload(machine: Machine, content: Any = PRODUCTS, **headers: str) -> httpx.Response:
    """The response to an import of products."""
    given = {"params": {"kind": "products"}, "content": content, "headers": {**CSV, **headers}}
    return await machine.client("POST", "/v2/imports", **given)


async def result(machine: Machine, account: Shop, lines: list[bytes]) -> tuple[str, bytes]:
    """The path of a result that a job was given, and its bytes."""
    started = await machine.client("POST", "/v2/exports", json={"query": CUSTOMERS})
    id = started.json()["id"]
    file = await machine.database.dependency(jobs.ResultFiles).new(account.live.store.number)
    for line in lines:
        await file.write(line)
    await file.close()
    async with machine.database.transaction(account.live) as work:
        await attach_result(work, id, file, await count_erased(work.reader))
    return f"/v2/jobs/{id}/result", b"".join(line + b"\n" for line in lines)


def environment(settings: Settings) -> dict[str, str]:
    """The variables of the object store, and of the data directory."""
    values = settings.model_dump(include={"data_dir", *(name for name in Settings.model_fields if "object" in name)})
    plain = {name: each.get_secret_value() if isinstance(each, SecretStr) else each for name, each in values.items()}
    return {f"GATEWAY_{name.upper()}": str(each) for name, each in plain.items()}


async def count_jobs(machine: Machine, account: Shop) -> int:
    """How many jobs the store has."""
    async with machine.database.system_connection() as connection:
        store = account.live.store.number
        return int(await connection.fetchval("SELECT count(*) FROM job WHERE store_id = $1", store))
