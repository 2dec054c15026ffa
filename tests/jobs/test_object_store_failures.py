"""An object store that is away, does not answer, or refuses; and settings that are wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from domain.kernel.ids import new_id
from gateway.jobs import JobRuntime
from gateway.settings import SettingsError, load_settings
from gateway.wakeups import Wakeups
from tests.conftest import Shop as Account
from tests.jobs.conftest import Finished
from tests.jobs.machines import PRODUCTS, MakeMachine, count_jobs, result, upload
from tests.object_store_server import ObjectStoreServer, start_object_store
from tests.redis_server import free_port


async def test_without_the_store_nothing_is_queued_and_a_job_waits(
    machine: MakeMachine, shop: Account, finished: Finished, server: ObjectStoreServer
) -> None:
    """Taken out: ``Unavailable`` of the adapter (500, and the job fails)."""
    away = await machine("away", object_store_endpoint=f"http://127.0.0.1:{free_port()}")
    refused = await upload(away)
    assert (refused.status_code, int(refused.headers["retry-after"])) == (503, 5)
    assert refused.json()["error"]["message"] == "The file storage is unavailable. Try again in a few seconds."
    assert (await count_jobs(away, shop), away.local) == (0, [])
    here = await machine("a")
    id = (await upload(here)).json()["id"]
    async with away.running(id):
        async with asyncio.timeout(20):
            while (await here.client("GET", f"/v2/jobs/{id}")).json()["started_at"] is None:
                await asyncio.sleep(0.02)
    assert (await here.client("GET", f"/v2/jobs/{id}")).json()["status"] == "running"
    async with here.running(id):
        assert (await finished(id))["counts"] == {"created": 1}
    path, _ = await result(here, shop, [b"{}"])
    assert (await away.client("GET", path)).status_code == 503


async def test_a_store_that_goes_away_during_an_upload_leaves_nothing(machine: MakeMachine, shop: Account) -> None:
    """Taken out: ``await upload.keep()`` before the use case (202, and a job without its file)."""
    dying = await asyncio.to_thread(start_object_store)
    here = await machine("a", **dying.settings)

    async def content() -> AsyncIterator[bytes]:
        yield PRODUCTS.encode()
        dying.stop()
        yield b"BOWL,Bowl,6.00\n"

    assert (await upload(here, content())).status_code == 503
    assert (await count_jobs(here, shop), here.local) == (0, [])


async def test_a_store_that_does_not_answer_holds_neither_slots_nor_connections(machine: MakeMachine) -> None:
    """Taken out: ``leave_slot`` in the upload handler (three of four get there), ``EXISTS_SECONDS`` (it never ends)."""
    waiting, ends = asyncio.Semaphore(0), asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting.release()
        await ends.wait()
        writer.close()

    listener = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    here = await machine("a", object_store_endpoint=endpoint, running_requests=4, request_wait=1)
    uploads = [asyncio.create_task(upload(here)) for _ in range(4)]
    async with asyncio.timeout(20):
        for _ in uploads:
            await waiting.acquire()
    assert (await here.client("GET", "/v2/products")).status_code == 200
    query = "mutation ($input: StartImportInput!) { startImport(input: $input) { userErrors { code } } }"
    given = {"kind": "PRODUCTS", "mediaType": "text/csv", "fileId": new_id("upl")}
    answer = await here.client("POST", "/graphql", json={"query": query, "variables": {"input": given}})
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["UNAVAILABLE"]
    for task in uploads:
        task.cancel()
    await asyncio.gather(*uploads, return_exceptions=True)
    ends.set()
    listener.close()


async def test_wrong_credentials_are_said_without_the_secret(
    machine: MakeMachine, shop: Account, caplog: pytest.LogCaptureFixture, server: ObjectStoreServer
) -> None:
    """At start and at each use. Taken out: ``partition`` of ``_unavailable``, ``_REASONS``."""
    here = await machine("a", object_store_secret_key="not-the-secret")
    said = "it refuses the credentials (GATEWAY_OBJECT_STORE_ACCESS_KEY, GATEWAY_OBJECT_STORE_SECRET_KEY)"
    with caplog.at_level(logging.WARNING):
        await JobRuntime(here.settings, here.database, Wakeups(here.settings)).check_objects()
        assert said in caplog.text
        assert "uploads and downloads are refused" in caplog.text
        caplog.clear()
        assert (await upload(here)).status_code == 503
        assert said in caplog.text
    for secret in ("not-the-secret", server.secret_key, server.access_key, "StringToSign"):
        assert secret not in caplog.text
    assert await count_jobs(here, shop) == 0


async def test_a_bucket_that_does_not_exist_is_said(machine: MakeMachine, caplog: pytest.LogCaptureFixture) -> None:
    here = await machine("a", object_store_url="s3://no-such-bucket")
    with caplog.at_level(logging.ERROR):
        assert (await upload(here)).status_code == 503
    assert "s3://no-such-bucket: it has no such bucket (GATEWAY_OBJECT_STORE_URL)" in caplog.text


WRONG = [
    ({"URL": "https://bucket"}, "GATEWAY_OBJECT_STORE_URL"),
    ({"URL": "s3://b"}, "GATEWAY_OBJECT_STORE_URL"),
    ({"ENDPOINT": "http://me:secret@host"}, "GATEWAY_OBJECT_STORE_ENDPOINT"),
    ({"ACCESS_KEY": "a"}, "GATEWAY_OBJECT_STORE_SECRET_KEY"),
    ({"SECRET_KEY": "a"}, "GATEWAY_OBJECT_STORE_SECRET_KEY"),
]


@pytest.mark.parametrize(("given", "named"), WRONG)
def test_wrong_settings_are_refused_at_start(
    given: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the patterns, ``_check_key_pair``."""
    for name, value in given.items():
        monkeypatch.setenv(f"GATEWAY_OBJECT_STORE_{name}", value)
    with pytest.raises(SettingsError, match=named):
        load_settings()
