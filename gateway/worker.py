"""The worker: webhooks, jobs, the fold of sales, the reconciler of outbound calls, the tracking of shipments, the
checks of payments, and maintenance (partitions created ahead; expired records, old events, deliveries and jobs, and
settled calls removed).

Any number of processes may run it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import Any

from domain import access, analytics, payments, shipping, webhooks
from domain.areas import all_tables, announcements
from domain.kernel.database import Database
from domain.kernel.database.partitions import PartitionedTable, make_partitions
from domain.kernel.errors import Unavailable
from domain.kernel.memory_release import keep_memory_small
from domain.kernel.outbound_execution import OutboundReconciler
from gateway.background_tasks import end_tasks
from gateway.jobs import JobRuntime
from gateway.processors import provide_processors
from gateway.settings import Settings
from gateway.shipping_services import provide_shipping
from gateway.telemetry import Telemetry
from gateway.telemetry.sampler import sample_runtime
from gateway.wakeups import Topic, Wakeups
from gateway.webhooks import WebhookRuntime

MAINTENANCE_INTERVAL = 600.0
"""Seconds between two rounds."""
Task = Callable[[], Awaitable[None]]

log = logging.getLogger("gateway.worker")


async def run_worker_until_stopped(settings: Settings, database: Database, telemetry: Telemetry) -> None:
    """As ``run_worker``, until SIGTERM or a cancellation; returns once everything was released.

    The process is set up as one that serves: an import spent a quarter of its time on collecting garbage.
    """
    keep_memory_small()
    working = asyncio.ensure_future(run_worker(settings, database, telemetry))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    with suppress(asyncio.CancelledError):
        await working


async def run_worker(
    settings: Settings, database: Database, telemetry: Telemetry, *, poll: float = webhooks.DISPATCH_POLL_INTERVAL
) -> None:
    """Deliver webhooks, run jobs and fold sales, woken by servers if Redis is configured, and run maintenance, until
    cancelled.

    ``poll``: seconds between two polls for deliveries. Raises SettingsError without an encryption key.
    """
    stripe = provide_processors(settings, database)
    carriers = provide_shipping(settings, database)
    wakeups = Wakeups(settings)
    delivering = WebhookRuntime(settings, database, wakeups, telemetry.deliveries, poll=poll)
    folder = analytics.SalesFolder(database)
    wakeups.subscribe(Topic.LOG_GROWN, folder.wake)
    running_jobs = JobRuntime(settings, database, wakeups)
    async with AsyncExitStack() as held, asyncio.TaskGroup() as group:  # cancelled, it waits: attempts in flight end
        held.push_async_callback(stripe.close)
        held.callback(carriers.close)
        work = (
            delivering.run(),
            folder.run(),
            running_jobs.run(),
            running_jobs.check_objects(),
            *housekeeping(settings, database),
            wakeups.run(),
            sample_runtime(telemetry, database, ()),
        )
        tasks = [group.create_task(each) for each in work]
        try:
            await asyncio.wait(tasks)
        finally:
            await end_tasks(tasks)


def housekeeping(settings: Settings, database: Database) -> list[Coroutine[Any, Any, None]]:
    """What every process does beside its work, worker or server: many shops have servers alone."""
    return [
        run_maintenance(database, settings.event_retention),
        run_reconciler(database),
        run_tracker(database),
        run_payment_checks(database),
    ]


async def run_reconciler(database: Database) -> None:
    """Settle outbound calls that no request settles any more, until cancelled; at once over where nothing calls out."""
    await OutboundReconciler(database, access.stores_by_number).run()


async def run_tracker(database: Database) -> None:
    """Ask carriers about shipments on their way, until cancelled."""
    await shipping.ShipmentTracker(database, access.stores_by_number).run()


async def run_payment_checks(database: Database) -> None:
    """Ask processors about what they have not settled, until cancelled: beside maintenance, since they may be slow."""
    while True:
        await run_tasks({"payments under way": partial(_check_payments, database)})
        await asyncio.sleep(MAINTENANCE_INTERVAL)


async def run_maintenance(database: Database, keep_events: timedelta) -> None:
    """Run maintenance until cancelled; waits while the database is unavailable. ``keep_events``: the retention of
    events.
    """
    while True:
        await maintenance_round(database, keep_events)
        await asyncio.sleep(MAINTENANCE_INTERVAL)


async def maintenance_round(database: Database, keep_events: timedelta) -> None:
    """One round."""
    await run_tasks(maintenance_tasks(database, keep_events))


async def run_tasks(tasks: Mapping[str, Task]) -> None:
    """Run each task by itself: one that fails is logged, and stops none of the others."""
    for name, task in tasks.items():
        try:
            await task()
        except Unavailable as away:
            log.warning("maintenance (%s) waits %.0f s: %s", name, MAINTENANCE_INTERVAL, away)
        except Exception:  # any failure
            log.exception("maintenance (%s) failed, next attempt in %.0f s", name, MAINTENANCE_INTERVAL)


def maintenance_tasks(database: Database, keep_events: timedelta) -> dict[str, Task]:
    """All that is done in a round, by name."""
    partitions = {
        f"partitions of {table.name}": partial(_make_partitions, database, table) for table in all_tables().partitioned
    }
    declared = [named for area in announcements() for named in area.maintenance.items()]
    return {**partitions, **{name: partial(task, database, keep_events) for name, task in declared}}


async def _make_partitions(database: Database, table: PartitionedTable) -> None:
    async with database.system_connection() as connection:
        await make_partitions(connection, database.clock(), (table,))


async def _check_payments(database: Database) -> None:
    more = True
    while more:
        more = await payments.check_states(database, access.stores_by_number, database.clock())
