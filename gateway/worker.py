"""Housekeeping: partitions made ahead, expired idempotency records, old events and deliveries removed. Any number
of processes may keep house."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import timedelta

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.kernel.event_log import drop_old_events
from domain.kernel.idempotency import forget_expired
from domain.kernel.partitions import make_partitions
from gateway.delivering import Delivering
from gateway.settings import Settings

EVERY = 600.0
"""Seconds between two rounds."""

log = logging.getLogger("gateway.worker")


async def work_until_stopped(settings: Settings, database: Database) -> None:
    """Send webhooks and keep house until SIGTERM or a cancellation; returns once all that was held is let go of."""
    working = asyncio.gather(Delivering(settings, database).run(), keep_house(database, settings.event_retention))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    with suppress(asyncio.CancelledError):
        await working


async def keep_house(database: Database, keep_events: timedelta) -> None:
    """Go round until cancelled; a database that is away is waited for. ``keep_events``: how long events stay."""
    while True:
        try:
            await round_of_the_house(database, keep_events)
        except Unavailable as away:
            log.warning("housekeeping waits %.0f s: %s", EVERY, away)
        except Exception:  # one failed round must not end all the others
            log.exception("housekeeping failed and is tried again in %.0f s", EVERY)
        await asyncio.sleep(EVERY)


async def round_of_the_house(database: Database, keep_events: timedelta) -> None:
    """One round. Raises Unavailable."""
    now = database.clock()
    async with database.system() as connection:
        await make_partitions(connection, now)
        await forget_expired(connection, now)
    await drop_old_events(database, keep_events)
    await webhooks.drop_old_deliveries(database, keep_events)
