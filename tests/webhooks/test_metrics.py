"""What is counted of deliveries: exactly, under labels of few values."""

from __future__ import annotations

import asyncio

from domain import webhooks
from gateway.adapters.http_sender import AiohttpSender
from tests.webhooks.conftest import Hooks

LABELS = ("outcome", "reason")
DURATIONS = "gateway_webhook_attempt_duration_seconds_count"


async def test_attempts_are_counted_by_what_came_of_them(hooks: Hooks) -> None:
    await hooks.listen("/ok")
    await hooks.listen("/status/500")
    for _ in range(3):
        await hooks.happen()
    for _ in range(6):
        await hooks.deliver()
        hooks.clock.goes_on(hours=7)
    assert hooks.attempts() == {"delivered": 3, "retried": 15, "failed": 3}
    assert hooks.counted(DURATIONS) == {DURATIONS: 21}
    assert len(hooks.sink.hits) == 21
    assert hooks.counted("gateway_webhook_deliveries_in_flight") == {}


async def test_a_test_that_is_not_taken_has_failed(hooks: Hooks) -> None:
    webhook = await hooks.listen("/status/500")
    await hooks.do(webhooks.test_webhook, id=webhook)
    await hooks.deliver()
    assert hooks.attempts() == {"failed": 1}


async def test_addresses_that_are_not_public_are_counted_apart(hooks: Hooks) -> None:
    await hooks.listen()
    await hooks.happen()
    sender = AiohttpSender(webhooks.AddressPolicy())
    another = hooks.another(sender)
    await another.dispatch_due()
    await another.wait_idle()
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE webhook SET url = 'http://localhost.example/'")
    hooks.clock.goes_on(hours=1)
    resolved = AiohttpSender(webhooks.AddressPolicy(), resolve=_to_loopback)
    another = hooks.another(resolved)
    await another.dispatch_due()
    await another.wait_idle()
    await asyncio.gather(sender.close(), resolved.close())
    assert hooks.attempts() == {"refused": 2}
    assert hooks.sink.hits == []


async def _to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_what_there_is_nothing_to_send_for_is_counted_and_not_timed(hooks: Hooks) -> None:
    await hooks.listen()
    await hooks.happen()
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE webhook SET scopes = '{}'")
    await hooks.deliver()
    assert hooks.attempts() == {"skipped": 1}
    assert hooks.counted(DURATIONS) == {}


async def test_endpoints_made_inactive_are_counted_once_by_the_reason(hooks: Hooks) -> None:
    for path in ("/gone/a", "/gone/b", "/status/500"):
        await hooks.listen(path)
    for _ in range(6):
        await hooks.happen()
        await hooks.happen()
        await hooks.deliver()
        hooks.clock.goes_on(days=1)
    assert hooks.counted("gateway_webhook_endpoints_disabled_total", "reason") == {"gone": 2, "failing": 1}


async def test_deliveries_in_flight_are_shown(hooks: Hooks) -> None:
    await hooks.listen("/hang")
    await hooks.listen("/hang/too")
    await hooks.happen()
    await hooks.dispatcher.dispatch_due()
    assert list(hooks.counted("gateway_webhook_deliveries_in_flight").values()) == [2] == [hooks.dispatcher.in_flight]
    await hooks.dispatcher.wait_idle()
    assert hooks.counted("gateway_webhook_deliveries_in_flight") == {}


async def test_the_backlog_is_what_is_due_and_not_leased(hooks: Hooks) -> None:
    """Nobody can do anything about what inactive endpoints are owed, nor need they where an endpoint fails."""
    sample = hooks.telemetry.deliveries.sample
    await hooks.listen("/hang")
    failing = await hooks.listen("/status/500", "product.created")
    inactive = await hooks.listen("/ok", "product.created")
    await hooks.happen()
    hooks.clock.goes_on(seconds=30)
    await hooks.happen()
    hooks.clock.goes_on(seconds=10)
    await hooks.do(webhooks.update_webhook, id=inactive, active=False)
    async with hooks.database.system_connection() as connection:
        await connection.execute(
            "UPDATE webhook SET failing_since = $1, last_failed_at = $1 WHERE id = $2", hooks.clock(), failing
        )
    await sample(hooks.database)
    assert backlog(hooks) == {"healthy": (2, 40), "failing": (2, 40)}
    await hooks.dispatcher.dispatch_due()
    await sample(hooks.database)
    assert backlog(hooks) == {"healthy": (1, 10), "failing": (1, 10)}
    await hooks.dispatcher.wait_idle()
    await hooks.do(webhooks.update_webhook, id=failing, active=False)
    await sample(hooks.database)
    assert backlog(hooks) == {"failing": (1, 10)}  # the one that hung, too, and its first is due later


def backlog(hooks: Hooks) -> dict[str, tuple[float, float]]:
    due = hooks.counted("gateway_webhook_deliveries_due", "endpoint")
    late = hooks.counted("gateway_webhook_oldest_due_seconds", "endpoint")
    assert set(late) <= set(due)
    return {endpoint: (count, late[endpoint]) for endpoint, count in due.items()}


async def test_every_label_stands_at_0_from_the_beginning(hooks: Hooks) -> None:
    samples = [each for family in hooks.telemetry.registry.collect() for each in family.samples]
    found = {label: each.value for each in samples for name, label in each.labels.items() if name in LABELS}
    assert found == dict.fromkeys([*webhooks.AttemptOutcome, *webhooks.DisableReason], 0.0)
