"""Authentication: from a bearer token to a Principal, cached for at most two seconds; and the check of the host.

On a host whose name begins with ``sandbox-api.`` only keys of test stores are valid (contract.md, 7), so that a live
key used in tests by mistake changes nothing. All transports authenticate here, and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote

from cachetools import TTLCache
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from domain import access
from domain.kernel.clock import to_milliseconds
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden, Unauthenticated
from domain.kernel.principal import Mode, Principal, Storefront
from gateway.client_address import Networks, client_address, client_network, is_trusted

PRINCIPAL_TTL_MS = 2_000
"""A revoked key may go on working this long in a process that did not revoke it."""
MAX_CACHED_KEYS = 10_000
MAX_CACHED_UNKNOWN = 10_000
"""Tokens that open nothing: as many are remembered, as long as keys, by their hashes."""
LONGEST_TOKEN = 500
SEEN_TTL_MS = 60_000
"""For so long it is remembered that a key was used from an address."""
SANDBOX_PREFIX = "sandbox-api."


@dataclass(frozen=True, slots=True)
class _CachedPrincipal:
    principal: Principal
    until: int


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """Where a request comes from, and where it was sent to."""

    address: IPv4Address | IPv6Address | None = None
    """Of the client; None if it is not known."""
    is_sandbox: bool = False
    """Whether it was sent to a sandbox host."""
    page: str | None = None
    """The origin of the page or app that sends it (RFC 6454); None if it sends none."""


ANYWHERE = RequestOrigin()


def bearer_token(authorization: str) -> str:
    """The token of an ``Authorization`` header. Raises Unauthenticated if there is none, or of another scheme."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send your API key as `Authorization: Bearer <key>`.")
    return token


class Authenticator:
    """Turns the ``Authorization`` header into a Principal."""

    def __init__(self, database: Database, trusted_proxies: Networks = ()) -> None:
        self._database = database
        self._trusted = trusted_proxies
        self._known: OrderedDict[str, _CachedPrincipal] = OrderedDict()
        self._looked_up: dict[str, asyncio.Task[Principal]] = {}
        """The tokens that are being looked up: each once, however many requests come with it meanwhile."""
        self._seen: TTLCache[tuple[object, ...], None, int] = TTLCache(MAX_CACHED_KEYS, SEEN_TTL_MS, self._now)
        self._unknown: TTLCache[bytes, None, int] = TTLCache(MAX_CACHED_UNKNOWN, PRINCIPAL_TTL_MS, self._now)

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """The caller. Raises Unauthenticated: no token, not a bearer token, or a key that does not work."""
        token = bearer_token(connection.headers.get("authorization", ""))
        return await self.by_token(token, self.origin_of(connection.scope))

    def origin_of(self, scope: Scope) -> RequestOrigin:
        """Where a request comes from, and where it was sent to."""
        page = Headers(scope=scope).get("origin")
        return RequestOrigin(client_address(scope, self._trusted), self.is_sandbox(scope), page)

    def is_sandbox(self, scope: Scope) -> bool:
        """Whether a request was sent to a sandbox host, by Host or a trusted proxy's ``X-Forwarded-Host``."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if is_trusted(scope, self._trusted):
            hosts = headers.getlist("x-forwarded-host") or hosts
        return any(_is_sandbox_host(host) for value in hosts for host in value.split(","))

    async def by_token(self, token: str, origin: RequestOrigin = ANYWHERE) -> Principal:
        """The principal with ``token``.

        Raises Unauthenticated, also for a live key on a sandbox host; Forbidden from an address that the key or its
        account does not allow, and for a publishable key from a page that it does not list.
        """
        principal = await self._look_up(token)
        await self._check_address(principal, origin.address)
        if origin.is_sandbox and principal.store.mode is not Mode.TEST:
            raise Unauthenticated("This host serves the sandbox only. Use a key that begins with `test_`.")
        return principal if principal.storefront is None else _on_page(principal, principal.storefront, origin)

    async def _look_up(self, token: str) -> Principal:
        # A lone surrogate, which JSON can contain in connection_init, cannot be hashed.
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise Unauthenticated("The API key is invalid.")
        now = self._database.clock()
        known = self._known.get(token)
        if known is not None and known.until > to_milliseconds(now):
            return known.principal
        self._known.pop(token, None)
        hash = access.hash_secret(token)
        if hash in self._unknown:
            raise Unauthenticated("The API key is invalid.")
        task = self._looked_up.get(token)
        if task is None:
            task = self._looked_up[token] = asyncio.create_task(self._authenticate(token, hash, now))
            task.add_done_callback(partial(self._end_look_up, token))
        return await asyncio.shield(task)  # a client that disconnects takes it from no other

    async def _authenticate(self, token: str, hash: bytes, now: datetime) -> Principal:
        try:
            async with self._database.identifying() as connection:
                principal = await access.authenticate(connection, token, now)
        except Unauthenticated:
            self._unknown[hash] = None
            raise
        if self._looked_up.get(token) is asyncio.current_task():  # otherwise a key has ended meanwhile
            self._remember(token, principal, to_milliseconds(now))
        return principal

    def _end_look_up(self, token: str, task: asyncio.Task[Principal]) -> None:
        if self._looked_up.get(token) is task:
            del self._looked_up[token]
        if not task.cancelled():
            task.exception()  # seen, even if no request waits any more

    async def _check_address(self, principal: Principal, address: IPv4Address | IPv6Address | None) -> None:
        """Raises Forbidden. What was not seen before is recorded, but for publishable keys, which everybody has."""
        allowed = access.allows(principal, address)
        seen = (principal.store.number, principal.credential, address, allowed)
        if seen not in self._seen and principal.storefront is None:
            self._seen[seen] = None
            async with self._database.identifying() as connection:
                if not allowed:
                    await access.note_refused_address(connection, principal, self._database.clock())
                elif address is not None:
                    await access.note_address(connection, principal, str(address), self._database.clock())
        if not allowed:
            raise Forbidden("The API key does not work from this address.")

    def forget(self, ended: access.KeyInvalidated) -> None:
        """Drop what is remembered of a key that was revoked or rolled in this process."""
        for token in [token for token, known in self._known.items() if known.principal.credential == ended.key_id]:
            del self._known[token]
        self._looked_up.clear()

    def forget_all(self) -> None:
        """A key was revoked or rolled in another process: drop the cache, so that keys are looked up again."""
        self._known.clear()
        self._looked_up.clear()

    def _now(self) -> int:
        return to_milliseconds(self._database.clock())

    def _remember(self, token: str, principal: Principal, now: int) -> None:
        until = now + PRINCIPAL_TTL_MS
        if principal.expires_at is not None:
            until = min(until, to_milliseconds(principal.expires_at))
        self._known[token] = _CachedPrincipal(principal, until)
        if len(self._known) > MAX_CACHED_KEYS:
            self._known.popitem(last=False)


def _on_page(principal: Principal, storefront: Storefront, origin: RequestOrigin) -> Principal:
    """The principal of a publishable key, with the client. Raises Forbidden unless the key lists the page."""
    if origin.page is None or origin.page.lower() not in storefront.origins:
        sent = "without the header Origin" if origin.page is None else f"from {origin.page[:100]}"
        raise Forbidden(f"This publishable key does not work {sent}. It lists the pages and apps that may use it.")
    client = "" if origin.address is None else client_network(origin.address)
    return replace(principal, storefront=replace(storefront, client=client))


def _is_sandbox_host(host: str) -> bool:
    return unquote(host).strip().lower().startswith(SANDBOX_PREFIX)
