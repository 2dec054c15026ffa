"""Authentication: from a bearer token to a Principal, cached for at most two seconds; and the check of the host.

On a host whose name begins with ``sandbox-api.`` only keys of test stores are valid (contract.md, 7), so that a live
key used in tests by mistake changes nothing. All transports authenticate here, and nowhere else.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import unquote

from cachetools import TTLCache
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from domain import access
from domain.kernel.clock import to_milliseconds
from domain.kernel.database import Database
from domain.kernel.errors import Unauthenticated
from domain.kernel.principal import Mode, Principal
from gateway.client_address import Networks, is_trusted

PRINCIPAL_TTL_MS = 2_000
"""A revoked key may go on working this long in a process that did not revoke it."""
MAX_CACHED_KEYS = 10_000
MAX_CACHED_UNKNOWN = 10_000
"""Tokens that open nothing: as many are remembered, as long as keys, by their hashes."""
LONGEST_TOKEN = 500
SANDBOX_PREFIX = "sandbox-api."


@dataclass(frozen=True, slots=True)
class _CachedPrincipal:
    principal: Principal
    until: int


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
        self._unknown: TTLCache[bytes, None, int] = TTLCache(MAX_CACHED_UNKNOWN, PRINCIPAL_TTL_MS, self._now)

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """The caller. Raises Unauthenticated: no token, not a bearer token, or a key that does not work."""
        token = bearer_token(connection.headers.get("authorization", ""))
        return await self.by_token(token, is_sandbox=self.is_sandbox(connection.scope))

    def is_sandbox(self, scope: Scope) -> bool:
        """Whether a request was sent to a sandbox host, by Host or a trusted proxy's ``X-Forwarded-Host``."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if is_trusted(scope, self._trusted):
            hosts = headers.getlist("x-forwarded-host") or hosts
        return any(_is_sandbox_host(host) for value in hosts for host in value.split(","))

    async def by_token(self, token: str, *, is_sandbox: bool = False) -> Principal:
        """The principal with ``token``. Raises Unauthenticated, also for a live key on a sandbox host."""
        principal = await self._look_up(token)
        if is_sandbox and principal.store.mode is not Mode.TEST:
            raise Unauthenticated("This host serves the sandbox only. Use a key that begins with `test_`.")
        return principal

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
        try:
            async with self._database.identifying() as connection:
                principal = await access.authenticate(connection, token, now)
        except Unauthenticated:
            self._unknown[hash] = None
            raise
        self._remember(token, principal, to_milliseconds(now))
        return principal

    def forget(self, ended: access.KeyInvalidated) -> None:
        """Drop what is remembered of a key that was revoked or rolled in this process."""
        for token in [token for token, known in self._known.items() if known.principal.credential == ended.key_id]:
            del self._known[token]

    def forget_all(self) -> None:
        """A key was revoked or rolled in another process: drop the cache, so that keys are looked up again."""
        self._known.clear()

    def _now(self) -> int:
        return to_milliseconds(self._database.clock())

    def _remember(self, token: str, principal: Principal, now: int) -> None:
        until = now + PRINCIPAL_TTL_MS
        if principal.expires_at is not None:
            until = min(until, to_milliseconds(principal.expires_at))
        self._known[token] = _CachedPrincipal(principal, until)
        if len(self._known) > MAX_CACHED_KEYS:
            self._known.popitem(last=False)


def _is_sandbox_host(host: str) -> bool:
    return unquote(host).strip().lower().startswith(SANDBOX_PREFIX)
