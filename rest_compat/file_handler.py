"""GET of a file that is made when it is asked for, as the media type that the client prefers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.database import Database
from domain.kernel.principal import Principal
from rest_compat.actions import FileAction
from rest_compat.etags import NO_VERSION, etag, is_known
from rest_compat.get_handler import PRIVATE
from transport.body import preferred_type

VARY = {"Vary": "Accept"}


class FileHandler:
    """Answers the GET of one kind of file."""

    def __init__(self, database: Database, action: FileAction) -> None:
        self._database = database
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises NotFound, Unavailable."""
        media = preferred_type(request, self._action.media_types)
        source = self._action.source
        async with self._database.read_connection(principal.store, principal.storefront, principal.scopes) as db:
            content = await source.fetch(db, principal, ids)
        body = await asyncio.to_thread(source.render, content, media, self._database.dependency)
        headers = {**PRIVATE, **VARY, "ETag": etag(NO_VERSION, body)}
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=media)
