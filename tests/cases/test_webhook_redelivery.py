"""Deliveries that are sent again by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from domain import webhooks
from domain.kernel.errors import Conflict, ErrorCode
from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.webhooks.conftest import Hooks, hooks, hooks_url, sink  # noqa: F401 - fixtures


async def test_a9_what_waits_for_its_next_attempt_is_sent_now(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: the refusal of everything pending, put back; 409 for up to six hours."""
    webhook = await hooks.listen("/flaky/1")
    await hooks.happen()
    await hooks.deliver()
    waiting = await hooks.row()
    assert (waiting["status"], len(hooks.sink.hits)) == ("pending", 1)
    await hooks.do(webhooks.redeliver_webhook_delivery, webhook_id=webhook, id=waiting["id"])
    await hooks.deliver()
    first, second = hooks.sink.hits
    assert (first.id, first.body) == (second.id, second.body)
    assert (await hooks.row())["status"] == "delivered"


async def test_a9_only_one_in_flight_is_refused(hooks: Hooks) -> None:  # noqa: F811
    """Once its lease is over nobody tries it, and whoever comes late may not say what came of it.

    Fails when ``redeliver_webhook_delivery`` refuses whatever has a lease.
    """
    webhook = await hooks.listen("/hang")
    await hooks.happen()
    await hooks.dispatcher.dispatch_due()
    while not hooks.sink.hits:
        await asyncio.sleep(0.005)
    delivery = await hooks.row()
    again = {"webhook_id": webhook, "id": delivery["id"]}
    with pytest.raises(Conflict) as refusal:
        await hooks.do(webhooks.redeliver_webhook_delivery, **again)
    assert refusal.value.problems[0].code is ErrorCode.ILLEGAL_TRANSITION
    assert (await hooks.do(webhooks.redeliver_webhook, id=webhook, pending=True)).count == 0
    assert (await hooks.row())["lease"] == delivery["lease"]
    hooks.clock.goes_on(seconds=31)
    await hooks.do(webhooks.redeliver_webhook_delivery, **again)
    await hooks.dispatcher.wait_idle()
    assert hooks.attempts() == {"lease_lost": 1}
    assert (await hooks.row())["due_at"] == hooks.clock()


async def test_a9_all_that_failed_takes_what_waits_too_when_asked(
    http: httpx.AsyncClient, rest: Client, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """On both surfaces, as one alone is. Taken out: ``pending`` in ``_range``; the count is 0."""
    given = {"url": "https://hooks.example.com/", "events": ["product.created"]}
    hook = (await rest("POST", "/v2/webhooks", json=given)).json()
    await make_product()
    path = f"/v2/webhooks/{hook['id']}"
    async with asyncio.timeout(5):
        while not (await rest("GET", f"{path}/deliveries")).json()["data"]:
            await asyncio.sleep(0.02)
    assert (await rest("POST", f"{path}/redeliver")).json()["count"] == 0

    async def by_rest(path: str, body: Any = None) -> Any:
        return (await rest("POST", path, json=body)).json()

    async def by_graphql(mutation: str) -> Any:
        return (await rest("POST", "/graphql", json={"query": f"mutation {{ {mutation} }}"})).json()

    redelivered = {"webhook_id": hook["id"], "count": 1}
    await until(lambda: by_rest(f"{path}/redeliver", {"pending": True}), redelivered)
    mutation = f'redeliverWebhook(input: {{ id: "{hook["id"]}", pending: true }}) {{ count userErrors {{ code }} }}'
    await until(lambda: by_graphql(mutation), {"data": {"redeliverWebhook": {"count": 1, "userErrors": []}}})
    waiting = (await rest("GET", f"{path}/deliveries")).json()["data"][0]["id"]
    await until(lambda: by_rest(f"{path}/deliveries/{waiting}/redeliver"), waiting, "id")
    mutation = f"""redeliverWebhookDelivery(input: {{ webhookId: "{hook["id"]}", id: "{waiting}" }}) {{
        delivery {{ id }} userErrors {{ code }} }}"""
    told = {"data": {"redeliverWebhookDelivery": {"delivery": {"id": waiting}, "userErrors": []}}}
    await until(lambda: by_graphql(mutation), told)


async def until(send: Callable[[], Awaitable[Any]], wanted: Any, member: str | None = None) -> None:
    """Repeat a request until its response is ``wanted``: a gateway of other tests may be trying the delivery."""
    async with asyncio.timeout(10):
        while (found := await send()) != wanted and (member is None or found.get(member) != wanted):
            await asyncio.sleep(0.05)


async def test_b11_what_is_sent_again_is_counted_by_the_database(hooks: Hooks) -> None:  # noqa: F811
    """No id comes back. Taken out: ``rowcount``, for the ids returned; the statement says so."""
    webhook = await hooks.listen("/status/500", query="subscription { events { id } }")
    for _ in range(3):
        await hooks.happen()
    seen: list[str] = []
    async with hooks.database.transaction(hooks.owner) as work:
        engine = (await work.session.connection()).engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
        command = webhooks.commands.RedeliverWebhook(id=webhook, pending=True)
        assert (await webhooks.redeliver_webhook(work, hooks.owner, command)).count == 3
    (sent,) = [text for text in seen if text.startswith("UPDATE webhook_delivery")]
    assert "RETURNING" not in sent
