"""GET: objects with their ETag, and pages of lists."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import orjson
from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.database import Database
from domain.kernel.documents.document_reads import DocumentListing, json_list
from domain.kernel.fields import FieldSpec, Json, specs
from domain.kernel.principal import Principal
from rest_compat.actions import CallerAction, ItemAction, PageAction
from rest_compat.endpoint import JSON
from rest_compat.etags import etag, is_known
from rest_compat.objects import Representation
from rest_compat.paging import pagination_of, read_list
from rest_compat.parameters import read_parameters
from rest_compat.report_formats import COMPRESSED_FORMATS

PRIVATE = {"Cache-Control": "private, no-cache"}
"""Responses depend on the key: shared caches must not store them, the client's own revalidates with the ETag."""


class GetHandler:
    """Answers the GET of one object."""

    def __init__(self, database: Database, action: ItemAction | CallerAction) -> None:
        self._database = database
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises MalformedRequest, NotFound, Unavailable."""
        given = read_parameters(single_parameters(self._action), request, principal.store.currency)
        if isinstance(self._action, CallerAction):
            known = self._action.document.of_row(self._action.row(principal), principal)
            return found_response(request, Representation(encode_document(known)))
        async with self._database.read_connection(principal.store, principal.storefront, principal.scopes) as db:
            represented = await self._action.source.fetch(db, principal, {**given, **ids})
        return found_response(request, represented)


class PageHandler:
    """Answers the GET of one list."""

    def __init__(self, database: Database, action: PageAction) -> None:
        self._database = database
        self._action = action
        self._documents = DocumentListing(action.document, action.listing)

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response. Raises MalformedRequest, NotFound, Unavailable."""
        action = self._action
        asked = read_list(action, request, principal)
        async with self._database.read_connection(principal.store, principal.storefront, principal.scopes) as db:
            if action.within is not None:
                asked = asked.within(await action.within(db, principal, ids))
            page, documents = await self._documents.page(db, principal, asked.query, counted=asked.page is not None)
        body = b'{"data":' + json_list(documents) + b',"pagination":' + orjson.dumps(pagination_of(asked, page)) + b"}"
        return Response(body, headers=PRIVATE, media_type=JSON)


def single_parameters(action: ItemAction | CallerAction) -> tuple[FieldSpec, ...]:
    """The query parameters of one object."""
    asked = action.parameters if isinstance(action, ItemAction) else None
    return () if asked is None else specs(asked)


def encode_document(document: Json) -> bytes:
    """A document as it is sent; a decimal number with exactly its digits."""
    return orjson.dumps(document, default=_decimal)


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode())
    raise TypeError(type(value))


def found_response(request: Request, represented: Representation, media: str = JSON) -> Response:
    """The response with an object and its ETag; 304 if the client has it. ``media``: what the body is."""
    body = represented.body
    headers = {**PRIVATE, "ETag": etag(represented.version, body)}
    if is_known(request, headers["ETag"]):
        if media not in COMPRESSED_FORMATS:
            request.state.unsent_bytes = len(body)  # for middleware that would have compressed it and weakened the tag
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media)
