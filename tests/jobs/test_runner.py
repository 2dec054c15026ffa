"""Running jobs: progress with the work, resumption, cancellation, failures, order and fairness."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.jobs import JobFailedError, JobRun
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from tests.conftest import Client, Shop
from tests.jobs.conftest import Finished, Queue, Running, StoredJob

ROWS = 5


async def make_rows(run: JobRun, rows: int = ROWS, *, pause: float = 0.0) -> None:
    """A product for each row, each in a batch of its own."""
    start = 0 if run.resume_point is None else run.resume_point["row"]
    for row in range(start, rows):
        await asyncio.sleep(pause)
        async with run.batch() as batch:
            command = CreateProduct(name="Row", sku=f"{run.id[-20:]}-{row}", price=Money(1, "GBP"))
            await catalog.create_products(batch.work, run.principal, [command])
            batch.done, batch.resume_point = row + 1, {"row": row + 1}
            batch.counts["created"] += 1


async def skus(database: Database, principal: Principal, id: str) -> list[str]:
    async with database.system_connection() as connection:
        query = "SELECT sku FROM product WHERE store_id = $1 AND starts_with(sku, $2) ORDER BY sku"
        return [row["sku"] for row in await connection.fetch(query, principal.store.number, id[-20:])]


async def test_a_job_saves_its_progress_with_its_work(
    database: Database, shop: Shop, queue: Queue, finished: Finished, running: Running
) -> None:
    """Taken out: ``_save`` in ``JobRun.batch`` (done stays 0)."""
    id = await queue(total=ROWS)
    async with running(make_rows):
        job = await finished(id)
    assert (job["status"], job["done"], job["total"], job["counts"]) == ("succeeded", ROWS, ROWS, {"created": ROWS})
    assert (job["error"], job["lease"], job["due_at"]) == (None, None, None)
    assert job["started_at"] <= job["finished_at"]
    assert len(await skus(database, shop.live, id)) == ROWS
    async with database.system_connection() as connection:
        origins = await connection.fetch(
            "SELECT DISTINCT origin FROM event WHERE store_id = $1", shop.live.store.number
        )
    assert [row["origin"] for row in origins] == ["import"]


async def test_a_stopped_runner_leaves_the_job_to_another_which_goes_on(
    database: Database, shop: Shop, queue: Queue, stored: StoredJob, finished: Finished, running: Running
) -> None:
    """Taken out: ``_release`` in ``JobRunner._stop`` (the other waits for the end of the lease)."""
    id = await queue(total=ROWS)

    async def slowly(run: JobRun) -> None:
        await make_rows(run, pause=0.05)

    async with running(slowly):
        while (await stored(id))["done"] < 2:
            await asyncio.sleep(0.01)
    left = await stored(id)
    assert (left["status"], left["lease"]) == ("running", None)
    assert left["done"] < ROWS
    async with running(make_rows):
        job = await finished(id)
    assert (job["status"], job["counts"]) == ("succeeded", {"created": ROWS})
    assert len(await skus(database, shop.live, id)) == ROWS


async def test_a_process_that_lost_its_lease_writes_nothing_more(
    database: Database, shop: Shop, queue: Queue, stored: StoredJob, finished: Finished, running: Running
) -> None:
    """While another process runs the job. Taken out: ``AND lease = :lease`` of ``_SAVE`` (there is a sixth product)."""
    id = await queue(total=ROWS)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stuck(run: JobRun) -> None:
        reached.set()
        await go_on.wait()
        async with run.batch() as batch:
            command = CreateProduct(name="Late", sku=f"{run.id[-20:]}-late", price=Money(1, "GBP"))
            await catalog.create_products(batch.work, run.principal, [command])

    async def slowly(run: JobRun) -> None:
        await make_rows(run, pause=0.1)

    # Leases that end at once and are never renewed, as of a process that has stood still.
    async with running(stuck, lease=timedelta(seconds=0.01), poll=60):
        await asyncio.wait_for(reached.wait(), 5)
        async with running(slowly):
            while (await stored(id))["done"] < 1:
                await asyncio.sleep(0.01)
            go_on.set()
            job = await finished(id)
    assert (job["status"], job["counts"]) == ("succeeded", {"created": ROWS})
    assert len(await skus(database, shop.live, id)) == ROWS


async def test_two_runners_run_a_job_once(
    database: Database, shop: Shop, queue: Queue, finished: Finished, running: Running
) -> None:
    """Taken out: ``FOR UPDATE OF job SKIP LOCKED`` and ``job.due_at <= $1`` of the lease (both run it)."""
    started: list[str] = []

    async def note(run: JobRun) -> None:
        started.append(run.id)
        await make_rows(run)

    async with running(note), running(note):
        ids = [await queue(total=ROWS) for _ in range(6)]
        jobs = [await finished(id) for id in ids]
    assert [each for each in started if each in ids] == ids  # in their order
    assert {job["status"] for job in jobs} == {"succeeded"}


async def test_stores_take_turns(
    shop: Shop, other_shop: Shop, queue: Queue, finished: Finished, running: Running
) -> None:
    """Taken out: the order by ``max(started_at)`` (the first store's four run before the second's one)."""
    order: list[str] = []

    async def note(run: JobRun) -> None:
        order.append(run.id)

    first = [await queue() for _ in range(4)]
    second = await queue(other_shop.live)
    async with running(note, max_running=1):
        for id in (*first, second):
            await finished(id)
    assert [id for id in order if id in (*first, second)] == [first[0], second, *first[1:]]


async def test_a_running_job_is_cancelled_within_a_second(
    database: Database, shop: Shop, rest: Client, queue: Queue, stored: StoredJob, finished: Finished, running: Running
) -> None:
    """Taken out: ``leases[lease].cancel()`` in ``JobRunner._watch`` (it waits for its next batch, a minute away)."""
    id = await queue(total=ROWS)

    async def slowly(run: JobRun) -> None:
        await make_rows(run, 2)
        await asyncio.sleep(60)

    async with running(slowly):
        while (await stored(id))["done"] < 2:
            await asyncio.sleep(0.01)
        answer = await rest("POST", f"/v2/jobs/{id}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (201, "running")
        async with asyncio.timeout(2):
            job = await finished(id)
    assert (job["status"], job["done"], job["error"]) == ("cancelled", 2, None)
    assert len(await skus(database, shop.live, id)) == 2  # what was done stays
    assert (await rest("POST", f"/v2/jobs/{id}/cancel")).status_code == 409


async def test_a_batch_after_the_request_to_cancel_is_rolled_back(
    database: Database, shop: Shop, rest: Client, queue: Queue, finished: Finished, running: Running
) -> None:
    """Taken out: ``AND cancel_requested_at IS NULL`` of ``_SAVE`` (five products, and it succeeds)."""
    id = await queue(total=ROWS)

    async def cancelled(run: JobRun) -> None:
        await rest("POST", f"/v2/jobs/{run.id}/cancel")
        await make_rows(run)

    async with running(cancelled, poll=60):  # so only the batch itself notices
        job = await finished(id)
    assert (job["status"], job["done"]) == ("cancelled", 0)
    assert await skus(database, shop.live, id) == []


async def test_a_cancellation_does_not_interrupt_what_saves_it(
    database: Database, rest: Client, queue: Queue, finished: Finished, running: Running
) -> None:
    """Taken out: ``_interruptible`` (where both come together, the job waits for the end of its lease, 30 s)."""
    for _ in range(5):
        id = await queue(total=ROWS)

        async def cancelled(run: JobRun) -> None:
            await rest("POST", f"/v2/jobs/{run.id}/cancel")
            async with run.batch() as batch:
                batch.done = 1

        async with running(cancelled, poll=0.001):
            assert (await finished(id))["status"] == "cancelled"


async def test_a_job_that_fails_for_good_says_why(queue: Queue, finished: Finished, running: Running) -> None:
    """Taken out: ``except JobFailedError`` (it is tried five times, and the error is an internal one)."""
    runs = 0

    async def fail(run: JobRun) -> None:
        nonlocal runs
        runs += 1
        raise JobFailedError("The file is not UTF-8.")

    id = await queue()
    async with running(fail):
        job = await finished(id)
    assert (job["status"], job["error"], runs) == ("failed", "The file is not UTF-8.", 1)


async def test_an_internal_error_is_tried_again_and_shown_without_its_text(
    database: Database, queue: Queue, finished: Finished, running: Running
) -> None:
    """Taken out: ``job.attempt > MAX_ATTEMPTS`` (it is tried for ever)."""
    runs = 0

    async def fail(run: JobRun) -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError("a secret")

    id = await queue()
    async with running(fail):
        job = await finished(id)
    assert (job["status"], runs) == ("failed", 5)
    assert "secret" not in job["error"]


async def test_attempts_that_save_something_do_not_count(queue: Queue, finished: Finished, running: Running) -> None:
    """Taken out: ``attempt = 0`` of ``_SAVE`` (it is given up after five)."""

    async def one_at_a_time(run: JobRun) -> None:
        async with run.batch() as batch:
            batch.done += 1
        if run.done < 8:
            raise RuntimeError("once more")

    id = await queue()
    async with running(one_at_a_time):
        job = await finished(id)
    assert (job["status"], job["done"]) == ("succeeded", 8)


async def test_a_waiting_job_is_cancelled_at_once(rest: Client, queue: Queue, stored: StoredJob) -> None:
    """Taken out: the last two lines of ``Job.cancel``."""
    id = await queue()
    assert (await rest("POST", f"/v2/jobs/{id}/cancel")).json()["status"] == "cancelled"
    job = await stored(id)
    assert (job["due_at"], job["started_at"], job["finished_at"] is None) == (None, None, False)


async def test_who_starts_a_job_needs_the_scope_of_what_it_moves(shop: Shop, queue: Queue) -> None:
    """Taken out: ``require`` in ``queue_job``."""
    caller = Principal(shop.live.store, frozenset({"products:read", "inventory:write"}), "key_x")
    with pytest.raises(Forbidden):
        await queue(caller)
