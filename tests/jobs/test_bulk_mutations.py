"""Bulk mutations: a mutation executed once for each line of variables, in order, with an outcome for each."""

from __future__ import annotations

import asyncio
import codecs
import gzip
from typing import Any

import httpx
import orjson
import pytest
from graphql import GraphQLObjectType

from domain.jobs import JobRun
from domain.kernel.database import Database
from resolvers.sources import ResultValueSource
from schema import schema as gateway_schema
from schema.strawberry_internals import core_schema, field_of
from tests.conftest import Client, Graph, MakeKey, MakeProduct, Shop
from tests.jobs.bulk import Bulk, run_any
from tests.jobs.conftest import Finished, Running, StoredJob

CREATE = """mutation ($input: CreateProductInput!) {
    createProduct(input: $input) { product { sku } userErrors { code field } } }"""
RENAME = """mutation ($id: ID!, $name: String!, $version: Int) {
    updateProduct(input: { id: $id, name: $name, expectedVersion: $version }) {
        product { name version } userErrors { code } } }"""
CUSTOMER = "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { id email } } }"
PAY = "mutation ($id: ID!) { capturePaymentIntent(input: { id: $id }) { userErrors { code } } }"
AGAIN = """mutation ($text: String!, $file: ID!) {
    startBulkMutation(input: { mutation: $text, mediaType: "application/x-ndjson", fileId: $file }) {
        job { kind fileId } userErrors { code field } } }"""


def product(sku: str, **given: Any) -> dict[str, Any]:
    """A line that creates a product."""
    return {"input": {"name": f"P {sku}", "sku": sku, "price": {"amount": "1.00", "currency": "GBP"}, **given}}


async def report(bulk: Bulk, id: str) -> list[tuple[int, str]]:
    """Lines and outcomes of a report."""
    answer = await bulk.rest("GET", f"/v2/jobs/{id}/report", headers={"Accept": "application/x-ndjson"})
    rows = [orjson.loads(line) for line in answer.content.splitlines()]
    return [(row["line"], row["outcome"]) for row in rows]


async def test_each_line_has_its_outcome_and_the_others_are_not_concerned(bulk: Bulk, events: Any) -> None:
    """Taken out: the savepoint of ``execute`` (the job fails), ``reason`` of the context (three succeeded)."""
    content = [
        orjson.dumps(product("A")),
        orjson.dumps(product("A")),  # taken
        b"",
        b"{not json",
        orjson.dumps({"input": {"sku": "B"}}),
        orjson.dumps({}),
        b"[1]",
        orjson.dumps(product("C")),
    ]
    job = await bulk.finish(await bulk.start_mutation(CREATE, b"\n".join(content)))
    assert (job["status"], job["done"], job["total"]) == ("succeeded", 7, 7), job["error"]
    assert job["counts"] == {"succeeded": 2, "refused": 5}
    lines = await bulk.result(job["id"])
    assert [line["line"] for line in lines] == [1, 2, 4, 5, 6, 7, 8]
    assert lines[0] == {"line": 1, "data": {"createProduct": {"product": {"sku": "A"}, "userErrors": []}}}
    taken = {"product": None, "userErrors": [{"code": "TAKEN", "field": ["input", "sku"]}]}
    assert lines[1]["data"]["createProduct"]["userErrors"][0]["code"] == taken["userErrors"][0]["code"]  # type: ignore[index]
    assert all("errors" in line and line.get("data") is None for line in lines[2:6])
    assert lines[2]["errors"][0]["message"] == "The body is not valid JSON in UTF-8, or it is nested too deeply."
    assert [outcome for _, outcome in await report(bulk, job["id"])] == ["succeeded", *["refused"] * 5, "succeeded"]
    assert [(each["type"], each["origin"]) for each in await events()] == [("product.created", "api")] * 2
    skus = [each["sku"] for each in (await bulk.rest("GET", "/v2/products")).json()["data"]]
    assert skus == ["C", "A"]


async def test_lines_are_executed_in_their_order(bulk: Bulk, make_product: MakeProduct) -> None:
    """Each needs the version that the one before has made. Taken out: the order of ``result_lines``."""
    made = await make_product(name="Name 0")
    lines = [{"id": made.id, "name": f"Name {number}", "version": number} for number in range(1, 40)]
    job = await bulk.mutate(RENAME, *lines)
    assert job["counts"] == {"succeeded": 39}
    found = [line["data"]["updateProduct"]["product"] for line in await bulk.result(job["id"])]
    assert found == [{"name": f"Name {number}", "version": number + 1} for number in range(1, 40)]


async def test_a_line_with_an_error_changes_nothing_of_its_several_fields(bulk: Bulk, events: Any) -> None:
    """Taken out: ``_RolledBackError`` in ``execute`` (the first product is there)."""
    mutation = """mutation ($a: CreateProductInput!, $id: ID!) {
        one: createProduct(input: $a) { product { id } }
        two: cancelJob(input: { id: $id }) { job { id } }
        three: createProduct(input: $a) { product { name } userErrors { code } } }"""
    job = await bulk.mutate(mutation, {"a": product("A")["input"], "id": "job_x"})
    assert job["counts"] == {"refused": 1}
    (line,) = await bulk.result(job["id"])
    assert line["data"]["two"] == {"job": None}
    assert line["data"]["three"]["userErrors"] == [{"code": "TAKEN"}]
    assert len(await events()) == 1  # user errors leave the other fields, as in a request


BAD_FILES = {
    "an empty line alone": (b"\n", "The file is empty."),
    "zip": (b"PK\x03\x04" + b"x" * 100, "The file is compressed: zip"),
    "gzip": (gzip.compress(orjson.dumps(product("A"))), "The file is compressed: gzip."),
    "not UTF-8 at the end": (
        orjson.dumps(product("A")) + '\n{"input": "Caf\u00e9"}'.encode("latin-1"),
        "The file is not UTF-8: byte",
    ),
    "a line without end": (
        orjson.dumps(product("A")) + b"\n" + b"x" * 1_100_000,
        "Line 2 has more than 1,048,576 bytes.",
    ),
    "CSV": (b"sku,name\nA,B\n", "The file is not JSON Lines: line 1"),
}


@pytest.mark.parametrize(("content", "error"), BAD_FILES.values(), ids=BAD_FILES.keys())
async def test_a_bad_file_is_refused_before_any_line_is_executed(bulk: Bulk, content: bytes, error: str) -> None:
    """Taken out: ``_count`` in ``run_bulk_mutation`` (a product is there)."""
    job = await bulk.finish(await bulk.start_mutation(CREATE, content))
    assert (job["status"], job["error"][: len(error)]) == ("failed", error)
    assert job["counts"] == {}
    assert (await bulk.rest("GET", "/v2/products")).json()["data"] == []


async def test_utf_16_and_marks_are_recognised(bulk: Bulk) -> None:
    line = orjson.dumps(product("A", description="Caf\u00e9")).decode()
    for content in (codecs.BOM_UTF8 + line.encode(), codecs.BOM_UTF16_LE + line.encode("utf-16-le")):
        job = await bulk.finish(await bulk.start_mutation(CREATE, content))
        assert sum(job["counts"].values()) == 1


BAD_MUTATIONS = {
    "no GraphQL": ("mutation {", "Syntax Error"),
    "a query": ("{ shop { name } }", "Must be a mutation, not a query."),
    "what calls the outside world": (PAY, "This mutation calls an external service."),
    "a secret": (
        'mutation { ...M } fragment M on Mutation { createApiKey(input: { name: "k", scopes: [] }) { s: secret } }',
        "The result would contain a secret.",
    ),
    "an unknown field": ("mutation { explode { id } }", "Cannot query field 'explode'"),
    "a card number": ('mutation { cancelJob(input: { id: "4242 4242 4242 4242" }) { job { id } } }', "The document"),
}


@pytest.mark.parametrize(("mutation", "message"), BAD_MUTATIONS.values(), ids=BAD_MUTATIONS.keys())
async def test_a_bad_mutation_is_refused_at_the_start(
    bulk: Bulk, database: Database, shop: Shop, mutation: str, message: str
) -> None:
    """And the file is removed. Taken out: any of the refusals of ``GraphQLBulkMutations.check``."""
    answer = await bulk.start_mutation(mutation, orjson.dumps(product("A")))
    assert answer.status_code == 422, answer.text
    problem = answer.json()["error"]["details"][0]
    assert (problem["field"], problem["message"][: len(message)]) == ("mutation", message)
    assert (await bulk.rest("GET", "/v2/jobs")).json()["data"] == []


def test_every_secret_that_a_mutation_returns_is_known_as_one() -> None:
    """Fails when a payload gets a secret as a plain value."""
    schema = core_schema(gateway_schema)
    secrets = {
        (payload.name, name): getattr(field_of(field), "source", None)
        for payload in schema.type_map.values()
        if isinstance(payload, GraphQLObjectType) and payload.name.endswith("Payload")
        for name, field in payload.fields.items()
        if "secret" in name.casefold()
    }
    assert len(secrets) == 5
    assert all(isinstance(source, ResultValueSource) and source.is_secret for source in secrets.values())


async def test_whoever_starts_a_bulk_mutation_has_its_scopes(
    http: httpx.AsyncClient, bulk: Bulk, shop: Shop, make_key: MakeKey
) -> None:
    """Taken out: ``needed_scopes``, ``_admit_mutation``."""
    own = bulk.rest
    for scopes in (("inventory:write",), ("products:read",)):
        bulk.rest = Client(http, await make_key(shop.live, *scopes))
        assert (await bulk.start_mutation(CREATE, orjson.dumps(product("A")))).status_code == 403
    bulk.rest = Client(http, await make_key(shop.live, "products:write"))
    job = await bulk.mutate(CREATE, product("A"))
    assert job["counts"] == {"succeeded": 1}
    assert len(await bulk.result(job["id"])) == 1
    bulk.rest = Client(http, await make_key(shop.live, "products:read", "inventory:write"))
    assert (await bulk.rest("GET", f"/v2/jobs/{job['id']}")).status_code == 404
    bulk.rest = own


async def test_a_key_that_loses_its_right_does_not_stop_what_it_has_begun(
    http: httpx.AsyncClient, bulk: Bulk, shop: Shop, make_key: MakeKey
) -> None:
    """And a line may do no more than that key could. Taken out: ``parameters["scopes"]`` in ``JobRun``."""
    own = bulk.rest
    bulk.rest = Client(http, await make_key(shop.live, "products:write"))
    started = await bulk.start_mutation(CREATE, orjson.dumps(product("A", inventory=3)))
    bulk.rest = own
    key = started.json()["created_by"]
    assert (await bulk.rest("DELETE", f"/v2/access/keys/{key}")).status_code == 204
    job = await bulk.finish(started)
    assert job["counts"] in ({"succeeded": 1}, {"refused": 1})
    assert job["created_by"] == key


async def test_graphql_executes_an_uploaded_file_again(
    bulk: Bulk, graph: Graph, running: Running, finished: Finished
) -> None:
    job = await bulk.mutate(CREATE, product("A"))
    payload = (await graph(AGAIN, text=CREATE, file=job["file_id"]))["startBulkMutation"]
    assert payload == {"job": {"kind": "BULK_MUTATION", "fileId": job["file_id"]}, "userErrors": []}
    payload = (await graph(AGAIN, text=CREATE, file="upl_00000000000000000000000000"))["startBulkMutation"]
    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["fileId"]}]


async def test_an_upload_repeated_under_its_key_starts_one_job(bulk: Bulk) -> None:
    content = orjson.dumps(product("A"))
    answers = [await bulk.start_mutation(CREATE, content, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await bulk.rest("GET", "/v2/jobs")).json()["data"]) == 1


async def stopped_after(bulk: Bulk, running: Running, stored: StoredJob, id: str, count: int) -> None:
    """Run a job until so many lines are executed."""

    async def slowly(run: JobRun) -> None:
        async def watch() -> None:
            while run.done < count:
                await asyncio.sleep(0.001)

        executing, watching = asyncio.ensure_future(run_any(run)), asyncio.ensure_future(watch())
        await asyncio.wait([executing, watching], return_when=asyncio.FIRST_COMPLETED)
        executing.cancel()
        await asyncio.sleep(3600)

    async with running(slowly), asyncio.timeout(20):
        while (await stored(id))["done"] < count:
            await asyncio.sleep(0.02)


async def test_a_cancelled_bulk_mutation_says_what_it_has_done(
    bulk: Bulk, running: Running, stored: StoredJob, finished: Finished
) -> None:
    """Taken out: ``append_outcome`` in ``_record``."""
    content = b"\n".join(orjson.dumps(product(f"A{number}")) for number in range(200))
    id = (await bulk.start_mutation(CREATE, content)).json()["id"]
    await stopped_after(bulk, running, stored, id, 5)
    await bulk.rest("POST", f"/v2/jobs/{id}/cancel")
    async with running(run_any):
        job = await finished(id)
    assert job["status"] == "cancelled"
    made = (await bulk.rest("GET", "/v2/products?limit=200")).json()["data"]
    assert 5 <= len(made) < 200
    assert await report(bulk, id) == [(number, "succeeded") for number in range(1, len(made) + 1)]
    assert (await bulk.rest("GET", f"/v2/jobs/{id}/result")).status_code == 404


async def test_erasing_a_customer_blanks_the_lines_about_them(
    bulk: Bulk, running: Running, stored: StoredJob, finished: Finished
) -> None:
    """While the job is under way; once it is done, its result is removed. Taken out: ``_BLANK_LINES``."""
    lines = [{"input": {"email": f"jane{number}@example.com"}} for number in range(50)]
    content = b"\n".join(map(orjson.dumps, lines))
    id = (await bulk.start_mutation(CUSTOMER, content)).json()["id"]
    await stopped_after(bulk, running, stored, id, 3)
    found = (await bulk.rest("GET", "/v2/customers?email=jane1@example.com")).json()["data"]
    (jane,) = [each for each in found if each["email"] == "jane1@example.com"]
    assert (await bulk.rest("POST", f"/v2/customers/{jane['id']}/erase")).status_code == 201
    async with running(run_any):
        job = await finished(id)
    assert job["counts"] == {"succeeded": 50}
    result = await bulk.result(id)
    assert result[1] == {"line": 2, "erased": True}
    emails = [line["data"]["createCustomer"]["customer"]["email"] for line in result if "data" in line]
    assert emails == [f"jane{number}@example.com" for number in range(50) if number != 1]
    other = (await bulk.rest("GET", "/v2/customers?email=jane2@example.com")).json()["data"][0]
    assert (await bulk.rest("POST", f"/v2/customers/{other['id']}/erase")).status_code == 201
    assert (await bulk.rest("GET", f"/v2/jobs/{id}/result")).status_code == 404
