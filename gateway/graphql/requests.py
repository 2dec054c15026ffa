"""GraphQL requests: one operation, in a POST body, in the parameters of a GET, or in a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from domain.kernel.errors import MalformedRequest, ValidationFailed
from domain.kernel.principal import Principal
from gateway.graphql.persisted_queries import document_reference, persisted_query_hash
from transport.body import parse_object, read_body

Identify = Callable[[HTTPConnection], Awaitable[Principal]]
"""Who calls. Raises Unauthenticated."""

COST_HEADER = "x-query-cost"
"""``1``: return in ``extensions.cost`` the maximum and the actual cost of the operation."""
MAX_QUERY_STRING_BYTES = 16_384
"""Bytes of a GET's parameters; longer operations are sent by POST."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL request, not yet looked into."""

    document: str | None
    """None when it is only named."""
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]
    hash: str | None = None
    """The SHA-256 that names the document."""
    id: str | None = None
    """The id of the trusted document that is meant."""
    shall_persist: bool = False
    """Whether the client requests that the document is persisted under its hash."""


def idempotency_key(asked: GraphQLRequest) -> str | None:
    """The key of a write in ``extensions.idempotencyKey``: of clients that cannot set a header for each operation.

    Raises MalformedRequest.
    """
    key = asked.extensions.get("idempotencyKey")
    if key is not None and not isinstance(key, str):
        raise MalformedRequest.of("extensions.idempotencyKey", "Must be a string.")
    return key


async def read_request(request: Request) -> GraphQLRequest:
    """The request of a GET or POST. Raises MalformedRequest, or HTTPException with 413, 414 or 415."""
    if request.method == "POST":
        try:
            members = parse_object(await read_body(request))
        except ValidationFailed:
            raise MalformedRequest("The body must be one JSON object. Batches are not supported.") from None
        return parse_request(members)
    if len(request.scope["query_string"]) > MAX_QUERY_STRING_BYTES:
        raise HTTPException(
            414, f"The query string must have at most {MAX_QUERY_STRING_BYTES:,} bytes. Use POST for longer requests."
        )
    parameters = request.query_params
    for name in ("query", "documentId", "operationName", "variables", "extensions"):
        if len(parameters.getlist(name)) > 1:
            raise MalformedRequest.of(name, "Must be given only once.")
    members = {name: parameters.get(name) or None for name in ("query", "documentId", "operationName")}
    return parse_request(members | {name: _json(name, parameters.get(name)) for name in ("variables", "extensions")})


def _json(name: str, text: str | None) -> Mapping[str, Any] | None:
    if not text or text.strip() == "null":
        return None
    try:
        return parse_object(text.encode(errors="replace"))
    except (MalformedRequest, ValidationFailed):
        raise MalformedRequest.of(name, "Must be a JSON object.") from None


def parse_request(members: Mapping[str, Any]) -> GraphQLRequest:
    """The request of the members of an object. Raises MalformedRequest, naming the member."""
    _check_text(members)
    document = members.get("query")
    name = members.get("operationName")
    if name is not None and not isinstance(name, str):
        raise MalformedRequest.of("operationName", "Must be a string.")
    maps = {key: members.get(key) for key in ("variables", "extensions")}
    for key, value in maps.items():
        if value is not None and not isinstance(value, dict):
            raise MalformedRequest.of(key, "Must be a JSON object.")
    extensions = maps["extensions"] or {}
    persisted = persisted_query_hash(extensions)
    hash, id = document_reference(members)
    if hash is not None and persisted is not None and hash != persisted:
        raise MalformedRequest.of("documentId", "Does not match the document of extensions.persistedQuery.")
    hash = hash or persisted
    if not isinstance(document, str) and (document is not None or (hash is None and id is None)):
        raise MalformedRequest.of("query", "Must be a string with a GraphQL document.")
    shall_persist = document is not None and persisted is not None
    return GraphQLRequest(document, name or None, maps["variables"] or {}, extensions, hash, id, shall_persist)


def _check_text(members: Mapping[str, Any]) -> None:
    """Check for lone surrogates, which JSON can escape and UTF-8 cannot encode: any input may be returned, logged or
    stored. Raises MalformedRequest. orjson checks all of it in a microsecond; if it fails, the member is searched.
    """
    try:
        orjson.dumps(members, default=str)
    except TypeError:
        for name in ("query", "operationName", "variables", "extensions", "documentId", "id"):
            if not _is_text(members.get(name)):
                raise MalformedRequest.of(name, "Must be valid Unicode without lone surrogates.") from None


def _is_text(value: Any) -> bool:
    """Whether all text in it can be written."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            try:
                each.encode()
            except UnicodeEncodeError:
                return False
        elif isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
    return True
