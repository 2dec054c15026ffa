"""Endpoints: what may be asked of them, by whom, and what is kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import customers, orders, webhooks
from domain.catalog.commands import VariantInput
from domain.kernel.errors import Conflict, ErrorCode, Forbidden, NotFound, ValidationFailed
from domain.orders.commands import OrderItemInput
from domain.webhooks.service.endpoints import MAX_WEBHOOKS
from tests.webhooks.conftest import KEYRING, SECRET, Hooks

URL = "https://hooks.example.com/"


async def refused(hooks: Hooks, execute: Any, **given: Any) -> list[tuple[Any, ErrorCode]]:
    with pytest.raises((ValidationFailed, Conflict, NotFound)) as failure:
        await hooks.do(execute, **given)
    return [(problem.path, problem.code) for problem in failure.value.problems]


async def test_a_secret_is_kept_encrypted_and_shown_once(hooks: Hooks) -> None:
    issued = await hooks.do(webhooks.create_webhook, url=URL, events=("*",))
    row = await hooks.row("webhook")
    assert issued.secret.encode() not in row["secret"]
    assert issued.secret[6:].encode() not in row["secret"]
    opened = KEYRING.decrypt(row["secret"], f"webhook/{hooks.owner.store.number}/{issued.id}").decode()
    assert opened == issued.secret
    assert row["secret_hint"] == f"whsec_…{issued.secret[-4:]}"
    entries = await hooks.rows("audit_entry")
    assert entries[-1]["action"] == "webhook.created"
    assert issued.secret not in str(entries)


async def test_unknown_events_and_unusable_secrets_are_refused(hooks: Hooks) -> None:
    create = webhooks.create_webhook
    assert await refused(hooks, create, url=URL, events=("*", "order.eaten", "")) == [
        (("events", 1), ErrorCode.INVALID),
        (("events", 2), ErrorCode.INVALID),
    ]
    assert await refused(hooks, create, url=URL, events=("*",), secret="whsec_not base64") == [
        (("secret",), ErrorCode.INVALID)
    ]
    assert await hooks.rows("webhook") == []


async def test_events_are_kept_once_and_everything_is_everything(hooks: Hooks) -> None:
    await hooks.do(webhooks.create_webhook, url=URL, events=("order.created", "order.created", "product.updated"))
    await hooks.do(webhooks.create_webhook, url=URL, events=("order.created", "*"))
    assert sorted(row["events"] for row in await hooks.rows("webhook")) == [["*"], ["order.created", "product.updated"]]


async def test_a_store_has_at_most_a_hundred(hooks: Hooks) -> None:
    for _ in range(MAX_WEBHOOKS):
        await hooks.listen()
    assert await refused(hooks, webhooks.create_webhook, url=URL, events=("*",)) == [((), ErrorCode.TOO_LARGE)]


async def test_naming_an_event_needs_its_scope_and_everything_does_not(hooks: Hooks) -> None:
    caller = await hooks.key("webhooks:write", "products:read")
    with pytest.raises(Forbidden) as refusal:
        await hooks.do(webhooks.create_webhook, caller, url=URL, events=("product.created", "order.created"))
    assert refusal.value.missing_scope == "orders:read"
    await hooks.do(webhooks.create_webhook, caller, url=URL, events=("*",))


async def test_who_may_not_see_what_is_sent_may_not_have_it_sent_elsewhere(hooks: Hooks) -> None:
    webhook = await hooks.listen("/ok", "order.created")
    caller = await hooks.key("webhooks:write", "products:read")
    with pytest.raises(Forbidden):
        await hooks.do(webhooks.update_webhook, caller, id=webhook, url=hooks.sink.url("/theirs"))
    assert (await hooks.row("webhook"))["url"] == hooks.sink.url("/ok")


async def test_new_events_are_seen_with_the_scopes_of_who_chose_them(hooks: Hooks) -> None:
    webhook = await hooks.listen("/ok", "product.created")
    caller = await hooks.key("webhooks:write", "products:read")
    await hooks.do(webhooks.update_webhook, caller, id=webhook, events=("*",))
    row = await hooks.row("webhook")
    assert (row["credential"], row["scopes"], row["version"]) == (
        caller.credential,
        ["products:read", "webhooks:write"],
        2,
    )


async def test_a_stale_version_changes_nothing(hooks: Hooks) -> None:
    webhook = await hooks.listen()
    before = await hooks.rows("webhook")
    for execute in (webhooks.update_webhook, webhooks.roll_webhook_secret, webhooks.delete_webhook):
        assert await refused(hooks, execute, id=webhook, expected_version=2) == [
            (("expected_version",), ErrorCode.VERSION_MISMATCH)
        ]
    assert await hooks.rows("webhook") == before


async def test_what_a_deleted_endpoint_was_not_sent_never_is(hooks: Hooks) -> None:
    webhook = await hooks.listen()
    await hooks.happen()
    await hooks.do(webhooks.delete_webhook, id=webhook)
    await hooks.deliver()
    assert hooks.sink.hits == []
    assert (await hooks.row())["status"] == "failed"
    assert await refused(hooks, webhooks.delete_webhook, id=webhook) == [(("id",), ErrorCode.NOT_FOUND)]


async def test_one_delivery_is_sent_again_with_its_id_and_body(hooks: Hooks) -> None:
    webhook = await hooks.listen()
    await hooks.happen()
    pending = await hooks.row()
    again = {"webhook_id": webhook, "id": pending["id"]}
    await hooks.deliver()
    await hooks.do(webhooks.redeliver_webhook_delivery, **again)
    await hooks.deliver()
    first, second = hooks.sink.hits
    assert (first.id, first.body) == (second.id, second.body)
    assert [attempt["number"] for attempt in (await hooks.row())["attempts"]] == [1, 1]


async def test_all_that_failed_is_sent_again_or_all_of_a_range(hooks: Hooks) -> None:
    webhook = await hooks.listen("/gone")
    await hooks.happen()
    await hooks.deliver()
    await hooks.do(webhooks.update_webhook, id=webhook, active=True, url=hooks.sink.url("/ok"))
    hooks.clock.goes_on(hours=1)
    await hooks.happen()
    await hooks.deliver()
    assert len(hooks.sink.hits) == 2

    many = webhooks.redeliver_webhook
    assert (await hooks.do(many, id=webhook)).count == 1
    await hooks.deliver()
    assert (await hooks.do(many, id=webhook)).count == 0
    assert await refused(hooks, many, id=webhook, failed_only=False) == [(("created_from",), ErrorCode.REQUIRED)]
    since = hooks.clock()
    assert (await hooks.do(many, id=webhook, failed_only=False, created_from=since)).count == 1
    await hooks.deliver()
    assert sorted(hooks.sink.tries.values()) == [2, 2]


async def test_only_what_the_caller_may_see_is_sent_again(hooks: Hooks) -> None:
    webhook = await hooks.listen("/ok", "*")
    await hooks.happen()
    await hooks.deliver()
    caller = await hooks.key("webhooks:write", "orders:read")
    delivery = await hooks.row()
    with pytest.raises(NotFound):
        await hooks.do(webhooks.redeliver_webhook_delivery, caller, webhook_id=webhook, id=delivery["id"])
    found = await hooks.do(
        webhooks.redeliver_webhook, caller, id=webhook, failed_only=False, created_from=delivery["created_at"]
    )
    assert found.count == 0


async def test_who_is_erased_goes_from_deliveries_too(hooks: Hooks) -> None:
    """From those of their orders as well, what was answered to them included; what is pending is sent without them."""
    webhook = await hooks.listen("/echo", "customer.created", "order.created")
    await hooks.happen(sku="MUG", variants=(VariantInput(sku="MUG", inventory=3),))
    jane = await hooks.do(customers.create_customer, email="jane@example.com", first_name="Jane")
    line = OrderItemInput(sku="MUG", quantity=1)
    await hooks.do(orders.create_order, customer_id=jane.id, items=(line,))
    await hooks.place()
    await hooks.deliver()
    assert sum("jane@example.com" in hit.body.decode() for hit in hooks.sink.hits) == 2
    await hooks.do(webhooks.redeliver_webhook, id=webhook, failed_only=False, created_from=hooks.clock())
    await hooks.do(customers.erase_customer, id=jane.id)
    assert "jane" not in str(await hooks.rows()).lower()
    hooks.sink.hits.clear()
    await hooks.deliver()
    assert len(hooks.sink.hits) == 2
    assert "jane" not in str([hit.body for hit in hooks.sink.hits]).lower()
    assert "jane" not in str(await hooks.rows()).lower()


async def test_who_is_erased_while_a_delivery_is_under_way_is_not_written_down_again(hooks: Hooks) -> None:
    """Without ``redactions`` the outcome would bring the body back."""
    await hooks.listen("/hang", "customer.created")
    jane = await hooks.do(customers.create_customer, email="jane@example.com")
    await hooks.place()
    assert await hooks.dispatcher.dispatch_due() is False
    while not hooks.sink.hits:
        await asyncio.sleep(0.005)
    await hooks.do(customers.erase_customer, id=jane.id)
    await hooks.dispatcher.wait_idle()
    delivery = await hooks.row()
    assert (delivery["status"], delivery["request"], len(delivery["attempts"])) == ("pending", None, 1)


async def test_a_lost_encryption_key_fails_the_attempt_and_is_logged(hooks: Hooks, caplog: Any) -> None:
    await hooks.listen()
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE webhook SET secret = 'k9:nothing'::bytea")
    await hooks.happen()
    await hooks.deliver()
    (attempt,) = (await hooks.row())["attempts"]
    assert (
        attempt["error"]
        == "The gateway cannot decrypt the secret of the webhook. Roll it with an overlap of 0 seconds."
    )
    assert "decrypting the secret of webhook" in caplog.text
    assert SECRET not in caplog.text
