"""The threads in which carriers are asked: what hangs for one purpose keeps nothing from another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from threading import Event
from typing import Any

import pytest

from domain.kernel.database import Database
from domain.shipping.ports import LiveAccount, LiveCarriers
from gateway.adapters.karrio import KarrioCarriers
from gateway.adapters.karrio.carriers import BUSY
from gateway.adapters.karrio.threads import CarrierThreads, NotBegunError
from tests.conftest import Client
from tests.shipping.conftest import BOTH, MakeOrder, Ship, contract, get, provide_carriers
from tests.shipping.fake_carriers import FakeCarriers


def account(*, is_test: bool = False, carrier: str = "fedex") -> LiveAccount:
    return LiveAccount(carrier=carrier, account_number="1", client_id="i", client_secret="s", is_test=is_test)


class Stage:
    """Work that waits until it is released."""

    def __init__(self) -> None:
        self.released = Event()
        self.runs = 0

    def wait(self) -> str:
        """Wait."""
        self.runs += 1
        self.released.wait(20)
        return "waited"


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    found = Stage()
    yield found
    found.released.set()


async def test_questions_keep_no_thread_from_orders_nor_tests_from_live_stores(stage: Stage) -> None:
    """Taken out to see it fail: each part of the key of ``_pool``."""
    threads = CarrierThreads(1)
    hanging = [
        asyncio.create_task(threads.ask(account(is_test=True), stage.wait)),
        asyncio.create_task(threads.order(account(is_test=True), stage.wait)),
        asyncio.create_task(threads.ask(account(), stage.wait)),
    ]
    async with asyncio.timeout(5):
        while stage.runs < len(hanging):
            await asyncio.sleep(0.01)
        assert await threads.order(account(), lambda: "ordered") == "ordered"
        assert await threads.ask(account(carrier="ups"), lambda: "answered") == "answered"
    assert not any(each.done() for each in hanging)
    stage.released.set()
    assert await asyncio.gather(*hanging) == ["waited"] * 3
    threads.close()


async def test_an_order_that_finds_no_thread_is_never_sent(stage: Stage) -> None:
    """Taken out to see it fail: the cancelling of its future (it is sent when the thread is free)."""
    threads = CarrierThreads(1, 0.1)
    first = asyncio.create_task(threads.order(account(), stage.wait))
    await asyncio.sleep(0.05)
    sent: list[str] = []
    with pytest.raises(NotBegunError):
        await threads.order(account(), lambda: sent.append("second"))
    stage.released.set()
    assert await first == "waited"
    assert await threads.order(account(), lambda: "third") == "third"
    assert sent == []
    threads.close()


async def test_an_order_of_a_caller_that_gave_up_is_not_sent_later(stage: Stage) -> None:
    threads = CarrierThreads(1)
    first = asyncio.create_task(threads.order(account(), stage.wait))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(threads.order(account(), stage.wait))
    await asyncio.sleep(0.05)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    stage.released.set()
    assert await first == "waited"
    assert await threads.order(account(), lambda: "third") == "third"
    assert stage.runs == 1
    threads.close()


async def test_a_label_that_was_never_ordered_is_a_clear_failure(
    fakes: FakeCarriers, desk: Client, database: Database, make_order: MakeOrder, ship: Ship
) -> None:
    """Not one that the carrier may have made: the lines are reserved again at once."""
    await contract(desk, *BOTH)
    order = await make_order()
    line = [{"id": order["items"][0]["id"], "quantity": 1}]
    usual: LiveCarriers = database.dependency(LiveCarriers)  # type: ignore[type-abstract]
    live = KarrioCarriers({"fedex": fakes.url}, threads=1, begin_seconds=0.3)
    provide_carriers(database, live)
    fakes.is_held = True
    try:
        first = asyncio.create_task(ship(order["id"], items=line))
        async with asyncio.timeout(10):
            while not fakes.labels:
                await asyncio.sleep(0.01)
        second: dict[str, Any] = await ship(order["id"], items=line)
        assert (second["status"], second["failure"]) == ("cancelled", BUSY)
        assert len(fakes.labels) == 1
        fakes.released.set()
        assert (await first)["status"] == "created"
    finally:
        provide_carriers(database, usual)
        live.close()
    assert len(fakes.labels) == 1
    assert (await get(desk, "/v2/inventory/MUG"))["total_reserved"] == 2
