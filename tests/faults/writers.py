"""Writers that go on through every death: in bulk through the domain, and one by one through the gateways."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.kernel.errors import Unavailable
from domain.kernel.money import Money
from tests.faults.conftest import OwnShop

PAUSE = 0.05
"""Seconds before what failed is tried again."""
CHANGE = """mutation ($id: ID!, $price: Decimal!) {
  updateProduct(input: { id: $id, price: { amount: $price } }) { product { version } userErrors { code } } }"""


@dataclass(slots=True)
class Progress:
    """How many events are known to be committed. There may be more: a reply that is lost says nothing."""

    events: int = 0

    async def reach(self, count: int) -> None:
        while self.events < count:
            await asyncio.sleep(0.01)


def products(name: str, count: int) -> list[CreateProduct]:
    return [CreateProduct(name="Mug", sku=f"{name}-{number}", price=Money(500, "GBP")) for number in range(count)]


async def write_in_bulk(shop: OwnShop, name: str, batches: int, size: int, progress: Progress) -> None:
    """Add products, so many in a transaction. One that fails is written again with new SKUs, for it may be there."""
    attempts = itertools.count()
    for _ in range(batches):
        while True:
            commands = products(f"{name}-{next(attempts)}", size)
            try:
                async with shop.database.transaction(shop.owner) as work:
                    await catalog.create_products(work, shop.owner, commands)
            except Unavailable:
                await asyncio.sleep(PAUSE)
            else:
                progress.events += size
                break


async def write_one_by_one(
    shop: OwnShop, bases: Sequence[str], product_id: str, done: Callable[[], bool], progress: Progress
) -> None:
    """Change a price until ``done``, each time at the next gateway, which may not be there or may not answer."""
    headers = {"Authorization": f"Bearer {shop.key}"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as web:
        for price, base in zip(itertools.count(1000), itertools.cycle(bases), strict=False):
            if done():
                return
            variables = {"id": product_id, "price": price}
            try:
                answer = await web.post(f"{base}/graphql", json={"query": CHANGE, "variables": variables})
            except httpx.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                assert answer.headers["retry-after"]
                await asyncio.sleep(PAUSE)
                continue
            assert answer.status_code == httpx.codes.OK, answer.text
            assert answer.json()["data"]["updateProduct"]["userErrors"] == [], answer.text
            progress.events += 1
