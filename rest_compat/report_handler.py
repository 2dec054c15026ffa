"""GET of a report of any number of rows, read in parts while it is sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.database import Database
from domain.kernel.principal import Principal
from rest_compat.actions import ReportAction
from rest_compat.csv_rows import csv_rows
from rest_compat.file_handler import VARY
from rest_compat.get_handler import PRIVATE
from transport.body import preferred_type


class ReportHandler:
    """Answers the GET of one kind of report."""

    def __init__(self, database: Database, action: ReportAction) -> None:
        self._database = database
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises NotFound, Unavailable."""
        media = preferred_type(request, self._action.media_types)
        async with self._database.read_connection(principal.store, scopes=principal.scopes) as db:
            await self._action.source.require(db, principal, ids)
        body = self._parts(principal, ids, media)
        return _StreamedResponse(body, media)

    async def _parts(self, principal: Principal, ids: Mapping[str, str], media: str) -> AsyncGenerator[bytes]:
        """No connection is held while a part is sent: a slow client keeps none from others."""
        columns, is_csv, after = self._action.columns, media == self._action.media_types[0], -1
        if is_csv:
            yield csv_rows([columns])
        while True:
            async with self._database.read_connection(principal.store, scopes=principal.scopes) as db:
                found = await self._action.source.part(db, ids, after)
            if found is None:
                return
            after, rows = found
            yield csv_rows(rows) if is_csv else _json_rows(columns, rows)


class _StreamedResponse(Response):
    """The response for Starlette; to HEAD, its headers alone."""

    def __init__(self, parts: AsyncGenerator[bytes], media: str) -> None:
        super().__init__(headers={**PRIVATE, **VARY, "Content-Type": media})
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the parts as fast as the client reads them."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(self._parts):
            if scope["method"] != "HEAD":
                async for part in self._parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _json_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n" for row in rows)
