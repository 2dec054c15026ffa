"""Events reach endpoints: signed, in full, once, and as the endpoint may see them."""

from __future__ import annotations

from domain import webhooks
from domain.catalog.commands import VariantInput
from domain.kernel.money import Money
from domain.webhooks.signatures import new_secret
from tests.webhooks.conftest import SECRET, Hooks


async def test_an_event_is_sent_with_both_signatures(hooks: Hooks) -> None:
    await hooks.listen("/ok", "product.created")
    product = await hooks.happen()
    await hooks.deliver()
    (hit,) = hooks.sink.hits
    assert hit.platform(SECRET)
    assert hit.standard(SECRET)
    delivery = await hooks.row()
    event = await hooks.row("event")
    document = hit.document
    assert list(document) == ["id", "type", "created_at", "data", "cursor", "sequence"]
    assert document["id"] == hit.id == delivery["event_id"] == event["id"]
    assert (document["type"], document["sequence"]) == ("product.created", 1)
    assert document["cursor"] == f"e1.{event['position']}"
    assert document["data"]["object"]["id"] == product
    assert document["data"]["object"]["price"] == 5.0
    assert document["data"]["changed_fields"] == []
    assert hit.headers["content-type"] == "application/json"
    assert hit.headers["x-webhook-delivery"] == delivery["id"]
    assert (delivery["status"], delivery["due_at"], delivery["lease"]) == ("delivered", None, None)
    assert delivery["request"].encode() == hit.body
    (attempt,) = delivery["attempts"]
    assert (attempt["number"], attempt["status"], attempt["error"], attempt["response"]) == (1, 200, None, "ok")


async def test_an_event_goes_to_every_endpoint_that_wants_it_and_is_active(hooks: Hooks) -> None:
    await hooks.listen("/a", "product.created")
    await hooks.listen("/b", "*")
    await hooks.listen("/c", "order.created")
    await hooks.listen("/d", "*", active=False)
    await hooks.happen()
    await hooks.deliver()
    assert sorted(hit.path for hit in hooks.sink.hits) == ["/a", "/b"]
    assert len(hooks.sink.tries) == 1  # the same id at both


async def test_imports_are_sent_only_to_who_asked_for_them(hooks: Hooks) -> None:
    await hooks.listen("/a")
    await hooks.listen("/b", include_imported=True)
    await hooks.happen("import")
    await hooks.deliver()
    assert [hit.path for hit in hooks.sink.hits] == ["/b"]


async def test_events_placed_again_are_not_planned_again(hooks: Hooks) -> None:
    await hooks.listen()
    await hooks.happen()
    event = await hooks.row("event")
    planner = webhooks.DeliveryFanOut(hooks.clock)
    async with hooks.database.system_connection() as connection:
        await planner(connection, event["position"] - 1, event["position"])
    assert len(await hooks.rows()) == 1


async def test_an_endpoint_sees_what_its_creator_may_see(hooks: Hooks) -> None:
    await hooks.listen("/a", principal=await hooks.key("webhooks:write", "orders:read"))
    await hooks.listen("/b", principal=await hooks.key("webhooks:write", "products:read"))
    await hooks.listen("/c", principal=await hooks.key("webhooks:write", "products:read", "products:write"))
    await hooks.happen(variants=(VariantInput(sku="V", cost=Money(1, "GBP")),))
    await hooks.deliver()
    shown = {hit.path: "cost" in hit.body.decode() for hit in hooks.sink.hits}
    assert shown == {"/b": False, "/c": True}


async def test_an_endpoint_loses_what_its_creators_key_loses(hooks: Hooks) -> None:
    creator = await hooks.key("webhooks:write", "products:read")
    await hooks.listen("/a", principal=creator)
    await hooks.happen()
    async with hooks.database.system_connection() as connection:
        await connection.execute("UPDATE api_key SET scopes = '{webhooks:write}' WHERE id = $1", creator.credential)
    await hooks.happen()
    await hooks.deliver()
    assert hooks.sink.hits == []
    delivery = await hooks.row()
    assert delivery["status"] == "failed"
    assert [entry["error"] for entry in delivery["attempts"]] == [
        "The webhook does not have the scope of this event type any more."
    ]
    assert (await hooks.row("webhook"))["failing_since"] is None


async def test_during_a_roll_both_secrets_sign(hooks: Hooks) -> None:
    webhook = await hooks.listen()
    new = (await hooks.do(webhooks.roll_webhook_secret, id=webhook, overlap_seconds=60)).secret
    await hooks.happen()
    await hooks.deliver()
    hooks.clock.goes_on(seconds=60)
    await hooks.happen()
    await hooks.deliver()
    during, after = hooks.sink.hits
    assert (during.standard(SECRET), during.standard(new)) == (True, True)
    assert (during.platform(SECRET), during.platform(new)) == (False, True)
    assert (after.standard(SECRET), after.standard(new)) == (False, True)
    assert after.platform(new)


async def test_a_secret_of_ones_own_keys_both_signatures(hooks: Hooks) -> None:
    await hooks.listen(secret="your_webhook_secret")
    await hooks.happen()
    await hooks.deliver()
    (hit,) = hooks.sink.hits
    assert hit.platform("your_webhook_secret")
    assert hit.standard("whsec_eW91cl93ZWJob29rX3NlY3JldA==")  # the same bytes in base64


def test_made_secrets_are_32_random_bytes() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(first) == len("whsec_") + 44


async def test_a_test_is_sent_once(hooks: Hooks) -> None:
    webhook = await hooks.listen("/status/500")
    delivery = await hooks.do(webhooks.test_webhook, id=webhook)
    await hooks.deliver()
    (hit,) = hooks.sink.hits
    assert hit.standard(SECRET)
    assert hit.id == delivery.id
    assert hit.document["type"] == "webhook.test"
    assert hit.document["data"]["object"] == {"id": webhook, "url": hooks.sink.url("/status/500")}
    assert (await hooks.row())["status"] == "failed"
    assert (await hooks.row("webhook"))["failing_since"] is None
