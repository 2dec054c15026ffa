"""POST of a file that is written to the data directory as it arrives, and never held in memory.

With an object store it is put there, as a whole, before the use case can start anything with it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from starlette.requests import Request
from starlette.responses import Response

from domain.jobs import ImportFiles
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.fields import Json
from domain.kernel.principal import Principal
from domain.kernel.request_slot import leave_slot
from rest_compat.parameters import read_parameters
from rest_compat.uploads import StreamedUploadAction
from rest_compat.wire_format import WIRE_FORMAT
from rest_compat.write_handler import WriteHandler
from transport.body import media_type_of, receive_chunks, require_media_type

WRITE_BYTES = 1_048_576
"""Bytes that are written at once, in a thread."""


@dataclass(frozen=True, slots=True)
class _Upload:
    """A file that is being uploaded."""

    id: str
    part: Path
    keep: Callable[[], Awaitable[None]]
    """Gives it its name, once it is whole. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class StreamedUploadHandler(WriteHandler):
    """Answers the POST of one upload. The file is kept if the use case has taken it."""

    action: StreamedUploadAction

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises all domain errors, OSError (the disk is full)."""
        self.action.check_parameters(
            principal, read_parameters(self.wording.parameters, request, principal.store.currency)
        )
        require_media_type(request, self.action.media_types, utf8=False)
        files: ImportFiles = self.database.dependency(ImportFiles)
        store = principal.store.number
        with leave_slot():  # an object store may be asked
            id, part = await files.new(store)
        request.state.upload = _Upload(id, part, lambda: files.keep(store, id))
        is_used = False
        try:
            response = await WriteHandler.__call__(self, request, principal, ids)
            is_used = not getattr(request.state, "replayed", False)
        finally:
            if not is_used:
                with leave_slot():
                    await files.remove(store, id)
        return response

    async def _read(self, request: Request) -> bytes:
        """Write the body to its file. Returns the digest, which stands for it."""
        upload: _Upload = request.state.upload
        digest, buffer = sha256(), bytearray()
        size = 0
        with upload.part.open("wb") as file:
            async for chunk in receive_chunks(request, self.action.max_bytes):
                size += len(chunk)
                buffer += chunk
                if len(buffer) >= WRITE_BYTES:
                    await asyncio.to_thread(_write, file, digest, bytes(buffer))
                    buffer.clear()
            await asyncio.to_thread(_finish, file, digest, bytes(buffer))
        if not size:
            raise ValidationFailed.of(("file_id",), ErrorCode.REQUIRED, "The body must be the file to import.")
        with leave_slot():
            await upload.keep()
        return digest.digest()

    def _members(self, request: Request, body: bytes) -> Json:
        upload: _Upload = request.state.upload
        return {
            WIRE_FORMAT.name(self.action.media_type.name): media_type_of(request),
            WIRE_FORMAT.name(self.action.content.name): upload.id,
        }

    async def _meaning(self, request: Request, body: bytes) -> object:
        """The media type and the digest."""
        return [media_type_of(request), body.hex()]


def _write(file: BinaryIO, digest: Any, part: bytes) -> None:
    digest.update(part)
    file.write(part)


def _finish(file: BinaryIO, digest: Any, part: bytes) -> None:
    """Write the rest, and wait until the file is on the disk: the job is committed after it."""
    _write(file, digest, part)
    file.flush()
    os.fsync(file.fileno())
