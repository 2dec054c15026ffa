"""One transaction: all of it or nothing, and a refused part takes its rows, events and signals with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import CreateProduct, UpdateProduct
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, NotFound
from domain.kernel.money import Money
from domain.kernel.use_cases.registry import USE_CASES, use_case, use_case_of
from domain.kernel.use_cases.unit_of_work import Signal, UnitOfWork
from tests.conftest import MakeProduct, Shop
from tests.kernel.conftest import OpenDatabase

Events = Any


@dataclass(frozen=True, slots=True)
class Rang(Signal):
    """Something rang."""

    name: str


class Broken(Exception):
    """Whatever goes wrong."""


async def add(work: UnitOfWork, shop: Shop, sku: str) -> catalog.Product:
    return await catalog.create_product(work, shop.live, CreateProduct(name="x", sku=sku, price=Money(1, "GBP")))


async def skus(database: Database, shop: Shop) -> list[str]:
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT sku FROM product WHERE store_id = $1 ORDER BY sku", shop.live.store.number
        )
    return [row["sku"] for row in rows]


@pytest.fixture
def heard(database: Database) -> Iterator[list[str]]:
    """The signals told after their transaction."""
    told: list[str] = []
    stop = database.on_commit(Rang, lambda signal: told.append(signal.name))
    yield told
    stop()


@pytest.mark.both_servers
async def test_what_is_committed_has_its_event_and_its_signals(
    database: Database, shop: Shop, events: Events, heard: list[str]
) -> None:
    async with database.transaction(shop.live, "req_1") as work:
        product = await add(work, shop, "A")
        await work.emit(Rang("bell"))
        assert heard == []
    assert await skus(database, shop) == ["A"]
    (event,) = await events()
    assert (event["object_id"], event["actor"], event["request_id"]) == (product.id, "system", "req_1")
    assert (event["origin"], event["created_at"]) == ("api", product.created_at)
    assert heard == ["bell"]


@pytest.mark.both_servers
async def test_what_is_rolled_back_leaves_neither_rows_nor_events_nor_signals(
    database: Database, shop: Shop, events: Events, heard: list[str]
) -> None:
    async def fail() -> None:
        async with database.transaction(shop.live) as work:
            await add(work, shop, "A")
            await work.emit(Rang("bell"))
            raise Broken

    with pytest.raises(Broken):
        await fail()
    assert await skus(database, shop) == []
    assert await events() == []
    assert heard == []


@pytest.mark.both_servers
async def test_a_refused_part_takes_its_rows_events_and_signals_with_it(
    database: Database, shop: Shop, events: Events, heard: list[str]
) -> None:
    async def part(work: UnitOfWork, sku: str, *, fails: bool) -> None:
        async with work.savepoint():
            await add(work, shop, sku)
            await work.emit(Rang(sku))
            if fails:
                raise Broken

    async with database.transaction(shop.live) as work:
        await add(work, shop, "before")
        await work.emit(Rang("before"))
        await part(work, "kept", fails=False)
        with pytest.raises(Broken):
            await part(work, "refused", fails=True)
        await add(work, shop, "after")
    assert await skus(database, shop) == ["after", "before", "kept"]
    assert [event["snapshot"]["sku"] for event in await events()] == ["before", "kept", "after"]
    assert heard == ["before", "kept"]


@pytest.mark.both_servers
async def test_a_part_that_is_refused_after_one_within_it_was_takes_all_with_it(
    database: Database, shop: Shop, events: Events, heard: list[str]
) -> None:
    """Fails when the savepoint of the inner part is rolled back to and not released: the outer one has its name."""

    async def inner(work: UnitOfWork, sku: str) -> None:
        async with work.savepoint():
            await add(work, shop, sku)
            raise Broken

    async def outer(work: UnitOfWork) -> None:
        async with work.savepoint():
            await add(work, shop, "outer")
            with pytest.raises(Broken):
                await inner(work, "inner")
            await add(work, shop, "later")
            raise Broken

    async with database.transaction(shop.live) as work:
        await add(work, shop, "before")
        with pytest.raises(Broken):
            await outer(work)
        async with work.savepoint():
            with pytest.raises(Broken):
                await inner(work, "inner")
            await add(work, shop, "kept")
    assert await skus(database, shop) == ["before", "kept"]
    assert [event["snapshot"]["sku"] for event in await events()] == ["before", "kept"]


async def test_an_event_recorded_and_not_yet_written_goes_with_its_part(
    database: Database, shop: Shop, events: Events
) -> None:
    async def part(work: UnitOfWork) -> None:
        async with work.savepoint():
            work.record(catalog.ProductUpdated("prod_1", 2, {}))
            raise Broken

    async with database.transaction(shop.live) as work:
        work.record(catalog.ProductUpdated("prod_1", 1, {}))
        with pytest.raises(Broken):
            await part(work)
    assert [event["sequence"] for event in await events()] == [1]


@pytest.mark.both_servers
async def test_after_a_database_error_in_a_part_the_rest_goes_on(
    database: Database, shop: Shop, make_product: MakeProduct, events: Events
) -> None:
    await make_product(sku="TAKEN")

    async def part(work: UnitOfWork) -> None:
        async with work.savepoint():
            await add(work, shop, "TAKEN")

    async with database.transaction(shop.live) as work:
        with pytest.raises(Conflict):
            await part(work)
        await add(work, shop, "FREE")
    assert await skus(database, shop) == ["FREE", "TAKEN"]
    assert len(await events()) == 2


async def test_a_product_changed_in_a_refused_part_can_be_changed_in_the_next(
    database: Database, shop: Shop, make_product: MakeProduct, events: Events
) -> None:
    product = await make_product(name="One")

    async def rename(work: UnitOfWork, name: str, *, fails: bool) -> catalog.Product:
        async with work.savepoint():
            changed = await catalog.update_product(work, shop.live, UpdateProduct(id=product.id, name=name))
            if fails:
                raise Broken
            return changed

    async with database.transaction(shop.live) as work:
        with pytest.raises(Broken):
            await rename(work, "Two", fails=True)
        changed = await rename(work, "Three", fails=False)
        assert (changed.name, changed.version) == ("Three", 2)
    assert [event["changed_fields"] for event in await events()] == [[], ["name"]]


async def test_a_stale_version_writes_nothing_and_says_which_is_current(
    database: Database, shop: Shop, make_product: MakeProduct, events: Events
) -> None:
    product = await make_product()

    async def lock(version: int) -> catalog.Product:
        async with database.transaction(shop.live) as work:
            found = await work.lock(catalog.Product, product.id, noun="product", version=version)
            found.name = "Changed"
            return found

    with pytest.raises(Conflict, match="at version 1, not 2") as refusal:
        await lock(2)
    assert refusal.value.code is ErrorCode.VERSION_MISMATCH
    assert len(await events()) == 1
    assert (await lock(1)).name == "Changed"


async def test_what_another_store_holds_is_not_found(database: Database, shop: Shop, make_product: MakeProduct) -> None:
    product = await make_product(shop.test)
    async with database.transaction(shop.live) as work:
        with pytest.raises(NotFound, match="Product not found") as refusal:
            await work.lock(catalog.Product, product.id, noun="product")
    assert refusal.value.problems[0].path == ("id",)


async def test_reactions_run_in_the_same_transaction(open_database: OpenDatabase, shop: Shop) -> None:
    seen: list[tuple[UnitOfWork, str]] = []

    async def react(work: UnitOfWork, signal: Rang) -> None:
        seen.append((work, signal.name))

    async def refuse(work: UnitOfWork, signal: Rang) -> None:
        raise Broken(signal.name)

    database: Database = await open_database(reactions={Rang: (react,)})
    async with database.transaction(shop.live) as work:
        await work.emit(Rang("bell"))
        assert seen == [(work, "bell")]
    refusing: Database = await open_database(reactions={Rang: (react, refuse)})

    async def ring() -> None:
        async with refusing.transaction(shop.live) as work:
            await add(work, shop, "A")
            await work.emit(Rang("bell"))

    with pytest.raises(Broken):
        await ring()
    assert await skus(database, shop) == []


async def test_the_instant_of_a_transaction_is_one_for_all_it_writes(
    database: Database, shop: Shop, events: Events
) -> None:
    async with database.transaction(shop.live) as work:
        made = [await add(work, shop, "A"), await add(work, shop, "B")]
        now = work.now
    assert {product.created_at for product in made} | {event["created_at"] for event in await events()} == {now}
    assert now.microsecond % 1000 == 0


def test_every_use_case_is_registered_by_its_area_and_name_with_its_scope() -> None:
    assert {name: entry.scope for name, entry in USE_CASES.items() if name.startswith("catalog.")} == {
        f"catalog.{verb}": "products:write"
        for verb in (
            *("create_product", "update_product", "archive_product", "add_variant", "update_variant"),
            *("remove_variant", "add_image", "update_image", "remove_image"),
            *("create_category", "update_category", "remove_category", "update_products", "archive_products"),
        )
    }
    assert use_case_of(catalog.add_image).command is catalog.commands.AddImage
    with pytest.raises(LookupError):
        use_case_of(add)
    with pytest.raises(ValueError, match="unknown scope"):
        use_case("product:write")
