"""Jobs of tests: queued, run by runners of the test's own, and read as they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from domain import jobs
from domain.jobs import JobFunction, JobKind, JobRunner
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.conftest import Client, MakeKey, Shop
from tests.jobs.machines import Machine, MakeMachine
from tests.object_store_server import ObjectStoreServer, start_object_store
from tests.shared_pools import shared_database

PATIENT = 60.0
"""Seconds that a job may take on a slow machine, attempts after a failure included."""
Queue = Callable[..., Awaitable[str]]
StoredJob = Callable[[str], Awaitable[dict[str, Any]]]
Finished = Callable[[str], Awaitable[dict[str, Any]]]
Running = Callable[..., AbstractAsyncContextManager[JobRunner]]


@pytest.fixture
def queue(database: Database, shop: Shop) -> Queue:
    """Queues jobs: ``await queue(total=3)`` answers the id."""

    async def queue(
        principal: Principal | None = None, kind: JobKind = JobKind.IMPORT_PRODUCTS, total: int | None = None
    ) -> str:
        caller = principal or shop.live
        request = jobs.JobRequest(kind, {}, "rows", total)
        async with database.transaction(caller) as work:
            job = await jobs.queue_job(work, caller, request)
        return job.id

    return queue


@pytest.fixture
def stored(database: Database) -> StoredJob:
    """A job as it is stored."""

    async def read(id: str) -> dict[str, Any]:
        async with database.system_connection() as connection:
            row = await connection.fetchrow("SELECT * FROM job WHERE id = $1", id)
        assert row is not None
        return {**row, "counts": orjson.loads(row["counts"])}

    return read


@pytest.fixture
def finished(stored: StoredJob) -> Finished:
    """The same, once it has finished."""

    async def wait(id: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENT):
            while (job := await stored(id))["finished_at"] is None:
                await asyncio.sleep(0.02)
        return job

    return wait


@pytest.fixture
def running(database: Database) -> Running:
    """Runs a runner inside: ``async with running(function):``. It looks for jobs all the time."""

    @asynccontextmanager
    async def run(function: JobFunction, **options: Any) -> AsyncGenerator[JobRunner]:
        runner = JobRunner(database, dict.fromkeys(JobKind, function), **{"poll": 0.05, "retry_delay": 0.02, **options})
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return run


@pytest.fixture
def bulk(rest: Client, running: Running, finished: Finished) -> Any:
    """Exports and bulk mutations of a key with every scope: ``tests.jobs.bulk.Bulk``."""
    from tests.jobs.bulk import Bulk  # noqa: PLC0415 - it needs the types above

    return Bulk(rest, running, finished)


@pytest.fixture(scope="session")
def server() -> Generator[ObjectStoreServer]:
    """A store of objects, with one bucket."""
    started = start_object_store()
    yield started
    started.stop()


@pytest.fixture
async def machine(
    database_url: str, settings: Settings, server: ObjectStoreServer, shop: Shop, make_key: MakeKey, tmp_path: Path
) -> AsyncGenerator[MakeMachine]:
    """Makes gateways of one database, with a key of every scope: ``await machine("a")``."""
    opened: list[tuple[Database, httpx.AsyncClient]] = []
    key = await make_key(shop.live)

    async def make(name: str, **others: Any) -> Machine:
        given = {**server.settings, "data_dir": tmp_path / name, **others}
        keys = settings.encryption_keys
        assert keys is not None
        own = Settings.model_validate({"encryption_keys": keys, "request_wait": 30, **given})
        database = shared_database(database_url, reactions=SIGNAL_HANDLERS)
        transport = httpx.ASGITransport(build(own, database), raise_app_exceptions=False)
        http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        await database.open()
        opened.append((database, http))
        return Machine(database, own, Client(http, key))

    yield make
    for database, http in opened:
        await http.aclose()
        await database.close()
