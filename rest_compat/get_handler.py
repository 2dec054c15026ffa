"""GET: objects with their ETag, and pages of lists."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.database import Database
from domain.kernel.fields import FieldSpec, specs
from domain.kernel.principal import Principal
from rest_compat.endpoint import JSON, CallerAction, Document, ItemAction, PageAction, Representation
from rest_compat.etags import etag, is_known
from rest_compat.paging import envelope, read_list
from rest_compat.parameters import read_parameters

PRIVATE = {"Cache-Control": "private, no-cache"}
"""Responses depend on the key: shared caches must not store them, the client's own revalidates with the ETag."""


class GetHandler:
    """Answers the GET of one endpoint."""

    def __init__(self, database: Database, action: ItemAction | CallerAction | PageAction) -> None:
        self._database = database
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises MalformedRequest, NotFound, Unavailable."""
        if isinstance(self._action, PageAction):
            return await self._page(self._action, request, principal, ids)
        fields = single_parameters(self._action)
        given = read_parameters(fields, request, principal.store.currency)
        if isinstance(self._action, CallerAction):
            return _thing(request, Representation(self._action.tell(principal)))
        async with self._database.read_connection(principal.store) as db:
            represented = await self._action.fetch(db, principal, {**given, **ids})
        return _thing(request, represented)

    async def _page(
        self, paged: PageAction, request: Request, principal: Principal, ids: Mapping[str, str]
    ) -> Response:
        asked = read_list(paged, request, principal)
        async with self._database.read_connection(principal.store) as db:
            if paged.within is not None:
                asked = asked.within(await paged.within(db, principal, ids))
            page = await paged.listing.page(db, asked.query, counted=asked.page is not None)
            data = await paged.describe(db, principal, page.rows) if page.rows else []
        return Response(encode_document(envelope(asked, page, data)), headers=PRIVATE, media_type=JSON)


def single_parameters(action: ItemAction | CallerAction) -> tuple[FieldSpec, ...]:
    """The query parameters of one object."""
    asked = action.parameters if isinstance(action, ItemAction) else None
    return () if asked is None else specs(asked)


def encode_document(document: Document) -> bytes:
    """A document as it is sent; money in it is text already, with its currency's digits."""
    return orjson.dumps(document)


def _thing(request: Request, represented: Representation) -> Response:
    body = encode_document(represented.document)
    headers = {**PRIVATE, "ETag": etag(represented.version, body)}
    if is_known(request, headers["ETag"]):
        request.state.unsent_bytes = len(body)  # for middleware that would have compressed it and weakened the tag
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)
