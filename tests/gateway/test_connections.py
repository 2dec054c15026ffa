"""Connections that stay are watched, whatever becomes of the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from domain import access
from domain.access.commands import CreateApiKey
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal
from gateway.graphql.connections import ConnectionRegistry
from tests.conftest import Shop
from transport.sse import CloseReason


@dataclass(eq=False)
class Guest:
    """A connection that notes what it is told."""

    principal: Principal
    told: list[CloseReason] = field(default_factory=list)

    def end(self, why: CloseReason) -> None:
        """Note it."""
        self.told.append(why)


async def issued(database: Database, shop: Shop) -> Principal:
    """Whoever holds a new key."""
    async with database.transaction(shop.live) as work:
        made = await access.create_key(work, shop.live, CreateApiKey(name=secrets.token_hex(4), scopes=("all",)))
    return replace(shop.live, credential=made.id)


async def test_only_those_whose_key_has_ended_are_ended(database: Database, shop: Shop, other_shop: Shop) -> None:
    live = ConnectionRegistry(database)
    kept, lost = Guest(await issued(database, shop)), Guest(await issued(database, other_shop))
    for guest in (kept, lost):
        live.add(guest)
    await live.check_credentials()
    assert (kept.told, lost.told) == ([], [])
    async with database.transaction(other_shop.live) as work:
        revoke = access.commands.RevokeApiKey(id=lost.principal.credential)
        await access.revoke_key(work, other_shop.live, revoke)
    await live.check_credentials()
    assert (kept.told, lost.told) == ([], [CloseReason.REVOKED])
    live.remove(lost)
    assert len(live) == 1


async def test_all_are_looked_up_in_one_statement(database: Database, shop: Shop, statements: list[str]) -> None:
    live = ConnectionRegistry(database)
    for _ in range(3):
        live.add(Guest(await issued(database, shop)))
    statements.clear()
    await live.check_credentials()
    assert sum("unnest" in statement for statement in statements) == 1


async def test_without_the_database_keys_expire_and_the_rest_stay(database_url: str, shop: Shop) -> None:
    away = Database(DatabaseOptions("postgresql://127.0.0.1:1/nowhere"))
    await away.open()
    live = ConnectionRegistry(away)
    kept = Guest(replace(shop.live, credential="key_a"))
    lost = Guest(replace(shop.live, credential="key_b", expires_at=away.clock() - timedelta(seconds=1)))
    for guest in (kept, lost):
        live.add(guest)
    with pytest.raises(Unavailable):
        await live.check_credentials()
    await away.close()
    assert (kept.told, lost.told) == ([], [CloseReason.REVOKED])


async def test_when_the_server_stops_those_who_come_late_are_told_too(database: Database, shop: Shop) -> None:
    live = ConnectionRegistry(database)
    early, late = Guest(shop.live), Guest(shop.live)
    live.add(early)
    live.drain()
    live.drain()
    live.add(late)
    assert (early.told, late.told) == ([CloseReason.RESTARTING], [CloseReason.RESTARTING])
