"""A use case that calls out, by both doors: each request and each repeat is answered, and things change once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from domain import access, catalog
from domain.access.commands import CreateApiKey
from domain.catalog.commands import CreateProduct
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.outbound_execution import OutboundReconciler
from domain.kernel.principal import Mode, Plan
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.gateway.conftest import Talk, serving, talking
from tests.marketplace import listing
from tests.marketplace.server import Behaviour, Marketplace, open_marketplace
from tests.marketplace.surfaces import SCHEMA, WITH_LISTING

LIST = """mutation ($id: ID!) { listProduct(input: { id: $id }) {
  state product { id version metadata } userErrors { code field } } }"""
DOORS = ("rest", "graphql")
ENGINES = ("compiled", "strawberry")
Door = Callable[..., Any]


@pytest.fixture
async def market() -> AsyncGenerator[Marketplace]:
    """The outside."""
    with listing.registered():
        async with open_marketplace() as opened:
            yield opened


@pytest.fixture
async def own(database_url: str, market: Marketplace) -> AsyncGenerator[Database]:
    """A database with one connection for writes: whoever holds it during a call stops all others."""
    options = DatabaseOptions(
        database_url,
        read_connections=2,
        write_connections=1,
        system_connections=1,
        identity_connections=1,
        reactions=SIGNAL_HANDLERS,
    )
    database = Database(options)
    database.provide(listing.SocketPort(market.port), listing.Listing)
    await database.open()
    yield database
    async with database.system_connection() as connection:
        await connection.execute("DELETE FROM outbound_attempt")  # others count what is due
    await database.close()


@pytest.fixture(params=ENGINES)
async def client(
    request: Any, own: Database, settings: Settings, shop: Shop, make_key: MakeKey
) -> AsyncGenerator[Client]:
    """A client of the application with the use case in it, by each engine."""
    app = build(settings.model_copy(update={"engine": request.param}), own, of=SCHEMA, endpoints=WITH_LISTING)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield Client(http, await make_key(shop.live))


async def ask(client: Client, door: str, product_id: str, key: str | None = None) -> httpx.Response:
    """List a product."""
    headers = {} if key is None else {"Idempotency-Key": key}
    if door == "rest":
        return await client("POST", f"/v2/products/{product_id}/list", json={}, headers=headers)
    return await client("POST", "/graphql", json={"query": LIST, "variables": {"id": product_id}}, headers=headers)


def metadata(answer: httpx.Response) -> Any:
    """Of the product in an answer of either door."""
    body = answer.json()
    assert "errors" not in body, body
    return body["metadata"] if "metadata" in body else body["data"]["listProduct"]["product"]["metadata"]


def code(answer: httpx.Response) -> str | None:
    """Why a request was refused, by either door."""
    body = answer.json()
    if body.get("data"):
        return next((error["code"] for error in body["data"]["listProduct"]["userErrors"]), None)
    if "errors" in body and "extensions" in body["errors"][0]:
        problems = body["errors"][0]["extensions"].get("problems")
        return str(problems[0]["code"]) if problems else str(body["errors"][0]["extensions"]["code"])
    return str(body)


async def reconcile(database: Database, hours: int = 1) -> None:
    """As the worker does, hours later."""
    later = OutboundReconciler(database, access.stores_by_number, clock=lambda: system_clock() + timedelta(hours=hours))
    while await later.reconcile_due():
        pass


async def attempts(database: Database, shop: Shop) -> list[Any]:
    """The rows of the store."""
    async with database.system_connection() as connection:
        found: list[Any] = await connection.fetch(
            "SELECT * FROM outbound_attempt WHERE store_id = $1", shop.live.store.number
        )
    return found


async def reconcile_until_settled(database: Database, shop: Shop) -> None:
    """In rounds an hour apart: a look-up that takes longer than a second, as on a busy machine, is due again."""
    for hours in range(1, 11):
        await reconcile(database, hours)
        if all(each["state"] == "settled" for each in await attempts(database, shop)):
            return
    raise AssertionError("ten rounds did not settle the attempt")


async def product_metadata(client: Client, product_id: str) -> Any:
    """What the product says of its listing."""
    return (await client("GET", f"/v2/products/{product_id}")).json()["metadata"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("behaviour", "state"),
    [(Behaviour.SUCCEED, "listed"), (Behaviour.TWICE, "listed"), (Behaviour.REFUSE, "refused")],
)
async def test_the_answer_shows_what_came_of_the_call_and_is_repeated(
    client: Client,
    market: Marketplace,
    make_product: MakeProduct,
    own: Database,
    shop: Shop,
    events: Any,
    door: str,
    behaviour: Behaviour,
    state: str,
) -> None:
    product = await make_product()
    market.behaviour = behaviour
    first = await ask(client, door, product.id, "once")
    assert first.status_code == (201 if door == "rest" else 200), first.text
    assert (metadata(first)["listing"], metadata(first)["settled"]) == (state, "1")
    again = await ask(client, door, product.id, "once")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    key = product.id.replace("prod_", "lst_")
    assert (market.sends[key], market.effects[key]) == (1, 1)
    assert [event["type"] for event in await events()] == ["product.created", "product.updated", "product.updated"]
    (attempt,) = await attempts(own, shop)
    assert (attempt["state"], attempt["request"], attempt["next_check_at"]) == ("settled", "{}", None)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "behaviour", [Behaviour.LATE, Behaviour.NEVER, Behaviour.BREAK, Behaviour.LOSE, Behaviour.NONSENSE]
)
async def test_an_unknown_outcome_shows_the_object_as_it_is_and_is_settled_later(
    client: Client,
    market: Marketplace,
    make_product: MakeProduct,
    own: Database,
    shop: Shop,
    events: Any,
    door: str,
    behaviour: Behaviour,
) -> None:
    """Taken out: the second half for the first that knows only (settled twice); the look-up (never settled)."""
    product = await make_product()
    market.behaviour = behaviour
    first = await ask(client, door, product.id, "once")
    assert first.status_code == (201 if door == "rest" else 200), first.text
    assert (metadata(first)["listing"], metadata(first)["settled"]) == ("processing", "0")
    assert [row["state"] for row in await attempts(own, shop)] == ["in_flight"]
    market.behaviour = Behaviour.SUCCEED
    market.is_silent = True
    await reconcile(own)
    assert (await product_metadata(client, product.id))["listing"] == "processing"
    market.is_silent = False
    await asyncio.gather(reconcile(own, 2), reconcile(own, 2), reconcile(own, 3))
    shown = await product_metadata(client, product.id)
    assert (shown["listing"], shown["settled"]) == ("listed", "1")
    again = await ask(client, door, product.id, "once")
    assert (again.headers["Idempotent-Replayed"], again.content) == ("true", first.content)
    assert market.effects == {product.id.replace("prod_", "lst_"): 1}
    assert len(await events()) == 3


@pytest.mark.parametrize("door", DOORS)
async def test_no_connection_is_held_while_the_call_runs_and_a_repeat_is_in_flight(
    client: Client, market: Marketplace, make_product: MakeProduct, own: Database, shop: Shop, door: str
) -> None:
    """There is one connection for writes. Taken out: the commit before the call."""
    product = await make_product()
    market.behaviour = Behaviour.NEVER
    first = asyncio.create_task(ask(client, door, product.id, "once"))
    await market.received.wait()
    async with own.transaction(shop.live):
        pass
    refused = await ask(client, door, product.id, "once")
    assert (code(refused) if door == "graphql" else refused.status_code) in ("IN_FLIGHT", 409)
    assert refused.headers["Retry-After"] == "1"
    market.release.set()
    assert metadata(await first)["listing"] == "listed"
    assert (await ask(client, door, product.id, "once")).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("door", DOORS)
async def test_a_refusal_by_the_first_half_changes_nothing_and_is_not_stored(
    client: Client, market: Marketplace, make_product: MakeProduct, own: Database, shop: Shop, door: str
) -> None:
    product = await make_product()
    assert metadata(await ask(client, door, product.id))["listing"] == "listed"
    for _ in range(2):
        refused = await ask(client, door, product.id, "refused")
        assert "Idempotent-Replayed" not in refused.headers
        assert code(refused) == "ILLEGAL_TRANSITION" or refused.status_code == 409
    assert len(await attempts(own, shop)) == 1
    assert sum(market.sends.values()) == 1


@pytest.mark.parametrize("door", DOORS)
async def test_a_repeat_after_a_death_is_in_flight_until_the_reconciler_has_settled(
    client: Client, market: Marketplace, make_product: MakeProduct, own: Database, shop: Shop, door: str
) -> None:
    """The client's task is cancelled in the middle of the call, as by a death: no second transaction runs."""
    product = await make_product()
    market.behaviour = Behaviour.NEVER
    first = asyncio.create_task(ask(client, door, product.id, "once"))
    await market.received.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    market.behaviour = Behaviour.SUCCEED
    refused = await ask(client, door, product.id, "once")
    assert refused.headers["Retry-After"] == "1"
    await reconcile_until_settled(own, shop)
    repeated = await ask(client, door, product.id, "once")
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert (metadata(repeated)["listing"], metadata(repeated)["settled"]) == ("listed", "1")
    again = await ask(client, door, product.id, "once")
    assert (again.headers["Idempotent-Replayed"], again.content) == ("true", repeated.content)


@pytest.mark.parametrize("door", DOORS)
async def test_an_unusable_key_leaves_no_transaction_behind(
    client: Client, market: Marketplace, make_product: MakeProduct, own: Database, shop: Shop, door: str
) -> None:
    """There is one connection for writes."""
    product = await make_product()
    for _ in range(2):
        refused = await ask(client, door, product.id, "a b")
        assert refused.status_code == 400, refused.text
    assert metadata(await ask(client, door, product.id))["listing"] == "listed"


@pytest.mark.parametrize("door", DOORS)
async def test_a_second_half_that_fails_is_undone_and_tried_again_by_the_reconciler(
    client: Client, market: Marketplace, make_product: MakeProduct, own: Database, shop: Shop, door: str
) -> None:
    """The call is made once; its request is in flight until somebody can settle it."""
    product = await make_product()
    market.behaviour = Behaviour.BLUNDER
    failed = await ask(client, door, product.id, "once")
    assert failed.status_code == 500 if door == "rest" else code(failed) == "INTERNAL", failed.text
    assert (await ask(client, door, product.id, "once")).headers["Retry-After"] == "1"
    shown = await product_metadata(client, product.id)
    assert (shown["listing"], shown["settled"]) == ("processing", "0")
    key = product.id.replace("prod_", "lst_")
    market.outcomes[key]["code"] = "not_wanted"
    await reconcile(own)
    assert metadata(await ask(client, door, product.id, "once"))["listing"] == "refused"
    assert (market.sends[key], market.effects[key]) == (1, 1)


async def test_a_mutation_that_calls_out_stands_alone(
    client: Client, make_product: MakeProduct, market: Marketplace
) -> None:
    product = await make_product()
    call = f'listProduct(input: {{ id: "{product.id}" }}) {{ state }}'
    archive = f'archiveProduct(input: {{ id: "{product.id}" }}) {{ product {{ id }} }}'
    for query in (
        f"mutation {{ {call} {archive} }}",
        f"mutation {{ {archive} ...more }} fragment more on Mutation {{ {call} }}",
        f"mutation {{ a: {call} b: {call} }}",
        f"mutation {{ {call} __typename }}",
        f"mutation {{ ... on Mutation {{ {call} }} {archive} }}",
        f"mutation ($a: Boolean = true) {{ {call} x: __typename @skip(if: $a) }}",
    ):
        answer = await client("POST", "/graphql", json={"query": query})
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert error["message"] == "listProduct must be the one field of its operation. Send the others by themselves."
    assert market.sends == {}
    merged = f"mutation {{ ...more {call} }} fragment more on Mutation {{ {call.replace('state', '__typename')} }}"
    answer = await client("POST", "/graphql", json={"query": merged})
    assert answer.json() == {"data": {"listProduct": {"__typename": "ListProductPayload", "state": "listed"}}}


async def test_every_transport_calls_out_and_refuses_a_companion(
    market: Marketplace, database_url: str, settings: Settings, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    database = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS))
    database.provide(listing.SocketPort(market.port), listing.Listing)
    key, first, second = await make_key(shop.live), await make_product(), await make_product()
    companion = LIST.replace("listProduct", "__typename listProduct")
    app = build(settings, database, of=SCHEMA, endpoints=WITH_LISTING)
    async with serving(app) as running:
        headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers) as web:
            refused = await web.post("/graphql/stream", json={"query": companion, "variables": {"id": first.id}})
            assert "GRAPHQL_VALIDATION_FAILED" in refused.text
            answer = await web.post("/graphql/stream", json={"query": LIST, "variables": {"id": first.id}})
            data = next(line for line in answer.text.splitlines() if line.startswith("data: {"))
            assert orjson.loads(data[6:])["data"]["listProduct"]["state"] == "listed"
        async with talking(running.socket_url) as talk:
            await talk.init(key)
            await over_socket(talk, companion, second.id)


async def test_a_running_gateway_settles_by_itself(
    market: Marketplace, own_database_url: str, settings: Settings
) -> None:
    """In a database of its own: another gateway, which does not know the marketplace, would lease the attempt.

    Taken out: the reconciler among the tasks of the application.
    """
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS))
    database.provide(listing.SocketPort(market.port), listing.Listing)
    market.behaviour = Behaviour.BREAK
    app = build(settings, database, of=SCHEMA, endpoints=WITH_LISTING)
    async with serving(app) as running, httpx.AsyncClient(base_url=running.url) as http, asyncio.timeout(60):
        async with database.admin_transaction() as work:
            stores = await access.create_account(work, database.clock(), name="H", plan=Plan.FREE, currency="GBP")
        owner = access.system_principal(stores[Mode.LIVE])
        async with database.transaction(owner) as work:
            key = await access.create_key(work, owner, CreateApiKey(name="test", scopes=("all",)))
            product = await catalog.create_product(work, owner, CreateProduct(name="a", sku="A", price=Money(1, "GBP")))
        client = Client(http, key.secret)
        assert metadata(await ask(client, "rest", product.id))["listing"] == "processing"
        while (await product_metadata(client, product.id))["listing"] == "processing":
            await asyncio.sleep(0.2)
        assert (await product_metadata(client, product.id))["settled"] == "1"
    assert market.effects == {product.id.replace("prod_", "lst_"): 1}


async def over_socket(talk: Talk, companion: str, product_id: str) -> None:
    """Refused with a companion, answered alone, and repeated."""
    variables, once = {"id": product_id}, {"idempotencyKey": secrets.token_hex(4)}
    await talk.ask(companion, "1", variables=variables)
    assert (await talk.hear())["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    for id, replayed in (("2", None), ("3", {"idempotentReplayed": True})):
        await talk.ask(LIST, id, variables=variables, extensions=once)
        payload = (await talk.hear())["payload"]
        assert (payload["data"]["listProduct"]["state"], payload.get("extensions")) == ("listed", replayed)
        assert (await talk.hear())["type"] == "complete"
