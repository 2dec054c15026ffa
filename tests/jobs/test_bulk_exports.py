"""Exports of queries: every page of every connection, from one snapshot, parents before children."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.jobs import BulkOperations, ExportedObject, JobRun, ResultFiles
from domain.jobs.exports.snapshot_run import MAX_BEGINNINGS, export_from_snapshot
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.principal import SCOPES
from domain.kernel.sql.executor import Executor
from tests.conftest import Client, Graph, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.jobs.bulk import Bulk, run_any
from tests.jobs.conftest import Finished, Running, StoredJob

TREE = "{ categories { nodes { id name products { nodes { sku } } } } }"
PRODUCTS = "{ products { nodes { sku name } } }"
START = """mutation ($text: String!, $variables: JSON) {
    startBulkExport(input: { query: $text, variables: $variables }) {
        job { id kind status resultUrl resultBytes progress { unit } } userErrors { code field message } } }"""


async def fill(database: Database, shop: Shop, count: int, *categories: str) -> list[str]:
    """Products of some categories; their SKUs in order."""
    skus = [f"SKU-{number:04}" for number in range(count)]
    for begin in range(0, count, 200):
        commands = [
            CreateProduct(name=f"P {sku}", sku=sku, price=Money(500, "GBP"), categories=categories)
            for sku in skus[begin : begin + 200]
        ]
        async with database.transaction(shop.live) as work:
            await catalog.create_products(work, shop.live, commands)
    return skus


async def test_all_pages_of_nested_connections_follow_their_parents(
    bulk: Bulk, database: Database, shop: Shop, rest: Client
) -> None:
    """Taken out: the loop of ``_walk`` (20 products of the category), ``endCursor`` (the first page for ever)."""
    for name in ("Things", "Others"):
        assert (await rest("POST", "/v2/categories", json={"name": name})).status_code == 201
    skus = await fill(database, shop, 450, "things")
    job = await bulk.finish(await bulk.start_export(TREE))
    assert (job["status"], job["counts"]) == ("succeeded", {"categories": 2, "categories.products": 450})
    lines = await bulk.result(job["id"])
    assert (job["done"], job["total"], len(lines)) == (452, 452, 452)
    names: dict[str, str] = {}
    for line in lines:
        if line["__connection"] == "categories":
            assert set(line) == {"id", "name", "__connection"}
            names[line["id"]] = line["name"]
        else:
            assert set(line) == {"sku", "__parentId", "__connection"}
            assert names[line["__parentId"]] == "Things"  # its parent came before
    assert sorted(line["sku"] for line in lines if "sku" in line) == skus


async def test_a_line_is_what_a_request_shows_of_the_node(bulk: Bulk, make_product: MakeProduct, rest: Client) -> None:
    """Fragments, aliases, variables and directives. Taken out: ``_wrapped`` (categories that are skipped), the
    arguments that stay (all products are dear)."""
    await make_product(name="Mug", sku="MUG", price=Money(1250, "GBP"))
    await make_product(name="Plate", sku="PLATE", price=Money(1, "GBP"))
    assert (await rest("POST", "/v2/categories", json={"name": "Skipped"})).status_code == 201
    query = """
        fragment F on Product { code: sku price { amount minorUnits currency } variants { inventory } }
        query ($filter: ProductFilter, $names: Boolean!) {
            dear: products(filter: $filter, first: 1) { edges { cursor node { ...F name @include(if: $names) } } }
            all: products(last: 2) { nodes @skip(if: $names) { ...F ... on Node { id } } totalCount }
            ... @include(if: $names) { categories { nodes { id } } }
        }"""
    variables = {"filter": {"priceFrom": {"amount": "10.00", "currency": "GBP"}}, "names": False}
    answer = (await rest("POST", "/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer
    (dear,) = answer["data"]["dear"]["edges"]
    lines = await bulk.export(query, **variables)
    assert lines[0] == {**dear["node"], "__connection": "dear"}
    assert lines[1:] == [{**node, "__connection": "all"} for node in answer["data"]["all"]["nodes"]]
    assert [line["code"] for line in lines] == ["MUG", "PLATE", "MUG"]


async def test_pages_that_are_too_large_for_an_answer_are_read_in_parts(
    bulk: Bulk, database: Database, shop: Shop
) -> None:
    """A hundred products are 49 MB; an operation returns 32. Taken out: ``shrink`` in ``_data`` (the job fails)."""
    text = "x" * 10_000
    commands = [
        CreateProduct(name="P", sku=f"S{number}", price=Money(1, "GBP"), description=text) for number in range(100)
    ]
    async with database.transaction(shop.live) as work:
        await catalog.create_products(work, shop.live, commands)
    many = " ".join(f"a{number}: description" for number in range(49))
    job = await bulk.finish(await bulk.start_export(f"{{ products {{ nodes {{ sku {many} }} }} }}"))
    assert (job["status"], job["counts"], job["error"]) == ("succeeded", {"products": 100}, None)
    assert job["result_bytes"] > 49 * 100 * 10_000


async def test_a_parent_has_its_id_though_it_was_not_selected(bulk: Bulk, rest: Client) -> None:
    """Taken out: ``own`` in ``_line``."""
    category = (await rest("POST", "/v2/categories", json={"name": "Things"})).json()
    lines = await bulk.export("{ categories { nodes { name products { nodes { sku } } } } }")
    assert lines == [{"id": category["id"], "name": "Things", "__connection": "categories"}]


async def test_an_export_sees_one_moment_however_much_changes_meanwhile(
    bulk: Bulk, database: Database, shop: Shop, rest: Client, running: Running, finished: Finished
) -> None:
    """Taken out: REPEATABLE READ of the snapshot (products are renamed, and there are more)."""
    await rest("POST", "/v2/categories", json={"name": "Things"})
    skus = await fill(database, shop, 401, "things")

    async def interrupted(run: JobRun) -> None:
        operations: BulkOperations = run.database.dependency(BulkOperations)

        async def objects(snapshot: Executor) -> AsyncGenerator[ExportedObject]:
            count = 0
            async for each in operations.queries.objects(run.parameters["query"], {}, run.principal, snapshot):
                yield each
                count += 1
                if count in (1, 300):
                    await change(count)

        await export_from_snapshot(run, objects)

    async def change(count: int) -> None:
        async with database.system_connection() as connection:
            text = "UPDATE product SET name = 'Changed', created_at = created_at + interval '1 day' WHERE store_id = $1"
            await connection.execute(text, shop.live.store.number)
        command = CreateProduct(name="New", sku=f"NEW-{count}", price=Money(1, "GBP"), categories=("things",))
        async with database.transaction(shop.live) as work:
            await catalog.create_products(work, shop.live, [command])

    started = await bulk.start_export(
        "{ products { nodes { sku name } } categories { nodes { products { nodes { sku name } } } } }"
    )
    async with running(interrupted):
        job = await finished(started.json()["id"])
    assert job["status"] == "succeeded", job["error"]
    lines = await bulk.result(job["id"])
    for connection in ("products", "categories.products"):
        shown = [line for line in lines if line["__connection"] == connection]
        assert sorted(line["sku"] for line in shown) == skus
        assert {line["name"] for line in shown} == {f"P {sku}" for sku in skus}


BAD = {
    "no GraphQL": ("{ products { nodes", {}, "Syntax Error"),
    "an unknown field": ("{ products { nodes { colour } } }", {}, "Cannot query field 'colour'"),
    "a mutation": ("mutation { cancelJob(input: { id: 1 }) { job { id } } }", {}, "Must be a query, not a mutation."),
    "a subscription": ("subscription { events { id } }", {}, "Must be a query, not a subscription."),
    "no connection": ("{ shop { name } }", {}, "shop is not a connection."),
    "introspection": ("{ __schema { types { name } } }", {}, "__schema is not a connection."),
    "no nodes": ("{ products { totalCount } }", {}, "Select `nodes { … }` of products."),
    "a connection within an object": (
        "{ orders { nodes { id customer { orders { nodes { id } } } } } }",
        {},
        "orders is a connection within customer.",
    ),
    "a variable that is missing": (
        "query ($f: ProductFilter!) { products(filter: $f) { nodes { id } } }",
        {},
        "Variable",
    ),
    "a variable of another type": (
        "query ($f: ProductFilter) { products(filter: $f) { nodes { id } } }",
        {"f": {"colour": "red"}},
        "Variable",
    ),
    "one of our variables": (
        "query ($export_id: String) { products(search: $export_id) { nodes { id } } }",
        {},
        "Names of variables must not begin with export_.",
    ),
    "several operations": ("query A { shop { name } } query B { shop { name } }", {}, "The document has several"),
    "a card number": ('{ products(search: "4242 4242 4242 4242") { nodes { id } } }', {}, "The document contains what"),
}


@pytest.mark.parametrize(("query", "variables", "message"), BAD.values(), ids=BAD.keys())
async def test_a_bad_query_is_refused_at_the_start(
    bulk: Bulk, graph: Graph, query: str, variables: dict[str, Any], message: str
) -> None:
    """Taken out: any of the refusals of ``QueryPlanner`` and ``GraphQLBulkQueries.check``."""
    answer = await bulk.start_export(query, **variables)
    assert answer.status_code == 422, answer.text
    (problem, *_) = answer.json()["error"]["details"]
    assert (problem["field"], problem["message"][: len(message)]) == ("query", message)
    payload = (await graph(START, text=query, variables=variables))["startBulkExport"]
    assert (payload["job"], payload["userErrors"][0]["field"]) == (None, ["query"])
    assert payload["userErrors"][0]["message"] == problem["message"]
    assert (await bulk.rest("GET", "/v2/jobs")).json()["data"] == []


async def test_a_query_that_one_object_makes_too_costly_is_refused(bulk: Bulk) -> None:
    """However short its pages are. Taken out: ``_check_page``."""
    levels = "id"
    for _ in range(5):
        levels = f"levels {{ variant {{ {levels} }} }}"
    many = " ".join(f"a{number}: variants {{ {levels} }}" for number in range(49))
    answer = await bulk.start_export(f"{{ products {{ nodes {{ {many} }} }} }}")
    assert answer.status_code == 422
    assert "limit" in answer.json()["error"]["details"][0]["message"]


async def test_graphql_starts_an_export_and_shows_its_result(
    bulk: Bulk, graph: Graph, make_product: MakeProduct, running: Running, finished: Finished
) -> None:
    await make_product(sku="MUG")
    payload = (await graph(START, text=PRODUCTS, variables={}))["startBulkExport"]
    assert payload["userErrors"] == []
    job = payload["job"]
    assert (job["kind"], job["status"], job["resultUrl"], job["resultBytes"], job["progress"]) == (
        "BULK_EXPORT",
        "QUEUED",
        None,
        None,
        {"unit": "objects"},
    )
    async with running(run_any):
        await finished(job["id"])
    shown = (await graph("query ($id: ID!) { job(id: $id) { resultUrl resultBytes counts } }", id=job["id"]))["job"]
    answer = await bulk.rest("GET", shown["resultUrl"])
    assert len(answer.content) == shown["resultBytes"]
    assert shown["counts"] == {"products": 1}


async def test_whoever_starts_or_reads_an_export_has_the_scopes_of_its_query(
    http: httpx.AsyncClient, bulk: Bulk, shop: Shop, other_shop: Shop, make_key: MakeKey, make_customer: MakeCustomer
) -> None:
    """Taken out: ``needed_scopes`` (201), ``job.scopes`` in ``may_see_job`` and in the filter of the list."""
    await make_customer()
    poor = Client(http, await make_key(shop.live, "products:read"))
    query = "{ customers { nodes { id email } } }"
    assert (await poor("POST", "/v2/exports", json={"query": query})).status_code == 403
    answer = (await poor("POST", "/graphql", json={"query": START, "variables": {"text": query}})).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    job = await bulk.finish(await bulk.start_export(query))
    strangers = (poor, Client(http, await make_key(shop.test)), Client(http, await make_key(other_shop.live)))
    for client in strangers:
        for path in (f"/v2/jobs/{job['id']}", f"/v2/jobs/{job['id']}/result"):
            assert (await client("GET", path)).status_code == 404
        assert (await client("POST", f"/v2/jobs/{job['id']}/cancel")).status_code == 404
        assert (await client("GET", "/v2/jobs")).json()["data"] == []
        sent = {
            "query": "query ($id: ID!) { job(id: $id) { id } node(id: $id) { id } }",
            "variables": {"id": job["id"]},
        }
        assert (await client("POST", "/graphql", json=sent)).json()["data"] == {"job": None, "node": None}
    rich = Client(http, await make_key(shop.live, "customers:read"))
    assert [each["id"] for each in (await rich("GET", "/v2/jobs")).json()["data"]] == [job["id"]]
    assert (await rich("GET", f"/v2/jobs/{job['id']}/result")).status_code == 200


async def test_a_list_that_shows_what_its_viewer_may_see_needs_all_scopes_of_that_viewer(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, bulk: Bulk, make_product: MakeProduct, database: Database,
    make_customer: MakeCustomer, stored: StoredJob,
) -> None:  # fmt: skip
    """Taken out: ``depends_on_viewer`` in ``needed_scopes`` (no scope is needed), ``scopes`` of ``JobRun``."""
    await make_product()
    await make_customer()
    async with asyncio.timeout(20):  # until the events have their positions
        while len((await bulk.rest("GET", "/v2/events")).json()["data"]) < 2:
            await asyncio.sleep(0.05)
    sees_products = Client(http, await make_key(shop.live, "products:read", "inventory:read"))
    bulk.rest = sees_products
    job = await bulk.finish(await bulk.start_export("{ events { nodes { type } } }"))
    assert (await stored(job["id"]))["scopes"] == ["inventory:read", "products:read"]
    assert [line["type"] for line in await bulk.result(job["id"])] == ["PRODUCT_CREATED"]
    assert set(SCOPES) > {"inventory:read", "products:read"}


async def test_a_cancelled_export_leaves_no_file(
    bulk: Bulk, database: Database, shop: Shop, running: Running, finished: Finished
) -> None:
    """Taken out: ``discard`` at a cancellation in ``writing_result``."""
    reached = asyncio.Event()

    async def stuck(run: JobRun) -> None:
        async def objects(snapshot: Executor) -> AsyncGenerator[ExportedObject]:
            yield ExportedObject("products", b"{}")
            reached.set()
            await asyncio.sleep(60)

        await export_from_snapshot(run, objects)

    started = (await bulk.start_export(PRODUCTS)).json()
    folder = database.dependency(ResultFiles).directory / str(shop.live.store.number)
    async with running(stuck):
        await asyncio.wait_for(reached.wait(), 10)
        assert len(list(folder.iterdir())) == 1
        await bulk.rest("POST", f"/v2/jobs/{started['id']}/cancel")
        job = await finished(started["id"])
    assert (job["status"], job["result_file_id"]) == ("cancelled", None)
    assert list(folder.iterdir()) == []
    assert (await bulk.rest("GET", f"/v2/jobs/{started['id']}/result")).status_code == 404


async def test_an_export_that_never_comes_to_its_end_is_given_up(
    bulk: Bulk, running: Running, finished: Finished
) -> None:
    """Each beginning saves its progress, so the runner does not count attempts. Taken out: ``MAX_BEGINNINGS``."""
    begun = 0

    async def dies(run: JobRun) -> None:
        async def objects(snapshot: Executor) -> AsyncGenerator[ExportedObject]:
            nonlocal begun
            begun += 1
            raise RuntimeError("as if the process had died")
            yield ExportedObject("products", b"{}")

        await export_from_snapshot(run, objects)

    started = (await bulk.start_export(PRODUCTS)).json()
    async with running(dies):
        job = await finished(started["id"])
    assert (job["status"], begun) == ("failed", MAX_BEGINNINGS)
    assert job["error"].startswith("The export was restarted 10 times")


async def test_an_error_of_the_query_itself_fails_the_job(bulk: Bulk) -> None:
    """Taken out: ``answer.failures`` in ``_data`` (an empty export)."""
    query = '{ orders(filter: { dateFrom: "2026-02-01", dateTo: "2026-01-01" }) { nodes { id } } }'
    job = await bulk.finish(await bulk.start_export(query))
    assert job["status"] == "failed"
    assert job["error"] == "The query failed: dateFrom: Must not be later than dateTo."
