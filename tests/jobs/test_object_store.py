"""Uploaded files and results in an object store: seen by machines that share no directory, and removed in time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from domain import access, jobs
from domain.jobs.commands import ImportKind
from domain.jobs.object_store import READ_BYTES
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.adapters.s3_objects import PART_BYTES
from gateway.jobs import import_files, object_store
from gateway.settings import Settings
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct
from tests.conftest import Shop as Account
from tests.gateway.command import gateway_here
from tests.jobs.conftest import Finished
from tests.jobs.machines import PRODUCTS, MakeMachine, environment, result, upload
from tests.jobs.test_processes import Shop, run_and_kill
from tests.object_store_server import ObjectStoreServer

ROWS = 2_000


async def test_a_file_is_imported_by_a_machine_that_shares_no_directory(
    machine: MakeMachine, shop: Account, finished: Finished
) -> None:
    """In parts. Taken out: ``put`` in ``ImportFiles.keep``, ``fetch``; ``_unlink`` in ``reading`` (a copy is left)."""
    here, there = await machine("a"), await machine("b")
    refused = ("X," + "x" * 100_000 + "\n") * (PART_BYTES // 100_000 + 2)
    started = await upload(here, PRODUCTS + refused)
    assert started.status_code == 202, started.text
    store = shop.live.store.number
    assert await here.keys(f"imports/{store}") == [f"imports/{store}/{started.json()['file_id']}"]
    async with there.running(started.json()["id"]):
        job = await finished(started.json()["id"])
    assert (job["status"], job["counts"]) == ("succeeded", {"created": 1, "refused": PART_BYTES // 100_000 + 2})
    assert (here.local, there.local) == ([], [])


async def test_a_bulk_mutation_reads_and_writes_objects(
    machine: MakeMachine, make_product: MakeProduct, finished: Finished
) -> None:
    """Taken out: ``put`` in ``ResultFile.close``."""
    here, there = await machine("a"), await machine("b")
    product = await make_product(sku="MUG")
    mutation = "mutation ($input: ArchiveProductInput!) { archiveProduct(input: $input) { product { sku } } }"
    given = {"params": {"mutation": mutation}, "content": orjson.dumps({"input": {"id": product.id}}) + b"\n"}
    headers = {"Content-Type": "application/x-ndjson"}
    started = await here.client("POST", "/v2/bulk_mutations", headers=headers, **given)
    assert started.status_code == 202, started.text
    id = started.json()["id"]
    async with there.running(id):
        assert (await finished(id))["status"] == "succeeded"
    answer = await here.client("GET", f"/v2/jobs/{id}/result")
    assert orjson.loads(answer.content)["data"]["archiveProduct"]["product"] == {"sku": "MUG"}
    assert (here.local, there.local) == ([], [])


async def test_another_store_cannot_use_a_file(
    machine: MakeMachine, shop: Account, other_shop: Account, make_key: MakeKey
) -> None:
    """Taken out: the store in ``_key``; ``is_id`` in ``exists``."""
    here = await machine("a")
    file = (await upload(here)).json()["file_id"]
    stranger = Client(here.client.http, await make_key(other_shop.live))
    query = "mutation ($input: StartImportInput!) { startImport(input: $input) { userErrors { code field } } }"
    for id in (file, f"../{shop.live.store.number}/{file}", "upl_x"):
        given = {"kind": "PRODUCTS", "mediaType": "text/csv", "fileId": id}
        answer = await stranger("POST", "/graphql", json={"query": query, "variables": {"input": given}})
        assert answer.json()["data"]["startImport"] == {"userErrors": [{"code": "NOT_FOUND", "field": ["fileId"]}]}


async def test_a_repeat_keeps_one_object(machine: MakeMachine, shop: Account) -> None:
    """Taken out: ``remove_or_log`` in ``ImportFiles.remove``."""
    here = await machine("a")
    key = {"Idempotency-Key": "once"}
    first, again = await upload(here, **key), await upload(here, **key)
    assert (first.status_code, again.json()) == (202, first.json())
    store = shop.live.store.number
    assert await here.keys(f"imports/{store}") == [f"imports/{store}/{first.json()['file_id']}"]
    assert here.local == []


async def test_results_are_downloaded_in_ranges_from_any_machine(machine: MakeMachine, shop: Account) -> None:
    """Taken out: ``begin`` and ``_position`` of ``ObjectReader``."""
    here, there = await machine("a"), await machine("b")
    path, content = await result(here, shop, [bytes([65 + number % 26]) * 1_000_003 for number in range(10)])
    assert len(content) > 2 * READ_BYTES
    whole = await there.client("GET", path)
    assert (whole.status_code, whole.content == content) == (200, True)
    head = await there.client("HEAD", path)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(content)))
    begin, end = READ_BYTES - 7, 2 * READ_BYTES + 9
    part = await there.client("GET", path, headers={"Range": f"bytes={begin}-{end - 1}"})
    assert (part.status_code, part.content == content[begin:end]) == (206, True)
    assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(content)}"
    last = await there.client("GET", path, headers={"Range": "bytes=-5"})
    assert (last.status_code, last.content) == (206, content[-5:])
    assert here.local == []


async def test_old_objects_are_removed(machine: MakeMachine, shop: Account) -> None:
    """But not the file of a job that waits. Taken out: ``used``, the lifetimes of objects, ``COPY_LIFETIME``."""
    here = await machine("a")
    waiting = (await upload(here)).json()
    path, _ = await result(here, shop, [b"{}"])
    store = shop.live.store.number
    files, results = here.database.dependency(jobs.ImportFiles), here.database.dependency(jobs.ResultFiles)
    await here.objects.put(f"imports/{store}/upl_unused", Path(__file__))
    await here.objects.put(f"results/{store}/res_unused", Path(__file__))
    now = here.database.clock()
    copy = files.path(store, f"{waiting['file_id']}-0123456789abcdef")
    copy.write_text("of a process that was killed")
    for later, uploads, kept in ((timedelta(hours=1), 2, 2), (timedelta(days=6), 2, 1), (timedelta(days=8), 1, 1)):
        await jobs.remove_old_files(here.database, files, now + later)
        await jobs.expire_results(here.database, results, now + later)
        counts = len(await here.keys(f"imports/{store}")), len(await here.keys(f"results/{store}"))
        assert counts == (uploads, kept), later
        assert copy.exists() is (later < timedelta(days=1))
    assert await here.keys(f"imports/{store}") == [f"imports/{store}/{waiting['file_id']}"]
    async with here.database.system_connection() as connection:
        end = "UPDATE job SET finished_at = $2, due_at = NULL, status = 'succeeded' WHERE store_id = $1"
        await connection.execute(end, store, now)
    await jobs.expire_results(here.database, results, now + timedelta(days=8))
    assert await here.keys(f"results/{store}") == []
    assert (await here.client("GET", path)).status_code == 404


async def test_erasing_a_customer_removes_the_objects(
    machine: MakeMachine, shop: Account, make_customer: MakeCustomer
) -> None:
    """Taken out: ``remove_or_log`` in ``ResultFiles.remove``."""
    here = await machine("a")
    jane = await make_customer(first_name="Jane")
    path, _ = await result(here, shop, [b"{}"])
    assert (await here.client("POST", f"/v2/customers/{jane.id}/erase")).status_code == 201
    assert (await here.client("GET", path)).status_code == 404
    async with asyncio.timeout(20):
        while await here.keys(f"results/{shop.live.store.number}"):
            await asyncio.sleep(0.02)


async def test_the_command_puts_its_file_into_the_store(
    machine: MakeMachine, database_url: str, shop: Account, tmp_path: Path
) -> None:
    """Taken out: ``object_store`` in ``gateway.cli.imports``."""
    here = await machine("a")
    file = tmp_path / "products.csv"
    file.write_text(PRODUCTS)
    words = ["import", str(file), "--account", shop.live.store.name, "--mode", "live", "--kind", "products"]
    given = environment(here.settings) | {"GATEWAY_DATABASE_URL": database_url}
    done = await asyncio.to_thread(gateway_here, *words, **given)
    assert (done.returncode, done.stdout) == (0, "1 created\n"), done.stderr
    assert (len(await here.keys(f"imports/{shop.live.store.number}")), here.local) == (1, [])


@dataclass(frozen=True, slots=True)
class ObjectShop(Shop):
    """A store whose jobs run in processes with a new directory each."""

    settings: Settings

    def process(self, *arguments: str, module: str = "object_store_process") -> subprocess.Popen[str]:
        """A process that runs jobs, on another machine than those before."""
        directory = self.files.directory.parent / os.urandom(4).hex()
        command = [sys.executable, "-m", f"tests.jobs.{module}", self.url, str(directory)]
        given = {**os.environ, **environment(self.settings), "JOB_LEASE_SECONDS": "2"}
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True, env=given)


@pytest.fixture
async def object_shop(own_database_url: str, server: ObjectStoreServer, tmp_path: Path) -> AsyncGenerator[ObjectShop]:
    own = Settings.model_validate({**server.settings, "data_dir": tmp_path / "uploading"})
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS))
    files = import_files(own, object_store(own))
    database.provide(files)
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Shop", plan=Plan.ENTERPRISE, currency="GBP"
        )
    owner = access.system_principal(stores[Mode.LIVE])
    yield ObjectShop(own_database_url, database, owner, files, own)
    await database.close()


async def test_another_machine_goes_on_with_an_import_whose_process_was_killed(object_shop: ObjectShop) -> None:
    """Each row once. Taken out: ``fetch`` (no later machine has the file)."""
    rows = "".join(f"S{row},Name,1.00\n" for row in range(ROWS))
    await object_shop.start(f"sku,name,price\n{rows}", ImportKind.PRODUCTS)
    await run_and_kill(object_shop, ROWS, most=3)
    assert orjson.loads(str(await object_shop.value("SELECT counts FROM job"))) == {"created": ROWS}
    assert await object_shop.value("SELECT count(*) FROM product") == ROWS
