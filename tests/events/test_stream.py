"""Streams: what is selected of the log, where following begins, and following while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

import pytest

from domain import events
from domain.events import EventType
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import Forbidden, MalformedRequest, ValidationFailed
from domain.kernel.event_log import Checkpoint, EventLog, write_position
from domain.kernel.fields import UNSET
from tests.conftest import MakeProduct, Shop
from tests.events.test_selectors import OWNER, READER
from tests.kernel.tcp_proxy import cable_to

PRODUCT_CREATED = EventType("product.created")


def row(object_id: str, type: str = "product.created") -> Any:
    return SimpleNamespace(type=type, object_id=object_id)


def test_without_conditions_all_readable_events_are_selected() -> None:
    selection = events.select_events(READER)
    assert selection.matches(row("prod_1"))
    assert selection.matches(row("prod_2", "product.deleted"))
    assert not selection.matches(row("ord_1", "order.created"))
    assert selection.meets({})


@pytest.mark.parametrize(
    ("one", "many", "matching"),
    [
        (UNSET, UNSET, {"a", "b", "c"}),
        ("a", UNSET, {"a"}),
        (UNSET, ("a", "b"), {"a", "b"}),
        ("a", ("a", "b"), {"a"}),
        ("c", ("a", "b"), set()),
    ],
)
def test_an_object_has_to_match_both_of_its_conditions(one: Any, many: Any, matching: set[str]) -> None:
    selection = events.select_events(OWNER, [PRODUCT_CREATED], object_id=one, object_ids=many)
    assert {id for id in ("a", "b", "c") if selection.matches(row(id))} == matching


def test_every_condition_has_to_be_met_by_the_text_of_its_scalar() -> None:
    selection = events.select_events(OWNER, [PRODUCT_CREATED], where=(("status", "active"), ("version", "1")))
    assert selection.meets({"status": "active", "version": "1", "name": "Mug"})
    assert not selection.meets({"status": "active", "version": "2"})
    assert not selection.meets({"status": "active"})


def test_types_and_paths_are_checked_when_events_are_selected() -> None:
    with pytest.raises(Forbidden):
        events.select_events(READER, [EventType("order.created")])
    with pytest.raises(ValidationFailed):
        events.select_events(OWNER, [PRODUCT_CREATED], where=(("nowhere", "x"),))


async def test_following_begins_with_a_checkpoint_and_yields_what_meets_the_conditions(
    log: EventLog, shop: Shop, make_product: MakeProduct
) -> None:
    start = await log.head()
    await make_product(sku="ONE")
    wanted = await make_product(sku="TWO")
    selection = events.select_events(shop.live, [PRODUCT_CREATED], where=(("sku", "TWO"),))
    async with asyncio.timeout(20), aclosing(events.follow(log, selection, after=write_position(start))) as following:
        assert await anext(following) == Checkpoint(start)
        found = [each async for each in take_until(following, wanted.id)]
    assert [each.object_id for each in found if not isinstance(each, Checkpoint)] == [wanted.id]


async def take_until(following: AsyncGenerator[Any], object_id: str) -> AsyncGenerator[Any]:
    async for each in following:
        yield each
        if not isinstance(each, Checkpoint) and each.object_id == object_id:
            return


@pytest.mark.parametrize("cursor", ["", "e1.", "e2.5", "5", "e1.-1"])
async def test_what_is_no_cursor_begins_no_stream(log: EventLog, shop: Shop, cursor: str) -> None:
    with pytest.raises(MalformedRequest):
        await anext(events.follow(log, events.select_events(shop.live), after=cursor))


async def test_a_follower_who_catches_up_waits_for_a_database_that_is_away(
    database_url: str, shop: Shop, make_product: MakeProduct, log: EventLog
) -> None:
    """It has to read the table, for nothing is in the ring yet."""
    start = await log.head()
    products = [await make_product() for _ in range(3)]
    async with asyncio.timeout(10):
        while await log.head() < start + 3:
            await asyncio.sleep(0.02)
    async with cable_to(database_url) as cable:
        behind = Database(DatabaseOptions(cable.url))
        await behind.open()
        try:
            following = events.follow(EventLog(behind), events.select_events(shop.live), after=write_position(start))
            async with asyncio.timeout(20), aclosing(following):
                assert await anext(following) == Checkpoint(start)
                await cable.cut()
                waiting = asyncio.create_task(anext(following))
                await asyncio.sleep(1)
                assert not waiting.done()
                await cable.join()
                rows = [await waiting, await anext(following), await anext(following)]
        finally:
            await behind.close()
    assert [row.object_id for row in rows] == [product.id for product in products]
