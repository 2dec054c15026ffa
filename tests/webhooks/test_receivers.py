"""What receivers do wrong, and what becomes of their deliveries: each as the contract says, and nobody else waits."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain import webhooks
from domain.kernel.errors import Conflict
from gateway.adapters.http_sender import AiohttpSender
from tests.webhooks.conftest import LOOPBACK, SECRET, Hooks

MINUTE = timedelta(minutes=1)

REFUSALS = {
    "/status/500": (500, None, "ok"),
    "/status/404": (404, None, "ok"),
    "/redirect": (302, "Redirects are not followed.", "ok"),
    "/hang": (None, "Took longer than 1 seconds.", None),
    "/drip": (200, "Took longer than 1 seconds.", ""),
}


@pytest.mark.parametrize("path", list(REFUSALS))
async def test_a_refusal_is_tried_again_in_a_minute(hooks: Hooks, path: str) -> None:
    await hooks.listen(path)
    await hooks.happen()
    began = hooks.clock()
    await hooks.deliver()
    delivery = await hooks.row()
    assert (delivery["status"], delivery["attempt"], delivery["lease"]) == ("pending", 1, None)
    assert delivery["due_at"] == began + MINUTE
    (attempt,) = delivery["attempts"]
    assert (attempt["status"], attempt["error"], attempt["response"]) == REFUSALS[path]
    assert [hit.path for hit in hooks.sink.hits] == [path]  # /secret was not asked
    assert (await hooks.row("webhook"))["failing_since"] == began


async def test_a_connection_that_is_reset_is_a_refusal(hooks: Hooks) -> None:
    await hooks.listen("/reset")
    await hooks.happen()
    await hooks.deliver()
    (attempt,) = (await hooks.row())["attempts"]
    assert attempt["status"] is None
    assert attempt["error"].startswith("ServerDisconnectedError")


async def test_nobody_there_is_a_refusal(hooks: Hooks) -> None:
    await hooks.listen(url="http://127.0.0.1:1/")
    await hooks.happen()
    await hooks.deliver()
    delivery = await hooks.row()
    assert delivery["status"] == "pending"
    assert delivery["attempts"][0]["error"].startswith("ClientConnectorError")


async def test_of_a_huge_answer_only_the_beginning_is_read(hooks: Hooks) -> None:
    await hooks.listen("/huge")
    await hooks.happen()
    await hooks.deliver()
    delivery = await hooks.row()
    assert delivery["status"] == "delivered"
    assert delivery["attempts"][0]["response"] == "x" * 4_096


async def test_an_answer_that_no_database_can_hold_is_mended(hooks: Hooks) -> None:
    await hooks.listen("/nul")
    await hooks.happen()
    await hooks.deliver()
    assert (await hooks.row())["attempts"][0]["response"] == "a\ufffd\ufffd"


async def test_the_schedule_of_six_attempts(hooks: Hooks) -> None:
    await hooks.listen("/status/500")
    await hooks.happen()
    waits = []
    for _ in range(6):
        await hooks.deliver()
        delivery = await hooks.row()
        if delivery["due_at"] is None:
            break
        waits.append(delivery["due_at"] - hooks.clock())
        hooks.clock.now = delivery["due_at"] - timedelta(milliseconds=1)
        await hooks.deliver()  # a moment too early
        hooks.clock.now = delivery["due_at"]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360)]
    assert (delivery["status"], delivery["attempt"], len(hooks.sink.hits)) == ("failed", 6, 6)
    assert [attempt["number"] for attempt in delivery["attempts"]] == [1, 2, 3, 4, 5, 6]
    assert len({hit.body for hit in hooks.sink.hits}) == 1
    assert all(hit.platform(SECRET) for hit in hooks.sink.hits)
    assert len(hooks.sink.tries) == 1
    hooks.clock.goes_on(days=1)
    await hooks.deliver()
    assert len(hooks.sink.hits) == 6


@pytest.mark.parametrize(("asked", "wait"), [("3", 60), ("600", 600), ("999999", 6 * 3_600), ("-5", 60), ("soon", 60)])
async def test_retry_after_only_lengthens_a_wait_and_at_most_to_six_hours(hooks: Hooks, asked: str, wait: int) -> None:
    await hooks.listen(f"/limit/{asked}")
    await hooks.happen()
    await hooks.deliver()
    assert (await hooks.row())["due_at"] == hooks.clock() + timedelta(seconds=wait)


async def test_gone_ends_the_delivery_and_the_endpoint(hooks: Hooks) -> None:
    webhook = await hooks.listen("/gone")
    await hooks.happen()
    await hooks.deliver()
    await hooks.happen()
    await hooks.deliver()
    assert len(hooks.sink.hits) == 1
    assert (await hooks.row())["status"] == "failed"
    row = await hooks.row("webhook")
    assert (row["active"], row["disabled_reason"], row["version"]) == (
        False,
        "The receiver responded with 410 Gone.",
        2,
    )
    with pytest.raises(Conflict):
        await hooks.do(webhooks.redeliver_webhook_delivery, webhook_id=webhook, id=(await hooks.row())["id"])


async def test_flaky_receivers_get_it_in_the_end_and_are_well_again(hooks: Hooks) -> None:
    await hooks.listen("/flaky/2")
    await hooks.happen()
    for _ in range(3):
        await hooks.deliver()
        hooks.clock.goes_on(minutes=6)
    delivery = await hooks.row()
    assert (delivery["status"], delivery["attempt"]) == ("delivered", 3)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 500, 200]
    assert (await hooks.row("webhook"))["failing_since"] is None


async def test_a_lease_that_ends_is_taken_over_and_its_holder_has_no_say(hooks: Hooks) -> None:
    await hooks.listen("/hang")
    await hooks.happen()
    assert await hooks.dispatcher.dispatch_due() is False
    hooks.clock.goes_on(seconds=31)
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE webhook SET url = $1", hooks.sink.url("/ok"))
    while not hooks.sink.at("/hang"):
        await asyncio.sleep(0.005)
    sender = AiohttpSender(webhooks.AddressPolicy(LOOPBACK))
    another = hooks.another(sender)
    assert await another.dispatch_due() is False
    await asyncio.gather(another.wait_idle(), hooks.dispatcher.wait_idle())
    await sender.close()
    delivery = await hooks.row()
    assert (delivery["status"], delivery["attempt"]) == ("delivered", 1)
    assert hooks.attempts() == {"delivered": 1, "lease_lost": 1}


async def test_what_is_in_flight_is_over_when_the_dispatcher_is_stopped(hooks: Hooks) -> None:
    await hooks.listen("/hang")
    await hooks.happen()
    working = asyncio.create_task(hooks.dispatcher.run())
    while not hooks.sink.hits:
        await asyncio.sleep(0.005)
    assert (await hooks.row())["lease"] is not None
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    delivery = await hooks.row()
    assert (delivery["status"], delivery["lease"], delivery["attempt"]) == ("pending", None, 1)
    assert delivery["due_at"] == hooks.clock() + timedelta(minutes=1)
    assert len(delivery["attempts"]) == 1
