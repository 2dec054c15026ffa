"""Deliveries: what a caller may see of them is the same, whoever writes it: graphql-core, plans, the database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest

from domain import webhooks
from domain.kernel.documents.document_reads import DocumentListing
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.sql.executor import Executor
from domain.webhooks.documents import DeliveryDocument
from resolvers.context import Context
from tests.execution.conftest import Court
from tests.execution.deliveries import ATTEMPTS, add_deliveries
from tests.execution.deliveries import SCOPES as BODY_SCOPES

COUNT = len(ATTEMPTS) * len(BODY_SCOPES)
MEMBERS = """id type status request event { id type } webhook { url }
  attempts { __typename number startedAt durationMs status error response }"""
IN_WEBHOOK = f"query ($id: ID!) {{ webhook(id: $id) {{ url deliveries(first: 100) {{ nodes {{ {MEMBERS} }} }} }} }}"
ONLY_ATTEMPTS = "query ($id: ID!) { webhook(id: $id) { deliveries(first: 100) { nodes { attempts { number } } } } }"
IN_WEBHOOKS = (
    f"{{ webhooks(first: 3) {{ nodes {{ id deliveries(first: 100) {{ totalCount nodes {{ {MEMBERS} }} }} }} }} }}"
)
# Each sees more than the one before.
CALLERS = (
    frozenset({"webhooks:read", "products:read"}),
    frozenset({"webhooks:read", "products:read", "customers:read"}),
    frozenset({"webhooks:read", "products:read", "customers:read", "orders:read"}),
    frozenset(SCOPES),
)


@pytest.fixture(scope="module")
def court(crowded: Court) -> Court:
    """A shop that other tests do not look at."""
    return crowded


@pytest.fixture(scope="module")
async def hook(court: Court) -> str:
    """The webhook."""
    return await add_deliveries(court.database, court.principal)


def caller(court: Court, scopes: frozenset[str]) -> Principal:
    """A caller with these scopes."""
    return replace(court.principal, scopes=scopes)


def visible(deliveries: list[dict[str, Any]]) -> tuple[int, int]:
    """How many bodies and responses are shown."""
    responses = [each["response"] for delivery in deliveries for each in delivery["attempts"]]
    return len([each for each in deliveries if each["request"]]), len([each for each in responses if each is not None])


@pytest.mark.parametrize("scopes", CALLERS, ids=len)
async def test_deliveries_of_a_webhook_are_one_statement(court: Court, hook: str, scopes: frozenset[str]) -> None:
    """For each caller with what they may see."""
    for text in (IN_WEBHOOK, IN_WEBHOOKS, ONLY_ATTEMPTS):
        operation = court.documents.operation(text, None)
        judged, planned = await court.answers(operation, {"id": hook}, caller(court, scopes))
        assert not judged.failures
        assert orjson.loads(judged.body) == orjson.loads(planned.body)
        assert court.writes(operation)
        court.read.clear()
        pushed = await court.answer(court.pushing, operation, {"id": hook}, caller(court, scopes))
        assert len([each for each in court.read if "jsonb_to_recordset" in each]) == len(court.read) == 1
        assert orjson.loads(pushed.body) == orjson.loads(judged.body)


async def test_a_caller_sees_the_bodies_whose_scopes_they_have(court: Court, hook: str) -> None:
    """More scopes show more; one that lacks the scope of a body gets neither it nor the responses to it."""
    operation = court.documents.operation(IN_WEBHOOK, None)
    seen = []
    for scopes in CALLERS:
        answer = await court.answer(court.pushing, operation, {"id": hook}, caller(court, scopes))
        found = orjson.loads(answer.body)["data"]["webhook"]["deliveries"]["nodes"]
        assert len(found) == COUNT
        seen.append(visible(found))
    assert seen == sorted(seen)
    assert len(set(seen)) == len(CALLERS)


@pytest.mark.parametrize("scopes", CALLERS, ids=len)
async def test_rest_writes_the_same_of_deliveries(court: Court, hook: str, scopes: frozenset[str]) -> None:
    """The database and Python."""
    principal, query = caller(court, scopes), Query(Window(100), {"webhook_id": hook})
    listing = DocumentListing(DeliveryDocument, webhooks.reads.deliveries)
    assert listing.written(principal, counted=False) is not None
    async with court.database.read_connection(principal.store, scopes=principal.scopes) as db:
        _, written = await listing.page(db, principal, query, counted=False)
        rows = (await webhooks.reads.deliveries.page(db, query)).rows
        documents = await DeliveryDocument.of_rows(db, principal, rows)
    assert [orjson.loads(each) for each in written] == [orjson.loads(orjson.dumps(each)) for each in documents]
    assert len(written) == COUNT


@asynccontextmanager
async def opened(court: Court, way: str, who: Principal) -> AsyncGenerator[Executor]:
    """An executor for a caller, opened in one of the ways."""
    database = court.database
    if way == "transaction":
        async with database.transaction(who) as work:
            yield work.reader
        return
    if way == "context":
        async with Context(who, database, "req_1").connection() as db:
            yield db
        return
    ways: dict[str, Callable[[], AbstractAsyncContextManager[Executor]]] = {
        "read": lambda: database.read_connection(who.store, scopes=who.scopes),
        "report": lambda: database.report_connection(who.store, who.scopes),
        "snapshot": lambda: database.snapshot(who.store, 9, who.scopes),
    }
    async with ways[way]() as db:
        yield db


@pytest.mark.parametrize("way", ["read", "report", "snapshot", "transaction", "context"])
async def test_each_way_to_the_database_knows_the_scopes_of_the_caller(court: Court, hook: str, way: str) -> None:
    who, query = caller(court, CALLERS[1]), Query(Window(100), {"webhook_id": hook})
    listing = DocumentListing(DeliveryDocument, webhooks.reads.deliveries)
    async with opened(court, way, who) as db:
        _, written = await listing.page(db, who, query, counted=False)
        rows = (await webhooks.reads.deliveries.page(db, query)).rows
        documents = await DeliveryDocument.of_rows(db, who, rows)
    assert visible([orjson.loads(each) for each in written]) == visible(documents) > (0, 0)


async def test_without_the_scopes_of_a_caller_no_body_is_shown(court: Court, hook: str) -> None:
    """As of a connection that was opened for nobody."""
    listing = DocumentListing(DeliveryDocument, webhooks.reads.deliveries)
    async with court.database.read_connection(court.principal.store) as db:
        query = Query(Window(100), {"webhook_id": hook})
        _, written = await listing.page(db, court.principal, query, counted=False)
    bodies, _ = visible([orjson.loads(each) for each in written])
    assert 0 < bodies <= BODY_SCOPES.count([]) * len(ATTEMPTS)


@pytest.mark.parametrize("scopes", CALLERS, ids=len)
async def test_one_delivery_is_written_by_the_database(court: Court, hook: str, scopes: frozenset[str]) -> None:
    """Null for a caller who may not read its event."""
    ids = "query ($id: ID!) { webhook(id: $id) { deliveries(first: 100) { nodes { id type } } } }"
    listed = await court.answer(court.plans, court.documents.operation(ids, None), {"id": hook})
    nodes = orjson.loads(listed.body)["data"]["webhook"]["deliveries"]["nodes"]
    operation = court.documents.operation(f"query ($id: ID!) {{ webhookDelivery(id: $id) {{ {MEMBERS} }} }}", None)
    for who in (scopes, scopes - {"products:read"}):
        for node in nodes[:4]:
            judged, planned = await court.answers(operation, {"id": node["id"]}, caller(court, who))
            assert orjson.loads(judged.body) == orjson.loads(planned.body)
            is_shown = orjson.loads(judged.body)["data"]["webhookDelivery"] is not None
            assert is_shown is (node["type"] == "webhook.test" or "products:read" in who)
    assert court.writes(operation)
