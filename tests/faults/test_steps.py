"""The writer is lost at each step between the write and the commit, one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from domain import catalog
from domain.catalog.commands import ArchiveProduct, CreateProduct, UpdateProduct
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import Unavailable
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.signal_handlers import SIGNAL_HANDLERS
from tests.conftest import MakeProduct, Shop
from tests.faults.test_crashes import changes_and_events_agree
from tests.kernel.tcp_proxy import cable_to

Change = Callable[[UnitOfWork, Principal, str], Awaitable[object]]
STEPS_MAX = 200


async def create(work: UnitOfWork, caller: Principal, product_id: str) -> None:
    await catalog.create_product(work, caller, CreateProduct(name="New", sku="NEW", price=Money(5, "GBP")))


async def update(work: UnitOfWork, caller: Principal, product_id: str) -> None:
    command = UpdateProduct(id=product_id, name="Changed", tags=("a", "b"), price=Money(7, "GBP"))
    await catalog.update_product(work, caller, command)


async def archive(work: UnitOfWork, caller: Principal, product_id: str) -> None:
    await catalog.archive_product(work, caller, ArchiveProduct(id=product_id))


@pytest.mark.parametrize("change", [create, update, archive])
async def test_whatever_step_is_the_last_there_is_a_change_with_its_event_or_neither(
    database_url: str, database: Database, shop: Shop, make_product: MakeProduct, change: Change
) -> None:
    """Fails when an event is written in a transaction of its own, before the change or after it."""
    product = await make_product()
    async with cable_to(database_url) as cable:
        own = Database(DatabaseOptions(cable.url, reactions=SIGNAL_HANDLERS))
        await own.open()
        for step in range(STEPS_MAX):
            async with own.transaction(shop.live):
                pass  # connected, so that the steps are those of the transaction
            cable.burn(step)
            try:
                async with own.transaction(shop.live) as work:
                    await change(work, shop.live, product.id)
            except Unavailable:
                pass
            await changes_and_events_agree(database, shop.live.store)
            if not cable.burnt:
                break
            await cable.join()
            cable.burn(STEPS_MAX * 2)
        await own.close()
    print(f"{step} steps")
    assert 5 < step < STEPS_MAX - 1
    async with database.system_connection() as connection:
        query = "SELECT count(*) FROM event WHERE store_id = $1"
        assert await connection.fetchval(query, shop.live.store.number) == 2
