"""Processes that run jobs are set up as those that serve: garbage is collected seldom, and freed memory returned."""

from __future__ import annotations

import asyncio
import sys

import pytest

STARTED = """
import asyncio, gc
from contextlib import suppress
from domain.kernel.database import Database, DatabaseOptions
from gateway.cli import imports
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.worker import run_worker_until_stopped

async def main():
    database = Database(DatabaseOptions("postgresql://127.0.0.1:1/nowhere"))
    settings = Settings(encryption_keys="k1:" + "A" * 43 + "=")
    work = {work}
    with suppress(TimeoutError, Exception):
        await asyncio.wait_for(work, 0.1)
    print(gc.get_threshold()[0])

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "work",
    ["run_worker_until_stopped(settings, database, Telemetry())", "imports._follow(database, None, 'job_1')"],
    ids=["worker", "import"],
)
async def test_garbage_is_collected_seldom(work: str) -> None:
    """An import spent a quarter of its time on it. Taken out: ``keep_memory_small``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTED.format(work=work), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert int(output.split()[-1]) == 10_000
