"""POST, PUT, PATCH and DELETE: one use case in one transaction, repeated safely under an idempotency key.

A use case that calls out runs in two, and its answer is rendered in the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest, ValidationFailed
from domain.kernel.fields import Json
from domain.kernel.outbound_execution import OutboundExecution
from domain.kernel.principal import Principal
from domain.kernel.use_cases.idempotency import IdempotentRequest, StoredResponse, request_bytes
from domain.kernel.use_cases.outbound import OutboundUseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from rest_compat.actions import WriteAction
from rest_compat.command_binding import CommandBinding, WriteRequest
from rest_compat.endpoint import JSON, Endpoint
from rest_compat.etags import etag, matched_tags
from rest_compat.get_handler import PRIVATE, encode_document
from rest_compat.objects import Representation
from rest_compat.parameters import read_parameters
from rest_compat.visible_members import visible_part, visible_results
from transport.body import parse_object, read_body, single_header

REPLAYED = {"Idempotent-Replayed": "true"}


ReadRequest = tuple[WriteRequest, Any | None]
"""A request and its command; None when that depends on how the thing is now."""


@dataclass(frozen=True, slots=True)
class _SentRequest:
    """A request of a use case that calls out."""

    request: Request
    principal: Principal
    ids: Mapping[str, str]
    body: bytes
    given: Json
    """Its parameters."""
    key: str | None
    """Its idempotency key."""
    identity: bytes
    """What a repeat under the key must be equal to."""
    ready: ReadRequest | None
    """What is asked for, where it was read before the first transaction."""


@dataclass(frozen=True, slots=True)
class WriteHandler:
    """Answers the writing method of one endpoint."""

    database: Database
    keyring: Keyring
    endpoint: Endpoint
    action: WriteAction
    wording: CommandBinding

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The response, after the commit; any error rolls everything back. Raises all domain errors."""
        given = read_parameters(self.wording.parameters, request, principal.store.currency)
        body = await self._read(request)
        key = single_header(request, "Idempotency-Key")
        identity = b"" if key is None else await self._identity(request, body)
        # Without a key to compare with and a question about the present state, a bad body is refused before a
        # transaction is opened. Under a key that was used for another request it is that which is wrong with it.
        ready = None if key is not None else self._ready(request, ids, body, given, principal)
        if self.action.use_case.outbound is not None:
            sent = _SentRequest(request, principal, ids, body, given, key, identity, ready)
            return await self._call_out(self.action.use_case.outbound, sent)
        async with self._opened(principal, request.state.request_id, key) as work:
            repeats = None if key is None else IdempotentRequest(work, self.keyring, key, identity)
            replayed = None if repeats is None else await repeats.stored_response()
            if replayed is not None:
                request.state.replayed = True  # for the request record
                return _response(replayed, REPLAYED)
            command = await self._command(
                work, principal, ids, ready or self._ready(request, ids, body, given, principal)
            )
            result = await self.action.use_case.execute(work, principal, command)
            await work.flush()
            answer = await self._answer(work, principal, result, body)
            if repeats is not None:
                await repeats.store(answer)
        return _response(answer, {})

    def _opened(
        self, principal: Principal, request_id: str, key: str | None
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """The transaction of the use case; none for one that is buffered, unless its response is to be stored."""
        if self.action.use_case.buffered and key is None:
            return self.database.without_transaction(principal, request_id)
        return self.database.transaction(principal, request_id)

    async def _call_out(self, use_case: OutboundUseCase[Any, Any], sent: _SentRequest) -> Response:
        """As ``__call__``, in two transactions around a call; the second renders the answer.

        A repeat of a request whose process died is answered with the object as it is: ``returns`` is given what the
        use case's ``current`` reads.
        """
        principal, ids = sent.principal, sent.ids

        def repeats(work: UnitOfWork) -> IdempotentRequest | None:
            return None if sent.key is None else IdempotentRequest(work, self.keyring, sent.key, sent.identity)

        async with OutboundExecution(self.database, principal, sent.request.state.request_id, repeats) as execution:
            stored = await execution.stored_response()
            if stored is not None or execution.is_repeat:
                sent.request.state.replayed = True  # for the request record
            if stored is not None:
                return _response(stored, REPLAYED)
            if execution.is_repeat:
                result = await execution.current_result(use_case)
            else:
                ready = sent.ready or self._ready(sent.request, ids, sent.body, sent.given, principal)
                command = await self._command(execution.work, principal, ids, ready)
                result = await execution.call(use_case, await use_case(execution.work, principal, command))
            await execution.work.flush()
            answer = await self._answer(execution.work, principal, result, sent.body)
            await execution.store(answer)
        return _response(answer, REPLAYED if execution.is_repeat else {})

    async def _command(self, work: UnitOfWork, principal: Principal, ids: Mapping[str, str], ready: ReadRequest) -> Any:
        """The command, of the thing as it is now where it depends on that."""
        wanted, command = ready
        if self.action.freeze is not None and wanted.needs_unversioned:
            await self.action.freeze(work, ids)
        if command is not None:
            return command
        return wanted.command(principal.store.currency, await self._current(work, principal, ids))

    def _ready(
        self, request: Request, ids: Mapping[str, str], body: bytes, given: Json, principal: Principal
    ) -> ReadRequest:
        """The request and its command; None if the command depends on the current state."""
        wanted = self._wanted(request, ids, body, given)
        return wanted, None if wanted.needs_current else wanted.command(principal.store.currency)

    def _wanted(self, request: Request, ids: Mapping[str, str], body: bytes, given: Json) -> WriteRequest:
        return WriteRequest(
            self.wording,
            {kind.field: ids[name] for name, kind in self.endpoint.ids.items()},
            {**self._members(request, body), **given},
            matched_tags(request) if self.wording.has_version else None,
        )

    async def _current(self, work: UnitOfWork, principal: Principal, ids: Mapping[str, str]) -> Representation | None:
        return None if self.action.current is None else await self.action.current.fetch(work.reader, principal, ids)

    async def _answer(self, work: UnitOfWork, principal: Principal, result: object, sent: bytes) -> StoredResponse:
        if self.action.returns is None:
            counted = {header.name: str(header.count(result)) for header in self.action.counts}
            return StoredResponse(self.endpoint.status, counted, b"")
        represented = await self.action.returns.represent(work.reader, principal, result)
        body = represented.body
        reading = self.action.reading
        if self.endpoint.changes and reading is not None and not principal.has_scope(reading):
            narrow = visible_results if self.action.use_case.bulk else visible_part
            body = encode_document(narrow(parse_object(body), sent, self.action))
        headers = {**PRIVATE, "ETag": etag(represented.version, body)}
        if represented.location is not None and self.endpoint.creates:
            headers["Location"] = represented.location
        if represented.secret:
            headers["Cache-Control"] = "no-store"
        return StoredResponse(self.endpoint.status, headers, body)

    async def _identity(self, request: Request, body: bytes) -> bytes:
        """What requests under one idempotency key must have in common. Raises MalformedRequest."""
        conditions = request.headers.getlist("if-match")
        meaning = await self._meaning(request, body)
        return request_bytes(request.method, request.url.path, request.url.query, conditions, meaning)

    async def _read(self, request: Request) -> bytes:
        """The body, within its limits."""
        return b"" if self.endpoint.body is None else await read_body(request)

    def _members(self, request: Request, body: bytes) -> Json:
        """The fields of the command that the body fills, by their names on this surface."""
        has_body = self.endpoint.body is not None and (body or self.wording.needs_body)
        return parse_object(body) if has_body else {}

    async def _meaning(self, request: Request, body: bytes) -> object:
        """The parsed body; the bytes of a body that is not JSON."""
        try:
            return [parse_object(body)] if body else []
        except (MalformedRequest, ValidationFailed):
            return body.decode("latin-1")


def _response(answer: StoredResponse, more: Mapping[str, str]) -> Response:
    return Response(answer.body, answer.status, {**answer.headers, **more}, media_type=JSON if answer.body else None)
