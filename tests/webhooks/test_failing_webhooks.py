"""An endpoint that fails for five days running is disabled, and says why."""

from __future__ import annotations

import pytest

from domain import webhooks
from tests.webhooks.conftest import Hooks

REASON = "All deliveries have failed for 5 days."


async def fail(hooks: Hooks, **later: float) -> None:
    """Something happens then, and is sent for the first time."""
    hooks.clock.goes_on(**later)
    await hooks.happen()
    async with hooks.database.system_connection() as connection:  # only the new one: retries would fail in between
        await connection.execute("UPDATE webhook_delivery SET status = 'failed', due_at = NULL WHERE attempt > 0")
    await hooks.deliver()


async def is_active(hooks: Hooks) -> bool:
    return bool((await hooks.row("webhook"))["active"])


async def test_with_a_failure_every_day_the_sixth_ends_it(hooks: Hooks) -> None:
    webhook = await hooks.listen("/status/500")
    await fail(hooks)
    began = hooks.clock()
    for _ in range(4):
        await fail(hooks, days=1)
    await fail(hooks, hours=23, minutes=59)
    row = await hooks.row("webhook")
    assert (row["active"], row["failing_since"], row["last_failed_at"]) == (True, began, hooks.clock())
    await fail(hooks, minutes=1)
    row = await hooks.row("webhook")
    assert (row["active"], row["disabled_reason"], row["version"]) == (False, REASON, 2)
    await hooks.do(webhooks.update_webhook, id=webhook, active=True, url=hooks.sink.url("/ok"))
    row = await hooks.row("webhook")
    assert (row["active"], row["disabled_reason"]) == (True, None)
    assert (row["failing_since"], row["last_failed_at"]) == (None, None)


async def test_the_retries_of_one_delivery_do_not_end_it(hooks: Hooks) -> None:
    await hooks.listen("/status/500")
    await hooks.happen()
    for _ in range(6):
        await hooks.deliver()
        hooks.clock.goes_on(hours=7)
    assert (await hooks.row())["status"] == "failed"
    assert await is_active(hooks)


@pytest.mark.parametrize(("silence", "active"), [({"days": 1}, False), ({"days": 1, "milliseconds": 1}, True)])
async def test_a_day_of_silence_begins_anew(hooks: Hooks, silence: dict[str, float], active: bool) -> None:
    await hooks.listen("/status/500")
    await fail(hooks)
    for _ in range(4):
        await fail(hooks, days=1)
    await fail(hooks, **silence)
    assert await is_active(hooks) is active
    if active:
        row = await hooks.row("webhook")
        assert row["failing_since"] == row["last_failed_at"] == hooks.clock()
        for _ in range(4):
            await fail(hooks, days=1)
        assert await is_active(hooks)
        await fail(hooks, days=1)
        assert not await is_active(hooks)


async def test_two_failures_six_days_apart_are_no_run(hooks: Hooks) -> None:
    await hooks.listen("/status/500")
    await fail(hooks)
    await fail(hooks, days=6)
    assert await is_active(hooks)


async def test_a_success_ends_the_run(hooks: Hooks) -> None:
    webhook = await hooks.listen("/status/500")
    await fail(hooks)
    for day in range(10):
        await hooks.do(webhooks.update_webhook, id=webhook, url=hooks.sink.url("/ok" if day == 3 else "/status/500"))
        await fail(hooks, days=1)
        row = await hooks.row("webhook")
        assert (row["failing_since"], row["last_failed_at"]) == (None, None) or day != 3
        assert row["active"] is (day < 9)


async def test_a_worker_that_has_seen_nothing_of_the_run_ends_it_all_the_same(hooks: Hooks) -> None:
    """What it claimed before the first failure says nothing of it: the row does."""
    await hooks.listen("/hang")
    await hooks.happen()
    await hooks.dispatcher.dispatch_due()
    while not hooks.sink.at("/hang"):
        await hooks.dispatcher.dispatch_due()
    now = hooks.clock()
    hooks.clock.goes_on(days=-6)
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE webhook SET failing_since = $1, last_failed_at = $2", hooks.clock(), now)
    hooks.clock.now = now
    await hooks.dispatcher.wait_idle()
    assert not await is_active(hooks)
