"""The endpoints that clients call: token, revocation, introspection and metadata. They answer in JSON.

A transaction is committed also when the answer is an error: a replay that is refused has ended a grant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response

from domain.access.oauth import OAuthRecords, find_oauth_party, with_oauth_records
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from gateway.oauth.issuer import Issuer, metadata
from gateway.oauth.library import LibraryRequest, LibraryResponse, LibraryServer
from gateway.oauth.library_grants import build_server
from gateway.oauth.parameters import OAuthRequestError, client_id_of, read_form

NO_STORE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer that may contain a token or a code (RFC 6749, 5.1)."""
_METADATA_CACHE = "public, max-age=300"
LibraryHandler = Callable[[LibraryServer, LibraryRequest], LibraryResponse]
Enter = Callable[[Principal], Awaitable[None]]
"""Gives a request of a client a slot of the process, in turns by account. Raises Overloaded."""


class ClientEndpoints:
    """Answers clients."""

    def __init__(self, database: Database, issuer: Issuer, enter: Enter) -> None:
        self._database = database
        self._issuer = issuer
        self._enter = enter

    async def token(self, request: Request) -> Response:
        """Issue tokens (RFC 6749, 3.2)."""
        return await self._respond(request, _token)

    async def revoke(self, request: Request) -> Response:
        """Revoke a token (RFC 7009)."""
        return await self._respond(request, lambda server, given: _endpoint("revocation", server, given))

    async def introspect(self, request: Request) -> Response:
        """Describe a token (RFC 7662)."""
        return await self._respond(request, lambda server, given: _endpoint("introspection", server, given))

    async def metadata(self, request: Request) -> Response:
        """Describe the server (RFC 8414)."""
        body = orjson.dumps(metadata(self._issuer.of(request)))
        return Response(body, 200, {"Cache-Control": _METADATA_CACHE}, "application/json")

    async def _respond(self, request: Request, handler: LibraryHandler) -> Response:
        try:
            parameters = await read_form(request)
            client_id = client_id_of(request.headers.get("authorization"), parameters)
        except OAuthRequestError as refused:
            return refusal(refused)
        given = LibraryRequest(request.method, request.headers, parameters)
        credential = next((parameters[name] for name in ("code", "refresh_token", "token") if name in parameters), "")
        async with self._database.identifying() as connection:
            party = await find_oauth_party(connection, client_id, credential)
        if party is None:
            return _written(handler(build_server(None), given))
        caller = Principal(party.store, frozenset(), client_id)
        await self._enter(caller)
        async with self._database.transaction(caller, request.state.request_id) as work:
            found = await with_oauth_records(work, party.role, partial(_run_handler, handler, given))
        return _written(found)


def refusal(refused: OAuthRequestError) -> Response:
    """The answer to a request whose client is not known yet."""
    headers = {**NO_STORE, **({"WWW-Authenticate": "Basic"} if refused.status == 401 else {})}
    body = {"error": refused.error, "error_description": refused.description}
    return Response(orjson.dumps(body), refused.status, headers, "application/json")


def _run_handler(handler: LibraryHandler, given: LibraryRequest, records: OAuthRecords) -> LibraryResponse:
    return handler(build_server(records), given)


def _token(server: LibraryServer, given: LibraryRequest) -> LibraryResponse:
    if "grant_type" not in given.form:
        body = {"error": "invalid_request", "error_description": "Missing 'grant_type' in request."}
        return LibraryResponse(400, body, {})
    response: LibraryResponse = server.create_token_response(given)
    return response


def _endpoint(name: str, server: LibraryServer, given: LibraryRequest) -> LibraryResponse:
    response: LibraryResponse = server.create_endpoint_response(name, given)
    return response


def _written(answer: LibraryResponse) -> Response:
    kept = {name: value for name, value in answer.headers.items() if name == "WWW-Authenticate"}
    return Response(orjson.dumps(answer.body), answer.status, {**NO_STORE, **kept}, "application/json")
