"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): POST, and GET for queries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest
from domain.kernel.principal import Principal
from gateway.execution import Answer, Code, Engine, Failure, failure_of
from gateway.execution.port import refusal
from gateway.graphql.asking import read_asked
from gateway.graphql.documents import CannotRunError
from gateway.graphql.negotiation import JSON, preferred
from gateway.graphql.operations import Caller, Done, Operations
from gateway.telemetry.facts import note_errors, note_replayed
from rest_compat.reading import single_header

Identify = Callable[[HTTPConnection], Awaitable[Principal]]
"""Who calls. Raises Unauthenticated."""

_STATUSES: Mapping[Code, int] = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.CONFLICT: 409,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.TIMEOUT: 504,
}
"""Of a request that was not executed; 400 for the rest."""
_GRAPHQL_ANSWERS = frozenset(
    {
        Code.PARSE_FAILED,
        Code.VALIDATION_FAILED,
        Code.OPERATION_UNKNOWN,
        Code.LIMIT_EXCEEDED,
        Code.BAD_USER_INPUT,
        Code.FORBIDDEN,
    }
)
"""What a client that asked for ``application/json`` is told with 200, since its request was well-formed."""


class GraphQLHttp:
    """An ASGI application for the one path. ``request.state.request_id`` must be set."""

    def __init__(self, database: Database, keyring: Keyring, identify: Identify, engine: Engine) -> None:
        self._identify = identify
        self._operations = Operations(database, keyring, engine)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        media = preferred(request.headers.getlist("accept"))
        request_id = request.state.request_id
        try:
            return await self._run(request, media, request_id)
        except CannotRunError as error:
            return _answered(Done(refusal(error.failures, request_id)), media or JSON)
        except HTTPException as error:
            failure = Failure(Code.BAD_REQUEST, error.detail)
            return _refused(failure, error.status_code, request_id, media, error.headers)
        except MalformedRequest as error:
            failure = replace(failure_of(error, request_id), code=Code.BAD_REQUEST)
            return _refused(failure, 400, request_id, media)
        except Exception as error:
            failure = failure_of(error, request_id)
            return _refused(failure, _STATUSES.get(failure.code, 400), request_id, media)

    async def _run(self, request: Request, media: str | None, request_id: str) -> Response:
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "Send GET or POST.", {"Allow": "GET, POST"})
        if media is None:
            raise HTTPException(406, "Answers are application/graphql-response+json or application/json.")
        principal = await self._identify(request)
        asked = await read_asked(request)
        operation = self._operations.prepare(asked)
        if operation.subscribes:
            raise HTTPException(400, "Subscriptions are served by WebSocket here, and as events by /graphql/stream.")
        if operation.writes and request.method == "GET":
            raise HTTPException(405, "Send mutations by POST.", {"Allow": "POST"})
        caller = Caller(principal, request_id, single_header(request, "idempotency-key"))
        return _answered(await self._operations.run(operation, asked, caller), media)


def _answered(done: Done, media: str) -> Response:
    note_errors(failure.code for failure in done.answer.failures)
    if done.replayed:
        note_replayed()
    headers = {"Idempotent-Replayed": "true"} if done.replayed else {}
    return _response(done.answer.body, _status(done.answer, media), media, headers | _waiting(done.answer.failures))


def _refused(
    failure: Failure, status: int, request_id: str, media: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    """A request that did not get as far as a document."""
    note_errors([failure.code])
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = refusal([failure], request_id).body
    return _response(body, status, media or JSON, {**(headers or {}), **challenge, **_waiting([failure])})


def _status(answer: Answer, media: str) -> int:
    if answer.has_data:
        return 200
    codes = {failure.code for failure in answer.failures}
    if answer.executed:
        # An answer that came to nothing because something is away may succeed later: proxies and clients should know.
        return 503 if Code.UNAVAILABLE in codes else 200
    if media == JSON and codes <= _GRAPHQL_ANSWERS:
        return 200
    return max(_STATUSES.get(code, 400) for code in codes)


def _waiting(failures: Sequence[Failure]) -> dict[str, str]:
    waits = [failure.retry_after for failure in failures if failure.retry_after is not None]
    return {"Retry-After": str(max(waits))} if waits else {}


def _response(body: bytes, status: int, media: str, headers: Mapping[str, str]) -> Response:
    common = {"Content-Type": f"{media}; charset=utf-8", "Cache-Control": "no-store"}
    return Response(body, status, {**common, **headers})
