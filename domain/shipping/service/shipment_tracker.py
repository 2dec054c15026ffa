"""Following shipments beside the requests, until the process ends."""

from __future__ import annotations

import asyncio
import logging

from domain.kernel.database import Database, FindStores
from domain.kernel.errors import Unavailable
from domain.shipping.service.carrier_events import LANES, TrackingLane, follow_lane

TRACKING_INTERVAL = 300.0
"""Seconds between two looks for shipments that are due."""

log = logging.getLogger("gateway.shipping")


class ShipmentTracker:
    """Asks carriers about shipments on their way, each lane by itself. Any number of processes may run one."""

    def __init__(self, database: Database, find_stores: FindStores) -> None:
        self._database = database
        self._find_stores = find_stores

    async def run(self, interval: float = TRACKING_INTERVAL) -> None:
        """Follow shipments until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in LANES:
                group.create_task(self._run(lane, interval))

    async def _run(self, lane: TrackingLane, interval: float) -> None:
        while True:
            more = False
            try:
                more = await follow_lane(self._database, self._find_stores, lane, self._database.clock())
            except Unavailable as away:
                log.warning("tracking of %s waits %.0f s for the database: %s", lane.carrier, interval, away)
            except Exception:  # whatever it is, the next round is another one
                log.exception("tracking of %s failed", lane.carrier)
            if not more:
                await asyncio.sleep(interval)
