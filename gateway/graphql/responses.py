"""Answers over HTTP (https://graphql.github.io/graphql-over-http/draft/): statuses, headers, and refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.budget import HeldBytes
from gateway.execution import Code, Failure, GraphQLResponse
from gateway.execution.engine import rejection
from gateway.graphql.documents import RejectedDocumentError
from gateway.graphql.operations import OperationResult, failures_of
from gateway.telemetry.request_record import record_errors, record_replay
from transport.negotiation import JSON, OFFERED
from transport.response_parts import PART_BYTES, send_in_parts

_STATUSES: Mapping[Code, int] = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.DOCUMENT_NOT_TRUSTED: 403,
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
        Code.PERSISTED_QUERY_NOT_FOUND,
        Code.DOCUMENT_NOT_TRUSTED,
        Code.LIMIT_EXCEEDED,
        Code.BAD_USER_INPUT,
        Code.FORBIDDEN,
    }
)
"""The codes that a client that accepts ``application/json`` gets with 200, since its request was well-formed."""

_MEDIA = {media: f"{media}; charset=utf-8".encode() for media in OFFERED}


def build_response(done: OperationResult, media: str) -> Response:
    """The result of an operation."""
    headers: dict[str, str] = {}
    if done.replayed:
        record_replay()
        headers["Idempotent-Replayed"] = "true"
    if done.answer.failures:
        record_errors(failure.code for failure in done.answer.failures)
        headers |= _waiting(done.answer.failures)
    return _BytesResponse(done.answer.body, _status(done.answer, media), media, headers, done.answer.held)


def build_rejection(error: Exception, request_id: str, media: str | None) -> Response:
    """The response to a request that was not executed."""
    if isinstance(error, RejectedDocumentError):
        return build_response(OperationResult(rejection(error.failures, request_id)), media or JSON)
    if isinstance(error, HTTPException):
        return _unread(Failure(Code.BAD_REQUEST, error.detail), error.status_code, request_id, media, error.headers)
    (failure,) = failures_of(error, request_id)
    return _unread(failure, _STATUSES.get(failure.code, 400), request_id, media)


def _unread(
    failure: Failure, status: int, request_id: str, media: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    """A request that did not get as far as a document."""
    record_errors([failure.code])
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = rejection([failure], request_id).body
    return _BytesResponse(body, status, media or JSON, {**(headers or {}), **challenge, **_waiting([failure])})


def _status(answer: GraphQLResponse, media: str) -> int:
    if answer.has_data:
        return 200
    codes = {failure.code for failure in answer.failures}
    if answer.executed:
        # A request that failed because a service is unavailable may succeed later: tell proxies and clients.
        return 503 if Code.UNAVAILABLE in codes else 200
    if media == JSON and codes <= _GRAPHQL_ANSWERS:
        return 200
    return status_of(answer.failures)


def status_of(failures: Sequence[Failure]) -> int:
    """Of a request that was not executed: what is worst of them."""
    return max(_STATUSES.get(failure.code, 400) for failure in failures)


def _waiting(failures: Sequence[Failure]) -> dict[str, str]:
    waits = [failure.retry_after for failure in failures if failure.retry_after is not None]
    return {"Retry-After": str(max(waits))} if waits else {}


class _BytesResponse(Response):
    """The headers are known; Starlette's own method would search them for those that it adds."""

    def __init__(
        self, body: bytes, status: int, media: str, headers: Mapping[str, str], held: HeldBytes | None = None
    ) -> None:
        """``held``: counts the body while it is being sent."""
        self.status_code, self.body, self.background = status, body, None
        self._held = held
        self.raw_headers = [
            (b"content-type", _MEDIA[media]),
            (b"cache-control", b"no-store"),
            (b"content-length", b"%d" % len(body)),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; a large body in parts, each after the client has read the previous one."""
        if len(self.body) <= PART_BYTES:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send_in_parts(bytes(self.body), send)
