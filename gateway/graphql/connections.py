"""Connections that stay: who they are, whether their keys still work, and telling them when the server stops.

A request is identified once and soon over. A subscription may last for days, so the credentials of those who have one
are looked up again every second, all in one statement, and at once when a key ends in this process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Protocol

from domain import access
from domain.kernel.database import Database
from domain.kernel.errors import RateLimited, Unavailable
from domain.kernel.principal import Principal
from transport.sse import CloseReason

CREDENTIAL_CHECK_INTERVAL = 1.0
"""Seconds: a key that ends in another process is noticed within this time; two seconds are promised."""

MAX_CONNECTIONS_PER_KEY = 10_000
"""Sockets and streams that stay, in one process."""

log = logging.getLogger("gateway.connections")


class LongLivedConnection(Protocol):
    """One that stays."""

    @property
    def principal(self) -> Principal:
        """Who is at the other end."""

    def end(self, why: CloseReason) -> None:
        """Come to an end soon. Returns at once; may be called again."""


class ConnectionRegistry:
    """The connections of this process that stay."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connections: dict[access.Credential, set[LongLivedConnection]] = {}
        self._draining = False
        self._woken = asyncio.Event()

    def admit(self, principal: Principal) -> None:
        """Before a connection begins. Raises RateLimited when its key has too many."""
        held = len(self._connections.get((principal.store.number, principal.credential), ()))
        if held >= MAX_CONNECTIONS_PER_KEY:
            raise RateLimited(
                f"An API key may have at most {MAX_CONNECTIONS_PER_KEY:,} live connections. Close some of them.", 60
            )

    def add(self, connection: LongLivedConnection) -> None:
        """From now on its credential is watched."""
        self._connections.setdefault(_credential(connection), set()).add(connection)
        if self._draining:
            connection.end(CloseReason.RESTARTING)

    def remove(self, connection: LongLivedConnection) -> None:
        """It is over."""
        credential = _credential(connection)
        left = self._connections.get(credential, set())
        left.discard(connection)
        if not left:
            self._connections.pop(credential, None)

    def __len__(self) -> int:
        """How many there are."""
        return sum(map(len, self._connections.values()))

    def drain(self) -> None:
        """The server stops: end all connections, and any that still arrive."""
        if not self._draining:
            self._draining = True
            self._end(set(self._connections), CloseReason.RESTARTING)

    def wake(self) -> None:
        """A key may have ended: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Check credentials until cancelled. While the database is unavailable, open connections stay and new ones are
        refused.
        """
        while True:
            try:
                async with asyncio.timeout(CREDENTIAL_CHECK_INTERVAL):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            try:
                await self.check_credentials()
            except Unavailable as away:
                log.debug("looking up credentials: database unavailable: %s", away)
            except Exception:  # one failure must not end all watching
                log.exception("looking up credentials failed")

    async def check_credentials(self) -> None:
        """End the connections whose credentials work no more. Raises Unavailable."""
        now = self._database.clock()
        for each in [each for connections in self._connections.values() for each in connections]:
            # Whether the database is there or not. One by one: a grant has several tokens, each with an end of its own.
            if each.principal.expires_at is not None and each.principal.expires_at <= now:
                each.end(CloseReason.REVOKED)
        asked = set(self._connections)
        if asked:
            async with self._database.identifying() as connection:
                working = await access.valid_credentials(connection, asked, now)
            self._end(asked - working.keys(), CloseReason.REVOKED)
            self._end_wider(working)

    def _end_wider(self, scopes: Mapping[access.Credential, frozenset[str] | None]) -> None:
        """End connections that began with scopes which their keys have lost."""
        for credential, left in scopes.items():
            for connection in tuple(self._connections.get(credential, ())):
                if left is not None and not connection.principal.scopes <= left:
                    connection.end(CloseReason.REVOKED)

    def _end(self, credentials: set[access.Credential], why: CloseReason) -> None:
        for credential in credentials:
            for connection in tuple(self._connections.get(credential, ())):
                connection.end(why)


def _credential(connection: LongLivedConnection) -> access.Credential:
    return connection.principal.store.number, connection.principal.credential
