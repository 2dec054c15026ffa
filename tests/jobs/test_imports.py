"""Imports of products, stock and customers: what is taken and refused, dry runs, and second runs."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain import jobs
from domain.kernel.database import Database
from gateway.settings import Settings
from tests.conftest import Client, Graph, MakeKey, MakeProduct, Shop
from tests.jobs.conftest import Finished, Running
from tests.jobs.imports import JSON_LINES, Imports, bare

PRODUCTS = """sku,name,price,variant_sku,inventory,attributes.color,tags
MUG,Mug,5.00,MUG-RED,3,red,new; gift
MUG,,,MUG-BLUE,4,blue,
PLATE,"Plate, large",7.5,,2,,
BAD,,x,,,,
PLATE-2,Plate,1,PLATE-2,,,
"""


@pytest.fixture
def imports(rest: Client, running: Running, finished: Finished) -> Imports:
    return Imports(rest, running, finished)


async def test_products_are_created_with_their_variants_and_stock(imports: Imports, events: Any) -> None:
    """Rows of one SKU are one product. Taken out: ``joins`` of ``read_items`` (the second row of MUG is refused)."""
    job = await imports.run("products", PRODUCTS)
    assert (job["status"], job["done"], job["total"]) == ("succeeded", 5, 5)
    assert job["counts"] == {"created": 4, "refused": 1}
    mug = (await imports.rest("GET", "/v2/products/MUG")).json()
    assert (mug["name"], mug["price"], mug["tags"]) == ("Mug", 5.0, ["new", "gift"])
    variants = [(each["sku"], each["attributes"], each["inventory"]) for each in mug["variants"]]
    assert variants == [("MUG-RED", {"color": "red"}, 3), ("MUG-BLUE", {"color": "blue"}, 4)]
    plate = (await imports.rest("GET", "/v2/products/PLATE")).json()
    assert (plate["name"], plate["variants"][0]["sku"], plate["variants"][0]["inventory"]) == (
        "Plate, large",
        "PLATE",
        2,
    )
    assert (await imports.rest("GET", "/v2/products/BAD")).status_code == 404
    assert [(event["type"], event["origin"]) for event in await events()] == [("product.created", "import")] * 3


async def test_the_report_says_what_came_of_each_row(imports: Imports) -> None:
    """Taken out: ``append_report`` in ``run_import``."""
    job = await imports.run("products", PRODUCTS)
    rows = await imports.report(job["id"])
    assert bare(rows) == [
        ("2", "created", ""),
        ("3", "created", ""),
        ("4", "created", ""),
        ("5", "refused", "name"),
        ("5", "refused", "price"),
        ("6", "created", ""),
    ]
    assert [row[2][:5] for row in rows] == ["prod_", "prod_", "prod_", "", "", "prod_"]
    assert rows[3][4] == "This field is required."
    lines = await imports.rest("GET", f"/v2/jobs/{job['id']}/report", headers={"Accept": "application/x-ndjson"})
    first, *_ = map(json.loads, lines.text.splitlines())
    assert first == {"line": 2, "outcome": "created", "object_id": rows[0][2], "column": None, "reason": None}


async def test_the_same_file_again_changes_nothing(imports: Imports, events: Any) -> None:
    """Taken out: ``find_known`` of the importer (the rows are refused, as their SKUs are in use)."""
    await imports.run("products", PRODUCTS)
    products, told = (await imports.rest("GET", "/v2/products")).json()["data"], await events()
    job = await imports.run("products", PRODUCTS)
    assert job["counts"] == {"unchanged": 4, "refused": 1}
    assert (await imports.rest("GET", "/v2/products")).json()["data"] == products
    assert await events() == told


async def test_a_dry_run_reports_and_keeps_nothing(
    imports: Imports, graph: Graph, running: Running, finished: Finished, events: Any
) -> None:
    """Then the same file is imported without uploading it again. Taken out: ``raise _DryRunError``."""
    job = await imports.run("products", PRODUCTS, dry_run=True)
    assert (job["dry_run"], job["counts"]) == (True, {"created": 4, "refused": 1})
    assert [row[2] for row in await imports.report(job["id"])] == [""] * 6
    assert (await imports.rest("GET", "/v2/products")).json()["data"] == []
    assert await events() == []
    start = """mutation ($input: StartImportInput!) { startImport(input: $input) {
        job { id status dryRun fileId } userErrors { code } } }"""
    given = {"kind": "PRODUCTS", "mediaType": "text/csv", "fileId": job["file_id"]}
    started = (await graph(start, input=given))["startImport"]
    assert started["userErrors"] == []
    assert started["job"] == {"id": started["job"]["id"], "status": "QUEUED", "dryRun": False, "fileId": job["file_id"]}
    async with running(jobs.run_import):
        assert (await finished(started["job"]["id"]))["counts"] == {"created": 4, "refused": 1}
    assert len((await imports.rest("GET", "/v2/products")).json()["data"]) == 3


async def test_one_row_that_is_refused_by_the_store_keeps_none_of_the_others_out(
    imports: Imports, make_product: MakeProduct
) -> None:
    """A variant's SKU is in use. Taken out: the second loop of ``BatchWriter.write`` (all three are refused)."""
    await make_product(sku="OTHER", name="Other")
    content = "sku,name,price,variant_sku\nA,A,1,\nB,B,1,other\nC,C,1,\n"
    job = await imports.run("products", content)
    assert job["counts"] == {"created": 2, "refused": 1}
    assert bare(await imports.report(job["id"])) == [
        ("2", "created", ""),
        ("3", "refused", "variant_sku"),
        ("4", "created", ""),
    ]


async def test_json_lines_are_documents_as_rest_takes_them(imports: Imports) -> None:
    """Taken out: the decoder of its own (the price is a float, and the member twice is taken)."""
    lines = [
        {"sku": "MUG", "name": "Mug", "price": 19.99, "variants": [{"sku": "MUG-RED", "inventory": 3}]},
        {"sku": "PLATE", "name": "Plate", "price": "7", "colour": "red"},
        ["no", "object"],
    ]
    content = "\n".join(map(json.dumps, lines)) + '\n\n{"sku": "A", "sku": "B"}\n{"sku": NaN}\n'
    job = await imports.run("products", content, JSON_LINES)
    assert job["counts"] == {"created": 1, "refused": 4}
    assert bare(await imports.report(job["id"])) == [
        ("1", "created", ""),
        ("2", "refused", "colour"),
        ("2", "refused", "price"),
        ("3", "refused", ""),
        ("5", "refused", ""),
        ("6", "refused", ""),
    ]
    assert (await imports.rest("GET", "/v2/products/MUG")).json()["price"] == 19.99


async def test_stock_is_set_by_movements_of_the_difference(imports: Imports, make_product: MakeProduct) -> None:
    """Taken out: ``if not change`` of ``set_inventory`` is not ours; ``movement_id is None`` in ``write`` is."""
    await make_product(sku="MUG", name="Mug")
    content = "sku,quantity,location,note\nMUG,7,,counted in May\nNONE,1,,\nMUG,2,Nowhere,\nMUG,-1,,\n"
    job = await imports.run("stock", content)
    assert job["counts"] == {"updated": 1, "refused": 3}
    assert bare(await imports.report(job["id"])) == [
        ("2", "updated", ""),
        ("3", "refused", "sku"),
        ("4", "refused", "location"),
        ("5", "refused", "quantity"),
    ]
    (movement,) = (await imports.rest("GET", "/v2/inventory/MUG/movements")).json()["data"]
    assert (movement["quantity"], movement["note"]) == (7, "counted in May")
    again = await imports.run("stock", content)
    assert again["counts"] == {"unchanged": 1, "refused": 3}
    assert len((await imports.rest("GET", "/v2/inventory/MUG/movements")).json()["data"]) == 1


async def test_customers_are_created_with_an_address_and_the_channel_of_imports(imports: Imports) -> None:
    """Taken out: ``CHANNEL`` (it is `api`), the defaults of the address."""
    content = "email;first_name;last_name;line1;city;country\njane@example.com;Jane;Doe;1 Road;York;GB\nno;A;B;;;\n"
    job = await imports.run("customers", content)
    assert job["counts"] == {"created": 1, "refused": 1}
    assert bare(await imports.report(job["id"])) == [("2", "created", ""), ("3", "refused", "email")]
    (jane,) = (await imports.rest("GET", "/v2/customers")).json()["data"]
    assert (jane["first_name"], jane["acquisition_channel"]) == ("Jane", "import")
    (address,) = (await imports.rest("GET", f"/v2/customers/{jane['id']}/addresses")).json()["data"]
    assert (address["line1"], address["default_shipping"], address["default_billing"]) == ("1 Road", True, True)
    again = await imports.run("customers", content)
    assert again["counts"] == {"unchanged": 1, "refused": 1}


async def test_an_import_needs_the_scope_of_what_it_writes_before_its_body_is_read(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, settings: Settings, running: Running, finished: Finished
) -> None:
    """Taken out: ``check_parameters`` (the file is read first, then refused by the use case)."""
    client = Client(http, await make_key(shop.live, "products:write", "customers:read"))
    imports = Imports(client, running, finished)

    async def never() -> Any:
        raise AssertionError("the body was read")
        yield b""

    answer = await client("POST", "/v2/imports?kind=customers", content=never(), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"].endswith("customers:write.")
    job = await imports.run("products", PRODUCTS)  # to write is enough to see the job and its report
    assert len(await imports.report(job["id"])) == 6


async def test_another_store_cannot_read_the_report_nor_use_the_file(
    http: httpx.AsyncClient, other_shop: Shop, make_key: MakeKey, imports: Imports
) -> None:
    """Taken out: the store in ``ImportFiles.path``; ``require`` of the report."""
    job = await imports.run("products", PRODUCTS)
    stranger = Client(http, await make_key(other_shop.live))
    assert (await stranger("GET", f"/v2/jobs/{job['id']}/report")).status_code == 404
    query = "mutation ($input: StartImportInput!) { startImport(input: $input) { userErrors { code field } } }"
    for file in (job["file_id"], "upl_x", "../1/x"):
        given = {"kind": "PRODUCTS", "mediaType": "text/csv", "fileId": file}
        answer = await stranger("POST", "/graphql", json={"query": query, "variables": {"input": given}})
        assert answer.json()["data"]["startImport"] == {"userErrors": [{"code": "NOT_FOUND", "field": ["fileId"]}]}


async def test_a_repeat_under_an_idempotency_key_starts_one_job_and_keeps_one_file(
    imports: Imports, settings: Settings, shop: Shop
) -> None:
    """Taken out: ``files.remove`` of the handler (two files), ``_meaning`` (409 for none)."""
    options = {"params": {"kind": "products"}, "headers": {"Content-Type": "text/csv", "Idempotency-Key": "once"}}
    first = await imports.rest("POST", "/v2/imports", content=PRODUCTS, **options)
    again = await imports.rest("POST", "/v2/imports", content=PRODUCTS, **options)
    other = await imports.rest("POST", "/v2/imports", content=PRODUCTS + "X,X,1,,,,\n", **options)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert first.headers["Location"] == f"/v2/jobs/{first.json()['id']}"
    assert again.json() == first.json()
    folder = settings.data_dir / "imports" / str(shop.live.store.number)
    assert [path.name for path in folder.iterdir()] == [first.json()["file_id"]]


async def test_old_reports_and_files_are_removed(
    database: Database, imports: Imports, settings: Settings, shop: Shop
) -> None:
    """But not the file of a job that waits. Taken out: ``used`` in ``remove_old``; the lifetimes."""
    job = await imports.run("products", PRODUCTS)
    waiting = (await imports.send("products", PRODUCTS)).json()
    folder = settings.data_dir / "imports" / str(shop.live.store.number)
    files: jobs.ImportFiles = database.dependency(jobs.ImportFiles)
    now = database.clock()
    async with database.system_connection() as connection:
        for later, kept in ((timedelta(days=6), 2), (timedelta(days=8), 1)):
            for path in folder.iterdir():
                os.utime(path, (now.timestamp(),) * 2)
            await jobs.remove_old_files(database, files, now + later)
            assert len(list(folder.iterdir())) == kept
            while await jobs.delete_old_reports(connection, now + later):
                pass  # other tests' reports are of the same days
            assert bool(await imports.report(job["id"])) is (kept == 2)
        assert [path.name for path in folder.iterdir()] == [waiting["file_id"]]
        await jobs.delete_old_jobs(connection, now + timedelta(days=91))
    assert (await imports.rest("GET", f"/v2/jobs/{job['id']}")).status_code == 404
    assert (await imports.rest("GET", f"/v2/jobs/{waiting['id']}")).status_code == 200
