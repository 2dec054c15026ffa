"""POST of a file: as any other write, with a body that is the file itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request

from domain.kernel.fields import Json
from rest_compat.uploads import UploadAction
from rest_compat.wire_format import WIRE_FORMAT
from rest_compat.write_handler import WriteHandler
from transport.body import media_type_of, read_upload


@dataclass(frozen=True, slots=True)
class UploadHandler(WriteHandler):
    """Answers the POST of one upload. The use case must not call out: what it is given would stay in memory."""

    action: UploadAction

    async def _read(self, request: Request) -> bytes:
        return await read_upload(request, self.action.media_types, self.action.max_bytes)

    def _members(self, request: Request, body: bytes) -> Json:
        return {
            WIRE_FORMAT.name(self.action.media_type.name): media_type_of(request),
            WIRE_FORMAT.name(self.action.content.name): body,
        }

    async def _meaning(self, request: Request, body: bytes) -> object:
        """The media type and a digest; in a thread, because ten megabytes take tens of milliseconds."""
        digest = await asyncio.to_thread(lambda: sha256(body).hexdigest())
        return [media_type_of(request), digest]
