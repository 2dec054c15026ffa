"""Starting exports and bulk mutations, running them here, and reading their results."""

from __future__ import annotations

from typing import Any

import httpx
import orjson

from domain.jobs import JobRun
from gateway.jobs import JOB_FUNCTIONS
from tests.conftest import Client
from tests.jobs.conftest import Finished, Running

JSON_LINES = "application/x-ndjson"


async def run_any(run: JobRun) -> None:
    """Run a job as its kind is run."""
    await JOB_FUNCTIONS[run.kind](run)


class Bulk:
    """Jobs of one key."""

    def __init__(self, rest: Client, running: Running, finished: Finished) -> None:
        self.rest = rest
        self._running = running
        self._finished = finished

    async def start_export(self, query: str, **variables: Any) -> httpx.Response:
        """The response to the start of an export."""
        return await self.rest("POST", "/v2/exports", json={"query": query, "variables": variables})

    async def start_events(self, **range: Any) -> httpx.Response:
        """The response to the start of an export of events."""
        return await self.rest("POST", "/v2/exports/events", json=range)

    async def start_mutation(self, mutation: str, content: bytes | str, **headers: str) -> httpx.Response:
        """The response to the upload."""
        body = content.encode() if isinstance(content, str) else content
        params, sent = {"mutation": mutation}, {"Content-Type": JSON_LINES, **headers}
        return await self.rest("POST", "/v2/bulk_mutations", params=params, content=body, headers=sent)

    async def finish(self, started: httpx.Response) -> dict[str, Any]:
        """The job once it has finished, as it is stored."""
        assert started.status_code == 202, started.text
        async with self._running(run_any):
            return await self._finished(started.json()["id"])

    async def export(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The lines of an export."""
        job = await self.finish(await self.start_export(query, **variables))
        assert job["status"] == "succeeded", job["error"]
        return await self.result(job["id"])

    async def mutate(self, mutation: str, *lines: Any) -> dict[str, Any]:
        """The job of a bulk mutation, once it has finished."""
        content = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        return await self.finish(await self.start_mutation(mutation, content))

    async def result(self, id: str) -> list[dict[str, Any]]:
        """The lines of a result."""
        response = await self.rest("GET", f"/v2/jobs/{id}/result")
        assert response.status_code == 200, response.text
        return [orjson.loads(line) for line in response.content.splitlines()]
