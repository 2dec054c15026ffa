"""Downloads of results: ranges, conditions, the audit log; what erasing a person and time do to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from domain import customers, jobs
from domain.customers.commands import EraseCustomer
from domain.jobs import BulkOperations, ExportedObject, JobRun, ResultFiles
from domain.jobs.exports.snapshot_run import export_from_snapshot
from domain.kernel.database import Database
from domain.kernel.sql.executor import Executor
from tests.conftest import MakeCustomer, MakeProduct, Shop
from tests.jobs.bulk import JSON_LINES, Bulk, run_any
from tests.jobs.conftest import Finished, Running, StoredJob

PRODUCTS = "{ products { nodes { sku name } } }"
CUSTOMERS = "{ customers { nodes { id email firstName } } }"


@pytest.fixture
async def result(bulk: Bulk, make_product: MakeProduct) -> tuple[str, bytes]:
    """The path of a result of some kilobytes, and its bytes."""
    for number in range(30):
        await make_product(name=f"{number} " + "long name " * 20)
    job = await bulk.finish(await bulk.start_export(PRODUCTS))
    path = f"/v2/jobs/{job['id']}/result"
    return path, (await bulk.rest("GET", path)).content


async def entries(bulk: Bulk) -> list[tuple[str, dict[str, Any]]]:
    """The downloads in the audit log, newest first."""
    found = (await bulk.rest("GET", "/v2/access/audit?action=job.result_read&limit=200")).json()["data"]
    return [(each["object_id"], each["details"]) for each in found]


async def test_a_result_is_sent_whole_with_what_resuming_needs(bulk: Bulk, result: tuple[str, bytes]) -> None:
    """Taken out: ``NO_TRANSFORM`` in ``_Gzip`` (it is compressed, and its tag is weak)."""
    path, content = result
    assert len(content) > 5_000
    answer = await bulk.rest("GET", path, headers={"Accept-Encoding": "zstd, br, gzip"})
    assert (answer.status_code, answer.content) == (200, content)
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == JSON_LINES
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"].startswith('"0-')
    head = await bulk.rest("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(content))
    again = await bulk.rest("GET", path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


RANGES = [
    ("bytes=0-99", 0, 100),
    ("bytes=100-", 100, None),
    ("bytes=-50", -50, None),
    ("bytes=0-0", 0, 1),
    ("bytes=10-99999999", 10, None),
    ("bytes=-99999999", 0, None),
]


@pytest.mark.parametrize(("range", "begin", "end"), RANGES)
async def test_a_range_is_sent(bulk: Bulk, result: tuple[str, bytes], range: str, begin: int, end: int | None) -> None:
    """Taken out: any of the branches of ``requested_range``, the seek of ``_StreamedFile``."""
    path, content = result
    answer = await bulk.rest("GET", path, headers={"Range": range, "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.content) == (206, content[begin:end])
    first = begin if begin >= 0 else len(content) + begin
    last = first + len(answer.content) - 1
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(content)}"
    assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize("range", ["bytes=5-4", "bytes=0-1,3-4", "bytes=-", "bytes=a-", "rows=0-5", "0-5", ""])
async def test_what_is_no_single_range_of_bytes_is_ignored(bulk: Bulk, result: tuple[str, bytes], range: str) -> None:
    path, content = result
    answer = await bulk.rest("GET", path, headers={"Range": range})
    assert (answer.status_code, answer.content) == (200, content)


@pytest.mark.parametrize("range", ["bytes=100000000-", "bytes=100000000-100000001", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused_and_not_recorded(
    bulk: Bulk, result: tuple[str, bytes], range: str
) -> None:
    path, content = result
    before = await entries(bulk)
    answer = await bulk.rest("GET", path, headers={"Range": range})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(content)}"
    assert answer.json()["error"]["message"] == f"The file has {len(content):,} bytes."
    assert await entries(bulk) == before


async def test_a_download_is_resumed_only_of_the_same_file(bulk: Bulk, result: tuple[str, bytes]) -> None:
    """Taken out: ``If-Range`` (a part of another file is sent)."""
    path, content = result
    tag = (await bulk.rest("HEAD", path)).headers["etag"]
    part = await bulk.rest("GET", path, headers={"Range": "bytes=1000-", "If-Range": tag})
    assert (part.status_code, part.content) == (206, content[1000:])
    for other in ('"0-0000000000000000"', f"W/{tag}", "Wed, 31 Mar 2027 23:59:59 GMT"):
        whole = await bulk.rest("GET", path, headers={"Range": "bytes=1000-", "If-Range": other})
        assert (whole.status_code, whole.content) == (200, content)


async def test_the_audit_log_has_who_reads_which_part(bulk: Bulk, result: tuple[str, bytes]) -> None:
    """Taken out: ``_record``."""
    path, _ = result
    id = path.split("/")[3]
    assert await entries(bulk) == [(id, {})]
    await bulk.rest("HEAD", path)
    await bulk.rest("GET", path, headers={"Range": "bytes=10-19"})
    assert await entries(bulk) == [(id, {"first_byte": 10, "last_byte": 19}), (id, {})]


async def test_results_are_removed_after_seven_days(
    bulk: Bulk, result: tuple[str, bytes], database: Database, shop: Shop
) -> None:
    """Taken out: ``_EXPIRE_RESULTS`` (it is there), ``remove_orphans`` (the file is)."""
    path, _ = result
    files: ResultFiles = database.dependency(ResultFiles)
    folder = files.directory / str(shop.live.store.number)
    for days, count in ((6.9, 1), (7.1, 0)):
        await jobs.expire_results(database, files, database.clock() + timedelta(days=days))
        assert len(list(folder.iterdir())) == count
    assert (await bulk.rest("GET", path)).status_code == 404
    job = (await bulk.rest("GET", path.removesuffix("/result"))).json()
    assert (job["status"], job["result_url"], job["result_bytes"]) == ("succeeded", None, None)


async def test_a_file_that_is_being_written_is_no_orphan(database: Database, shop: Shop, bulk: Bulk) -> None:
    """Taken out: ``ORPHAN_LIFETIME``."""
    files: ResultFiles = database.dependency(ResultFiles)
    file = await files.new(shop.live.store.number)
    now = database.clock()
    assert await files.remove_orphans(now + timedelta(hours=1), set()) == 0
    assert await files.remove_orphans(now + timedelta(hours=3), set()) == 1
    await file.discard()
    assert bulk.rest.key


async def erase(bulk: Bulk, id: str) -> None:
    answer = await bulk.rest("POST", f"/v2/customers/{id}/erase")
    assert answer.status_code == 201, answer.text


async def test_erasing_a_customer_removes_the_results_that_may_show_people(
    bulk: Bulk, make_customer: MakeCustomer, make_product: MakeProduct, database: Database, shop: Shop
) -> None:
    """At once, and the files; those of the catalog stay. Taken out: ``erase_results``, ``_on_results_erased``."""
    jane, _ = await make_customer(first_name="Jane"), await make_product(sku="MUG")
    personal = await bulk.finish(await bulk.start_export(CUSTOMERS))
    plain = await bulk.finish(await bulk.start_export(PRODUCTS))
    folder = database.dependency(ResultFiles).directory / str(shop.live.store.number)
    assert len(await bulk.result(personal["id"])) == 1
    await erase(bulk, jane.id)
    assert (await bulk.rest("GET", f"/v2/jobs/{personal['id']}/result")).status_code == 404
    assert (await bulk.rest("GET", f"/v2/jobs/{personal['id']}")).json()["result_url"] is None
    assert len(await bulk.result(plain["id"])) == 1
    assert [path.name for path in folder.iterdir()] == [plain["result_file_id"]]
    query = "SELECT kind FROM job WHERE store_id = $1 AND parameters->>'query' IS NOT NULL AND id = ANY ($2)"
    async with database.system_connection() as connection:  # what was asked may name her
        kept = await connection.fetch(query, shop.live.store.number, [personal["id"]])
    assert kept == []


async def test_an_export_under_way_is_begun_anew_when_a_customer_is_erased(
    bulk: Bulk, make_customer: MakeCustomer, database: Database, shop: Shop, running: Running, finished: Finished
) -> None:
    """Taken out: ``count_erased`` in ``attach_result`` (her name is in the result)."""
    jane, _ = await make_customer(first_name="Jane"), await make_customer(first_name="Ann")
    begun = 0

    async def interrupted(run: JobRun) -> None:
        operations: BulkOperations = run.database.dependency(BulkOperations)

        async def objects(snapshot: Executor) -> AsyncGenerator[ExportedObject]:
            nonlocal begun
            begun += 1
            async for each in operations.queries.objects(run.parameters["query"], {}, run.principal, snapshot):
                yield each
            if begun == 1:
                await erase(bulk, jane.id)

        await export_from_snapshot(run, objects)

    started = (await bulk.start_export(CUSTOMERS)).json()
    async with running(interrupted):
        job = await finished(started["id"])
    assert (job["status"], begun) == ("succeeded", 2)
    lines = await bulk.result(job["id"])
    assert sorted(line["firstName"] or "" for line in lines) == ["", "Ann"]


async def test_an_erasure_that_is_not_committed_yet_is_waited_for(
    bulk: Bulk, make_customer: MakeCustomer, database: Database, shop: Shop, running: Running, finished: Finished,
    stored: StoredJob,
) -> None:  # fmt: skip
    """It began before the snapshot and ends after the export. Taken out: ``lock_results`` (the result has her name)."""
    jane = await make_customer(first_name="Jane")

    async def waits_for_it() -> None:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND mode = 'ShareLock'"
        while True:
            async with database.system_connection() as connection:
                if await connection.fetchval(query):
                    return
            await asyncio.sleep(0.02)

    async with running(run_any):
        async with database.transaction(shop.live) as work:
            await customers.erase_customer(work, shop.live, EraseCustomer(id=jane.id))
            await work.flush()
            started = (await bulk.start_export(CUSTOMERS)).json()
            await asyncio.wait_for(waits_for_it(), 10)
            assert (await stored(started["id"]))["result_file_id"] is None
        job = await finished(started["id"])
    assert job["resume_point"] is not None
    assert [line["firstName"] for line in await bulk.result(job["id"])] == [None]
