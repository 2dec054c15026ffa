"""SIGTERM under load, with a second server to go on at: no request fails, and whoever follows misses nothing."""

from __future__ import annotations

import asyncio
import signal

from tests.faults.conftest import OwnShop
from tests.faults.event_table import head_of, placed_events
from tests.faults.load import CLIENTS, loading
from tests.faults.own_servers import OwnGateway, OwnPostgres, running
from tests.faults.subscribers import following
from tests.faults.test_outages import products

SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""


async def test_reads_and_writes_are_answered_and_subscribers_resume_elsewhere(
    own_postgres: OwnPostgres, own_shop: OwnShop
) -> None:
    """Fails when the listener is closed over those who stand in its queue (``_last_connections``), or when a socket
    closes without its place: its last word is the cursor of the last event it has sent.
    """
    leaving, staying = (OwnGateway(own_postgres.url, GATEWAY_DRAIN_DELAY="1") for _ in range(2))
    async with asyncio.timeout(SECONDS), running(leaving, staying):
        async with following([leaving.base, staying.base], own_shop.key, "e1.0") as followers:
            async with loading(leaving.base, own_shop.key) as load:
                await load.go_on(8 * CLIENTS)
                leaving.server.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(leaving.server.process.wait, 60) == 0
                await load.be_gone()
            last = await head_of(own_shop.database, own_shop.owner.store)
            for each in followers.values():
                await each.until(lambda seen: seen[-1].position >= last)
        lines = leaving.server.lines(event="request", status=200) + leaving.server.lines(event="request", status=201)
    assert load.told.keys() == {200, 201}
    assert len([line for line in lines if line["route"] in {"/v2/products", "/graphql"}]) == load.answered
    assert load.made == await products(own_shop)
    written = await placed_events(own_shop.database, own_shop.owner.store)
    for name, each in followers.items():
        assert each.seen == written, name
        assert each.connections == 2, name
