"""Views of products, counted by servers that stop and that die."""

from __future__ import annotations

import asyncio
import signal

import httpx

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.kernel.money import Money
from tests.analytics.test_product_views import counted
from tests.faults.conftest import OwnShop
from tests.faults.own_servers import OwnGateway, OwnPostgres, running

SECONDS = 120.0
"""A limit for what would never end, not for what is slow."""


async def view(gateway: OwnGateway, shop: OwnShop, product: str, count: int) -> None:
    """View a product so many times; every view is answered."""
    headers = {"Authorization": f"Bearer {shop.key}"}
    async with httpx.AsyncClient(base_url=gateway.base, headers=headers) as client:
        for _ in range(count):
            assert (await client.post(f"/v2/products/{product}/views")).status_code == 204


async def made_product(shop: OwnShop) -> str:
    """The id of a new product."""
    command = CreateProduct(name="Mug", sku="MUG", price=Money(500, "GBP"))
    async with shop.database.transaction(shop.owner) as work:
        return (await catalog.create_product(work, shop.owner, command)).id


async def test_a_server_that_stops_writes_what_it_has_counted(own_postgres: OwnPostgres, own_shop: OwnShop) -> None:
    """Fails when the writer is cancelled without a last batch, and when the pool is closed before."""
    product = await made_product(own_shop)
    gateways = [OwnGateway(own_postgres.url) for _ in range(2)]
    async with asyncio.timeout(SECONDS), running(*gateways):
        await asyncio.gather(*(view(each, own_shop, product, 100) for each in gateways))
        for each in gateways:
            each.server.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(each.server.process.wait, 60) == 0
    assert await counted(own_shop.database, own_shop.owner.store) == {product: 200}


async def test_a_server_that_is_killed_loses_what_is_not_written_yet(
    own_postgres: OwnPostgres, own_shop: OwnShop
) -> None:
    """And no more: what was written stays, and nothing counts twice."""
    product = await made_product(own_shop)
    gateway = OwnGateway(own_postgres.url)
    async with asyncio.timeout(SECONDS):
        await gateway.start()
        await view(gateway, own_shop, product, 50)
        while await counted(own_shop.database, own_shop.owner.store) != {product: 50}:
            await asyncio.sleep(0.1)
        await view(gateway, own_shop, product, 20)
        await gateway.kill()
        kept = (await counted(own_shop.database, own_shop.owner.store))[product]
        assert 50 <= kept <= 70
        await gateway.start()
        await view(gateway, own_shop, product, 5)
        await gateway.stop()
    assert await counted(own_shop.database, own_shop.owner.store) == {product: kept + 5}
