"""A Stripe of the tests' own, on loopback: it does what an account does, or fails as a script says.

Every request and every answer is held to Stripe's published document; what differs from it is in ``violations``. As at
Stripe, the answer to an idempotency key is kept and repeated, even an error of the server's own, and a key with other
parameters is refused.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from gateway.adapters.stripe.library import API_VERSION
from tests.payments.stripe.account import Account, RefusedError
from tests.payments.stripe.objects import Object
from tests.payments.stripe.specification import nest, nested, specification

SECRET_KEY = "sk_live_ofTheTests"  # a key of no account


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    method: str
    path: str
    params: Object
    key: str | None
    """The idempotency key."""


@dataclass(slots=True)
class Fault:
    """How requests fail, so many times."""

    kind: str
    """``hang``; ``cut`` (the connection, before anything is done), ``lost`` (it is done, and the connection cut) and
    ``torn`` (it is cut within the answer); ``error`` and ``done_error`` (500 before and after it is done), ``busy``
    (429), ``locked`` (409), ``invalid`` (400), ``denied`` (403).
    """
    path: str
    times: int
    method: str = "POST"


@dataclass(slots=True)
class ScriptedStripe:
    """The server's script, and what came."""

    account: Account = field(default_factory=Account)
    url: str = ""
    received: list[Received] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    answers: dict[str, tuple[str, Object, int, Any]] = field(default_factory=dict)
    """By idempotency key."""

    def fail(self, kind: str, path: str, times: int = 1, method: str = "POST") -> None:
        """Let the next requests to a path (a pattern) fail."""
        self.faults.append(Fault(kind, path, times, method))

    def sent(self, path: str, method: str = "POST") -> list[Received]:
        """The requests to a path (a pattern)."""
        return [each for each in self.received if each.method == method and re.fullmatch(path, each.path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, or fail."""
        received, upload = await self._read(request)
        self.received.append(received)
        fault = self._fault(received)
        if fault == "hang":
            await self.closing.wait()
        if fault == "cut":
            return _cut(request)
        status, answer, is_repeat = self._answer(received, upload, fault)
        if fault == "lost":
            return _cut(request)
        response = web.json_response(answer, status=status, headers={"Request-Id": "req_test"})
        if is_repeat:
            response.headers["Idempotent-Replayed"] = "true"
        return await _torn(request, response) if fault == "torn" else response

    async def _read(self, request: web.Request) -> tuple[Received, tuple[str, bytes] | None]:
        upload = None
        if request.content_type == "multipart/form-data":
            pairs: list[tuple[str, Any]] = []
            for name, value in (await request.post()).items():
                if isinstance(value, web.FileField):
                    upload = (value.filename, value.file.read())
                pairs.append((name, value if isinstance(value, str) else "(a file)"))
            params = nest(pairs)
        else:
            params = nested(request.query_string if request.method == "GET" else await request.text())
        errors, typed = specification().request_errors(request.method, request.path, params)
        self.violations += [f"{request.method} {request.path}: {error}" for error in errors]
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            typed = {"refused": True}
        elif request.headers.get("Stripe-Version") != API_VERSION:
            self.violations.append(f"{request.path} with version {request.headers.get('Stripe-Version')}")
        key = request.headers.get("Idempotency-Key")
        return Received(request.method, request.path, typed, key), upload

    def _fault(self, received: Received) -> str | None:
        for fault in self.faults:
            if fault.times > 0 and received.method == fault.method and re.fullmatch(fault.path, received.path):
                fault.times -= 1
                return fault.kind
        return None

    def _answer(self, received: Received, upload: tuple[str, bytes] | None, fault: str | None) -> tuple[int, Any, bool]:
        """The status, the answer, and whether it is that of an earlier request."""
        repeat = self.answers.get(received.key or "")
        if fault == "busy":
            status, answer = 429, _error("invalid_request_error", code="rate_limit", message="Too many requests.")
        elif fault == "invalid":
            status, answer = 400, _error("invalid_request_error", message="Received unknown parameter.")
        elif fault == "denied":
            message = "The provided key does not have the required permissions for this endpoint."
            status, answer = 403, _error("invalid_request_error", message=message)
        elif fault == "locked":
            message = "There is currently another in-progress request using this Idempotent Key."
            status, answer = 409, _error("idempotency_error", code="idempotency_key_in_use", message=message)
        elif repeat is not None and repeat[:2] != (received.path, received.params):
            message = "Keys for idempotent requests can only be used with the same parameters."
            status, answer = 400, _error("idempotency_error", message=message)
        elif repeat is not None:
            return repeat[2], repeat[3], True
        else:
            status, answer = self._perform(received, upload, fault)
            if received.method == "POST" and received.key is not None:
                self.answers[received.key] = (received.path, received.params, status, answer)
        errors = specification().answer_errors(received.method, received.path, status, answer)
        self.violations += [f"the answer to {received.method} {received.path}: {error}" for error in errors]
        return status, answer, False

    def _perform(self, received: Received, upload: tuple[str, bytes] | None, fault: str | None) -> tuple[int, Any]:
        broken = 500, _error("api_error", message="An unknown error occurred.")
        if fault == "error":
            return broken
        if received.params.get("refused"):
            return 401, _error("invalid_request_error", message="Invalid API Key provided: sk_live_****ests")
        try:
            made = _route(self.account, received, upload)
        except RefusedError as refused:
            return refused.status, {"error": refused.error}
        if fault == "done_error":
            return broken
        return 200, self.account.expanded(made, received.params.get("expand", []))


def _route(account: Account, received: Received, upload: tuple[str, bytes] | None) -> Object:
    """Do what a request asks for."""
    params = received.params
    match received.method, received.path.removeprefix("/v1/").split("/"):
        case "POST", ["payment_methods"]:
            return account.create_method(params)
        case "POST", ["payment_intents"]:
            return account.create_intent(params)
        case "POST", ["payment_intents", id, "capture"]:
            return account.capture(id, params)
        case "POST", ["payment_intents", id, "cancel"]:
            return account.cancel(id)
        case "POST", ["refunds"]:
            return account.refund(params)
        case "POST", ["disputes", id]:
            return account.update_dispute(id, params)
        case "POST", ["files"] if upload is not None:
            return account.create_file(params, *upload)
        case "GET", ["payment_intents", "search"]:
            found = [each for each in account.intents.values() if _is_found(each, params["query"])]
            return {"object": "search_result", "data": found, "has_more": False, "url": received.path}
        case "GET", ["payment_intents" | "refunds" as name]:
            return _page(account, name, received)
        case "GET", [name, id] if id in (objects := getattr(account, name.removeprefix("payment_"), {})):
            return dict(objects[id])
    raise RefusedError(404, code="resource_missing", message=f"No such object: {received.path}")


def _page(account: Account, name: str, received: Received) -> Object:
    """A page of a list, the newest first."""
    params = received.params
    everything: list[Object] = list(getattr(account, name.removeprefix("payment_")).values())[::-1]
    created = params.get("created", {})
    within = [each for each in everything if created.get("gte", 0) <= each["created"] <= created.get("lte", 2**40)]
    ids = [each["id"] for each in within]
    start = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    end = start + params.get("limit", 10)
    return {"object": "list", "data": within[start:end], "has_more": end < len(within), "url": received.path}


def _is_found(intent: Object, query: str) -> bool:
    found = re.fullmatch(r"metadata\['(\w+)'\]:'([^']+)'", query)
    assert found is not None, query
    return bool(intent["metadata"].get(found[1]) == found[2])


def _error(type: str, **members: Any) -> Object:
    return {"error": {"type": type, **members}}


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _torn(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """An answer that ends in the middle of its body."""
    body = whole.body
    assert isinstance(body, bytes)
    response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _cut(request)
    return response


@asynccontextmanager
async def running_stripe(configure: Callable[[Account], None] | None = None) -> AsyncGenerator[ScriptedStripe]:
    """The server, until the context ends. Asserts then that nothing was sent that Stripe's document does not allow."""
    scripted = ScriptedStripe()
    if configure is not None:
        configure(scripted.account)
    application = web.Application(client_max_size=64 * 2**20)
    application.router.add_route("*", "/{path:.*}", scripted.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    scripted.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield scripted
    finally:
        scripted.closing.set()
        await runner.cleanup()
    assert scripted.violations == []
