"""Payloads: one for all who ask the same, made in turn, and leases that last as long as their making."""

from __future__ import annotations

import asyncio
import secrets
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from domain import access, catalog, events, webhooks
from domain.catalog.commands import VariantInput
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan, Principal
from domain.webhooks.delivery.fair_turns import MAX_CONCURRENT_PAYLOADS, MAX_CONCURRENT_PER_STORE, FairTurns
from domain.webhooks.delivery.payloads import STORE_BYTES, PayloadCache
from gateway.adapters.http_sender import AiohttpSender
from gateway.execution import CompiledEngine
from gateway.webhooks import GraphQLPayloadRunner
from tests.conftest import Client
from tests.webhooks.conftest import LOOPBACK, SECRET, Hooks, hooks, hooks_url, sink  # noqa: F401 - fixtures

SLIM = "subscription { events { ... on ProductCreated { product { sku variants { sku } } } } }"


class WatchedShaper(GraphQLPayloadRunner):
    """A real one that counts what it makes, and holds up that of one store until told."""

    def __init__(self, hooks: Hooks) -> None:  # noqa: F811 - the fixture's value
        super().__init__(hooks.database, CompiledEngine())
        self.made: list[int] = []
        self.held: int | None = None
        self.free = asyncio.Event()

    async def run(self, query: str, principal: Principal, event: Any, work: Any = None) -> Any:
        self.made.append(principal.store.number)
        if principal.store.number == self.held:
            await self.free.wait()
        return await super().run(query, principal, event, work)


@asynccontextmanager
async def dispatcher_with(
    hooks: Hooks,  # noqa: F811 - the fixture's value
    shaper: GraphQLPayloadRunner,
    **given: Any,
) -> AsyncGenerator[webhooks.DeliveryDispatcher]:
    """A dispatcher beside the first, with a shaper of its own."""
    outbound = webhooks.WebhookDependencies(hooks.outbound.keyring, hooks.outbound.address_policy, shaper)
    sender = AiohttpSender(webhooks.AddressPolicy(LOOPBACK), deadline=1.0)
    try:
        yield webhooks.DeliveryDispatcher(hooks.database, outbound, sender, hooks.telemetry.deliveries, **given)
    finally:
        await sender.close()


async def another_shop(hooks: Hooks) -> Principal:  # noqa: F811
    async with hooks.database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, hooks.clock(), name=f"Shop {secrets.token_hex(6)}", plan=Plan.ENTERPRISE, currency="GBP"
        )
    return access.system_principal(stores[Mode.LIVE])


async def happen(hooks: Hooks, principal: Principal) -> None:  # noqa: F811
    sku = f"SKU-{secrets.token_hex(6)}"
    await hooks.do(catalog.create_product, principal, name="Mug", sku=sku, price=Money(500, "GBP"))
    await hooks.place()


async def test_c12_what_many_ask_alike_is_made_once(hooks: Hooks) -> None:  # noqa: F811
    """For endpoints of equal scopes. Taken out: the look at what is there in ``PayloadCache._found``; 12 are made."""
    shaper = WatchedShaper(hooks)
    narrow = await hooks.key("webhooks:write", "products:read")
    for number in range(10):
        await hooks.listen(f"/{number}", "product.created", query=SLIM)
    for number in range(10, 12):
        await hooks.listen(f"/{number}", "product.created", query=SLIM, principal=narrow)
    await hooks.happen(variants=(VariantInput(sku="V1"), VariantInput(sku="V2")))
    async with dispatcher_with(hooks, shaper) as dispatcher:
        await dispatcher.dispatch_due()
        await dispatcher.wait_idle()
    assert len(shaper.made) == 2
    assert len(hooks.sink.hits) == 12
    assert len({hit.body for hit in hooks.sink.hits}) == 1
    assert len({hit.id for hit in hooks.sink.hits}) == 1
    assert len({hit.headers["x-webhook-delivery"] for hit in hooks.sink.hits}) == 12


async def test_c12_no_store_waits_for_what_another_has_made(hooks: Hooks) -> None:  # noqa: F811
    """However much that is.

    Taken out: ``MAX_CONCURRENT_PER_STORE``; the first store has all turns, and nothing of the second arrives.
    """
    shaper = WatchedShaper(hooks)
    shaper.held = hooks.owner.store.number
    for number in range(3 * MAX_CONCURRENT_PAYLOADS):
        query = SLIM.replace("sku variants", f"a{number}: sku variants")
        await hooks.listen("/held", "product.created", query=query)
    other = await another_shop(hooks)
    await hooks.listen("/other", "product.created", principal=other, query=SLIM)
    await hooks.happen()
    async with dispatcher_with(hooks, shaper) as dispatcher:
        await dispatcher.dispatch_due()
        await happen(hooks, other)
        await dispatcher.dispatch_due()
        async with asyncio.timeout(10):
            while not hooks.sink.at("/other"):
                await asyncio.sleep(0.01)
        assert shaper.made.count(shaper.held) == MAX_CONCURRENT_PER_STORE
        assert hooks.sink.at("/held") == []
        shaper.free.set()
        await dispatcher.wait_idle()
    assert len(hooks.sink.at("/held")) == 3 * MAX_CONCURRENT_PAYLOADS


async def test_c12_a_lease_lasts_while_its_payload_is_made(hooks: Hooks) -> None:  # noqa: F811
    """Nobody else begins it meanwhile. Taken out: ``_keep_leases``; another worker takes it over after 30 seconds."""
    shaper = WatchedShaper(hooks)
    shaper.held = hooks.owner.store.number
    await hooks.listen("/ok", "product.created", query=SLIM)
    await hooks.happen()
    async with dispatcher_with(hooks, shaper, renewal_interval=0.01, poll=3_600) as dispatcher:
        working = asyncio.create_task(dispatcher.run())
        async with asyncio.timeout(10):
            while not shaper.made:
                await asyncio.sleep(0.01)
            first = (await hooks.row())["due_at"]
            hooks.clock.goes_on(seconds=25)
            while (await hooks.row())["due_at"] == first:
                await asyncio.sleep(0.01)
        hooks.clock.goes_on(seconds=25)
        assert not await hooks.dispatcher.dispatch_due()
        assert hooks.dispatcher.in_flight == 0
        shaper.free.set()
        await dispatcher.wait_idle()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert len(hooks.sink.hits) == 1
    assert (await hooks.row())["status"] == "delivered"


HEAVY = "v{0}: variants {{ sku product {{ name variants {{ sku product {{ name }} }} }} }}"
ALIASED = " ".join(HEAVY.format(number) for number in range(25))
HEAVIEST = f"subscription {{ events {{ ... on ProductUpdated {{ product {{ {ALIASED} }} }} }} }}"


async def test_c12_a_query_is_costed_for_the_largest_event_when_it_is_saved(rest: Client) -> None:
    """On both surfaces, created or changed; and refused with both numbers. Taken out: ``worst_cost`` in ``check``."""
    given = {"url": "https://hooks.example.com/", "events": ["product.updated"]}
    hook = (await rest("POST", "/v2/webhooks", json={**given, "query": SLIM})).json()
    for method, path in (("POST", "/v2/webhooks"), ("PUT", f"/v2/webhooks/{hook['id']}")):
        refused = await rest(method, path, json={**given, "query": HEAVIEST})
        assert refused.status_code == 422
        (problem,) = refused.json()["error"]["details"]
        assert (problem["field"], problem["code"]) == ("query", "TOO_LARGE")
        assert "at most 10000" in problem["message"]
    query = """mutation ($input: CreateWebhookInput!) {
        createWebhook(input: $input) { userErrors { code field message } }
    }"""
    sent = {"query": query, "variables": {"input": {**given, "query": HEAVIEST}}}
    (error,) = (await rest("POST", "/graphql", json=sent)).json()["data"]["createWebhook"]["userErrors"]
    assert (error["field"], error["code"], error["message"]) == (["query"], "TOO_LARGE", problem["message"])
    assert (await rest("GET", f"/v2/webhooks/{hook['id']}")).json()["query"] == SLIM


ORDINARY = [
    "... on ProductUpdated { product { name variants { sku price { amount } levels { onHand } } images { url } } }",
    "... on OrderCreated { order { number items { sku product { name } variant { sku } } customer { email } } }",
    "... on CustomerCreated { customer { email addresses { city } } }",
]


@pytest.mark.parametrize("selection", ORDINARY)
async def test_c12_what_people_ask_for_is_within_the_limit(hooks: Hooks, selection: str) -> None:  # noqa: F811
    """Fails when ``_worst`` counts a hundred times as much below a field."""
    await hooks.listen("/ok", query=f"subscription {{ events {{ {selection} }} }}")


async def test_c12_what_a_query_answers_is_bounded(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: ``MAX_PAYLOAD_BYTES`` in ``run``; the body is sent, and kept once for each endpoint."""
    aliases = " ".join(f"a{number}: variants {{ product {{ description }} }}" for number in range(20))
    await hooks.listen(query=f"subscription {{ events {{ ... on ProductCreated {{ product {{ {aliases} }} }} }} }}")
    variants = tuple(VariantInput(sku=f"V{number}") for number in range(100))
    await hooks.happen(description="d" * 2_000, variants=variants)
    await hooks.deliver()
    assert hooks.sink.hits == []
    (attempt,) = (await hooks.row())["attempts"]
    assert attempt["error"].startswith("The result of the query has ")
    assert attempt["error"].endswith(" bytes, at most 2097152 are allowed.")


async def test_c12_a_refused_result_is_not_held_by_its_error(hooks: Hooks) -> None:  # noqa: F811
    """A hundred refused payloads held 1 GB until garbage was collected. Fails without ``del data`` in ``run``, and
    without ``clear`` in ``Loaders.close``.
    """
    aliases = " ".join(f"a{number}: variants {{ product {{ description }} }}" for number in range(20))
    query = f"subscription {{ events {{ ... on ProductCreated {{ product {{ {aliases} }} }} }} }}"
    variants = tuple(VariantInput(sku=f"V{number}") for number in range(100))
    await hooks.happen(description="d" * 2_000, variants=variants)
    async with hooks.database.read_connection(hooks.owner.store) as db:
        event = (await events.reads.events.page(db, Query(Window(1)))).rows[0]
    runner = GraphQLPayloadRunner(hooks.database, CompiledEngine())
    errors: list[BaseException] = []
    for _ in range(3):  # from then on its statements are prepared, which would be counted below
        with pytest.raises(webhooks.PayloadQueryError):
            await runner.run(query, hooks.owner, event)
    tracemalloc.start()
    try:
        for _ in range(6):
            with pytest.raises(webhooks.PayloadQueryError) as refused:
                await runner.run(query, hooks.owner, event)
            errors.append(refused.value)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(errors) == 6
    assert held < 8 * 2**20


async def test_c12_a_large_body_is_sent_piece_by_piece(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: ``BytesIO`` in ``HttpSender.post``; the client warns that the loop may stand, an error in tests."""
    aliases = " ".join(f"a{number}: variants {{ product {{ description }} }}" for number in range(10))
    await hooks.listen(query=f"subscription {{ events {{ ... on ProductCreated {{ product {{ {aliases} }} }} }} }}")
    variants = tuple(VariantInput(sku=f"V{number}") for number in range(100))
    await hooks.happen(description="d" * 1_500, variants=variants)
    await hooks.deliver()
    (hit,) = hooks.sink.hits
    assert 2**20 < len(hit.body) < 2**21
    assert hit.platform(SECRET)


async def begun(turns: FairTurns, store: int, order: list[int]) -> asyncio.Event:
    """Takes a turn until the event is set; its store is noted when it begins."""
    end = asyncio.Event()

    async def hold() -> None:
        async with turns.turn(store):
            order.append(store)
            await end.wait()

    task = asyncio.create_task(hold())
    end.task = task  # type: ignore[attr-defined]  # kept, or it would be collected
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return end


async def test_c12_stores_take_turns() -> None:
    """Each in its turn, whoever asked first. Taken out: putting a store behind all others; 1 comes twice before 2."""
    turns, order = FairTurns(), list[int]()
    ends = [await begun(turns, store, order) for store in (1, 1, 1, 1, 2, 2, 3)]
    assert order == [1, 1, 2, 2, 3]
    for end in ends[:2]:
        end.set()
    await asyncio.sleep(0.01)
    assert order == [1, 1, 2, 2, 3, 1, 1]


async def test_c12_after_a_long_making_the_process_rests() -> None:
    """In proportion, so that requests have most of its time. Taken out: ``_is_resting``; the next begins at once."""
    now = 100.0
    turns, order = FairTurns(clock=lambda: now), list[int]()
    turns.took(0.001)
    await begun(turns, 1, order)
    assert order == [1]
    turns.took(1_000.0)
    waiting = await begun(turns, 2, order)
    assert order == [1]
    now += 2_999.0
    turns.look()
    await asyncio.sleep(0)
    assert order == [1]
    now += 2.0
    turns.look()
    await asyncio.sleep(0.01)
    assert order == [1, 2]
    waiting.set()


async def test_c12_who_leaves_the_queue_leaves_no_turn_behind() -> None:
    """Taken out: ``_leave``; the turn of the one that was cancelled is never given back."""
    turns, order = FairTurns(), list[int]()
    ends = [await begun(turns, 1, order) for _ in range(MAX_CONCURRENT_PER_STORE)]
    given_up = [await begun(turns, 1, order) for _ in range(3)]
    for each in given_up:
        each.task.cancel()  # type: ignore[attr-defined]  # as above
    for end in ends:
        end.set()
    await asyncio.sleep(0.01)
    await begun(turns, 1, order)
    assert order == [1] * (MAX_CONCURRENT_PER_STORE + 1)


async def test_c12_the_bytes_of_a_store_that_are_sent_are_bounded(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: ``has_room``; the payload is made although 32 MiB of its store's are being sent."""
    shaper = WatchedShaper(hooks)
    await hooks.listen("/ok", "product.created", query=SLIM)
    await hooks.happen()
    async with dispatcher_with(hooks, shaper) as dispatcher:
        payloads: PayloadCache = dispatcher._payloads
        payloads._sent[hooks.owner.store.number] = STORE_BYTES
        await dispatcher.dispatch_due()
        await asyncio.sleep(0.05)
        assert (shaper.made, hooks.sink.hits) == ([], [])
        payloads._sent[hooks.owner.store.number] = STORE_BYTES - 1
        payloads._turns.look()
        await dispatcher.wait_idle()
    assert len(hooks.sink.hits) == 1


async def test_b5_an_outcome_that_cannot_be_written_holds_up_no_other(
    hooks: Hooks,  # noqa: F811
    hooks_url: str,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nor is it tried for ever. Taken out: ``_write_alone``; the outcome after it is never written."""
    await hooks.listen("/a", "product.created")
    await hooks.listen("/b", "product.created")
    await hooks.happen()
    poisoned, other = await hooks.rows()
    owner = await asyncpg.connect(hooks_url)
    try:
        await owner.execute(
            f"ALTER TABLE webhook_delivery ADD CONSTRAINT poison CHECK (id <> '{poisoned['id']}' OR attempt = 0)"
        )
        await hooks.dispatcher.dispatch_due()
        async with asyncio.timeout(20):
            await hooks.dispatcher.wait_idle()
    finally:
        await owner.execute("ALTER TABLE webhook_delivery DROP CONSTRAINT poison")
        await owner.close()
    rows = {row["id"]: row for row in await hooks.rows()}
    assert rows[other["id"]]["status"] == "delivered"
    assert (rows[poisoned["id"]]["status"], rows[poisoned["id"]]["attempt"]) == ("pending", 0)
    assert f"saving the outcome of delivery {poisoned['id']} failed; it is dropped" in caplog.text
    hooks.clock.goes_on(seconds=31)
    await hooks.deliver()
    assert [row["status"] for row in await hooks.rows()] == ["delivered", "delivered"]
    assert sorted(hooks.sink.tries.values()) == [3]


async def test_b6_a_stopping_dispatcher_waits_for_what_is_in_flight(hooks: Hooks) -> None:  # noqa: F811
    """And claims nothing more; what is not sent yet is released at once. Taken out: the wait in ``_stop``; what was
    taken is sent again."""
    shaper = WatchedShaper(hooks)
    shaper.held = hooks.owner.store.number
    await hooks.listen("/slow/a", "product.created")
    await hooks.listen("/never", "product.created", query=SLIM)
    await hooks.happen()
    async with dispatcher_with(hooks, shaper, poll=3_600) as dispatcher:
        working = asyncio.create_task(dispatcher.run())
        async with asyncio.timeout(10):
            while not (hooks.sink.hits and shaper.made):
                await asyncio.sleep(0.005)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    endpoints = {row["id"]: row["url"].rpartition("/")[2] for row in await hooks.rows("webhook")}
    found = {endpoints[row["webhook_id"]]: (row["status"], row["lease"], row["attempt"]) for row in await hooks.rows()}
    assert found == {"a": ("delivered", None, 1), "never": ("pending", None, 0)}
    await hooks.deliver()
    assert [hit.path for hit in hooks.sink.hits] == ["/slow/a", "/never"]
