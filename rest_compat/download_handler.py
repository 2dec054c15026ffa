"""GET of a stored file, as a whole or in ranges (RFC 9110, 14), after the audit log has who reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.database import Database
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.request_slot import leave_slot
from domain.kernel.use_cases.audit import audit
from rest_compat.downloads import DownloadAction, FileReader, StoredFile
from rest_compat.etags import NO_VERSION, etag, is_known
from rest_compat.parameters import read_parameters
from transport.body import single_header

HEADERS = {"Cache-Control": "private, no-cache, no-transform", "Accept-Ranges": "bytes"}
"""Compressed, its bytes would be others than those that ranges count."""
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class ByteRange(NamedTuple):
    """A part of a file."""

    begin: int
    end: int
    """Behind its last byte."""

    @property
    def length(self) -> int:
        """Bytes."""
        return self.end - self.begin


class DownloadHandler:
    """Answers the GET of one kind of stored file."""

    def __init__(self, database: Database, action: DownloadAction) -> None:
        self._database = database
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises MalformedRequest, NotFound, Unavailable; 416 for a range outside the file."""
        read_parameters((), request, principal.store.currency)
        async with self._database.read_connection(principal.store, scopes=principal.scopes) as db:
            stored = await self._action.source.find(db, principal, ids, self._database.dependency)
        headers = {**HEADERS, "ETag": etag(NO_VERSION, stored.id.encode())}
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        part = requested_range(request, headers["ETag"], stored.size)
        file = await _open(stored, 0 if part is None else part.begin)
        if request.method != "HEAD":
            await self._record(request, principal, ids, part)
        return _StreamedFile(file, stored.size, part, {**headers, "Content-Type": self._action.media_types[0]})

    async def _record(
        self, request: Request, principal: Principal, ids: Mapping[str, str], part: ByteRange | None
    ) -> None:
        """Committed before anything is handed out: a download that cannot be recorded is not given."""
        details = {} if part is None else {"first_byte": part.begin, "last_byte": part.end - 1}
        async with self._database.transaction(principal, request.state.request_id) as work:
            audit(work, self._action.audited, ids["id"], **details)


def requested_range(request: Request, tag: str, size: int) -> ByteRange | None:
    """The range that is asked for; None: all of it.

    So it is for what is no range of bytes, for several ranges, and where ``If-Range`` names another file (RFC 9110,
    13.1.5 and 14.2). Raises 416 for a range that begins behind the end.
    """
    wanted, condition = single_header(request, "Range"), single_header(request, "If-Range")
    found = None if wanted is None or request.method != "GET" else _RANGE.fullmatch(wanted.strip())
    if found is None or found.groups() == ("", "") or condition not in (None, tag):
        return None
    first, last = found.groups()
    if first == "":
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), size if last == "" else min(size, int(last) + 1)
        if last != "" and int(last) < begin:
            return None
    if begin >= size:
        raise range_not_satisfiable(size)
    return ByteRange(begin, end)


def range_not_satisfiable(size: int) -> HTTPException:
    """The refusal of a range behind the end of a file of so many bytes."""
    return HTTPException(416, f"The file has {size:,} bytes.", {"Content-Range": f"bytes */{size}"})


async def _open(stored: StoredFile, begin: int) -> FileReader:
    """Raises NotFound if the file is gone, or this process does not see the directory; Unavailable."""
    try:
        with leave_slot():  # an object store may be asked
            return await stored.open(begin)
    except FileNotFoundError:
        raise NotFound("result") from None


class _StreamedFile(Response):
    """The response for Starlette; to HEAD, its headers alone."""

    def __init__(self, file: FileReader, size: int, part: ByteRange | None, headers: Mapping[str, str]) -> None:
        """``file``: at the beginning of ``part``, which is None for all of it."""
        super().__init__(status_code=200 if part is None else 206, headers=dict(headers))
        self._part = part or ByteRange(0, size)
        self._file = file
        self.headers["Content-Length"] = str(self._part.length)
        if part is not None:
            self.headers["Content-Range"] = f"bytes {part.begin}-{part.end - 1}/{size}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file as fast as the client reads it. Nothing but the file is held meanwhile."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            left = self._part.length if scope["method"] != "HEAD" else 0
            while left and (chunk := await self._file.read(left)):
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self._file.close()
