"""Sending files to import, and reading their outcomes."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx

from domain import jobs
from tests.conftest import Client
from tests.jobs.conftest import Finished, Running

CSV, JSON_LINES = "text/csv", "application/x-ndjson"


class Imports:
    """Sends files with one key, and runs their jobs here."""

    def __init__(self, rest: Client, running: Running, finished: Finished) -> None:
        self.rest = rest
        self._running = running
        self._finished = finished

    async def send(self, kind: str, content: bytes | str, media: str = CSV, **parameters: Any) -> httpx.Response:
        """The response to the upload."""
        body = content.encode() if isinstance(content, str) else content
        params = {"kind": kind, **{name: str(value).lower() for name, value in parameters.items()}}
        return await self.rest("POST", "/v2/imports", params=params, content=body, headers={"Content-Type": media})

    async def run(self, kind: str, content: bytes | str, media: str = CSV, **parameters: Any) -> dict[str, Any]:
        """The job once it has finished, as it is stored."""
        response = await self.send(kind, content, media, **parameters)
        assert response.status_code == 202, response.text
        async with self._running(jobs.run_import):
            return await self._finished(response.json()["id"])

    async def report(self, id: str) -> list[list[str]]:
        """The rows of a report without its header."""
        response = await self.rest("GET", f"/v2/jobs/{id}/report")
        assert response.status_code == 200, response.text
        header, *rows = csv.reader(io.StringIO(response.text))
        assert header == ["line", "outcome", "object_id", "column", "reason"]
        return rows


def bare(rows: list[list[str]]) -> list[tuple[str, str, str]]:
    """Line, outcome and column."""
    return [(line, outcome, column) for line, outcome, _, column, _ in rows]
