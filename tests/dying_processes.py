"""Processes that tests let die by kill -9 in the midst of a use case that calls out."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess

from domain.kernel.database import Database
from domain.kernel.principal import Principal
from gateway.settings import Settings


def keys_of(settings: Settings) -> str:
    """The encryption keys, as such a process is given them."""
    assert settings.encryption_keys is not None
    return settings.encryption_keys.get_secret_value()


async def die(database: Database, owner: Principal, run: Callable[..., None], *given: object) -> None:
    """Run something in a process that dies of it, and wait until the database has noticed.

    Its server may still hold the locks of the dead for a moment, and those who look for attempts that are due pass
    over locked ones: a worker looks again after some seconds, a test does not.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([run.__module__])
    child: ForkServerProcess = context.Process(target=run, args=given)
    child.start()
    await asyncio.to_thread(child.join, 60)
    assert child.exitcode == -signal.SIGKILL, given
    async with database.system_connection() as connection, connection.transaction():
        await connection.fetch("SELECT id FROM outbound_attempt WHERE store_id = $1 FOR UPDATE", owner.store.number)
