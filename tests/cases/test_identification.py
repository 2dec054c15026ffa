"""Finding out who asks, whatever else the gateway is busy with, and once in a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from domain import access
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import Unauthenticated
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway import authentication
from gateway.authentication import Authenticator
from gateway.database_setup import database_options
from gateway.graphql import ConnectionRegistry
from gateway.settings import Settings
from tests.conftest import MakeKey, Shop


class Watched:
    """A database whose statements are counted, and whose time a test moves."""

    def __init__(self, url: str) -> None:
        self.now = system_clock()
        self.statements: list[str] = []
        self.database = Database(
            DatabaseOptions(url, reactions=SIGNAL_HANDLERS, observer=self.statements.append, clock=self.clock)
        )

    def clock(self) -> datetime:
        return self.now


@pytest.fixture
async def watched(database_url: str) -> AsyncGenerator[Watched]:
    found = Watched(database_url)
    await found.database.open()
    yield found
    await found.database.close()


async def test_b4_who_asks_is_found_out_while_all_other_connections_are_busy(
    watched: Watched, shop: Shop, make_key: MakeKey
) -> None:
    """With a dispatcher, a sequencer and a slow retention.

    Taken out: ``identifying``, for ``system_connection``; Unavailable.
    """
    key = await make_key(shop.live)
    identify, live = Authenticator(watched.database), ConnectionRegistry(watched.database)
    async with AsyncExitStack() as stack:
        for _ in range(watched.database.options.system_connections):
            await stack.enter_async_context(watched.database.system_connection())
        assert (await identify.by_token(key)).store == shop.live.store
        await live.check_credentials()


async def test_b4_an_unknown_token_is_looked_up_once_in_a_while(
    watched: Watched, shop: Shop, make_key: MakeKey
) -> None:
    """Taken out: ``_unknown``; each request is a statement."""
    identify = Authenticator(watched.database)

    async def refused(token: str) -> int:
        before = len(watched.statements)
        with pytest.raises(Unauthenticated):
            await identify.by_token(token)
        return len(watched.statements) - before

    assert [await refused("live_nobody") for _ in range(3)] == [1, 0, 0]
    assert await refused("live_somebody_else") == 1
    watched.now += timedelta(seconds=2)
    assert await refused("live_nobody") == 1
    key = await make_key(shop.live)
    assert (await identify.by_token(key)).store == shop.live.store


async def test_b4_what_is_remembered_of_unknown_tokens_is_bounded(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the bound of ``_unknown``. Then the first token is still remembered after the last."""
    monkeypatch.setattr(authentication, "MAX_CACHED_UNKNOWN", 5)
    identify = Authenticator(watched.database)

    async def refused(number: int) -> int:
        before = len(watched.statements)
        with pytest.raises(Unauthenticated):
            await identify.by_token(f"live_{number}")
        return len(watched.statements) - before

    assert [await refused(number) for number in range(6)] == [1] * 6
    assert [await refused(number) for number in range(5, -1, -1)] == [0, 0, 0, 0, 0, 1]


async def test_b4_a_key_that_is_revoked_and_asked_again_is_refused_at_once(
    watched: Watched, shop: Shop, make_key: MakeKey
) -> None:
    """Fails when ``forget`` drops nothing."""
    key = await make_key(shop.live)
    identify = Authenticator(watched.database)
    principal = await identify.by_token(key)
    identify.forget(access.KeyInvalidated(principal.credential))
    async with watched.database.system_connection() as connection:
        await connection.execute("UPDATE api_key SET revoked_at = now() WHERE id = $1", principal.credential)
    with pytest.raises(Unauthenticated):
        await identify.by_token(key)


async def test_requests_that_come_together_with_one_key_look_it_up_once(
    watched: Watched, shop: Shop, make_key: MakeKey
) -> None:
    """Also when one of them is cancelled, be it the first; and one that is unknown. Taken out to see it fail:
    ``_looked_up`` (a statement for each), ``shield`` (the first takes the answer from the others).
    """
    key = await make_key(shop.live)
    identify = Authenticator(watched.database)
    tasks = [asyncio.create_task(identify.by_token(key)) for _ in range(20)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert {each.store.id for each in found[1:] if not isinstance(each, BaseException)} == {shop.live.store.id}
    assert len(watched.statements) == 2  # and one that says when it was used
    unknown = [identify.by_token("live_nobody") for _ in range(20)]
    refused = await asyncio.gather(*unknown, return_exceptions=True)
    assert {type(each) for each in refused} == {Unauthenticated}
    assert len(watched.statements) == 3


async def test_a_key_that_ends_while_it_is_looked_up_is_looked_up_again(
    watched: Watched, shop: Shop, make_key: MakeKey
) -> None:
    """Taken out to see it fail: ``_looked_up.clear()`` in ``forget`` (it works for two more seconds)."""
    key = await make_key(shop.live)
    identify = Authenticator(watched.database)
    early = asyncio.create_task(identify.by_token(key))
    await asyncio.sleep(0)
    identify.forget(access.KeyInvalidated("key_of_another_token"))
    await early
    before = len(watched.statements)
    await identify.by_token(key)
    assert len(watched.statements) == before + 1


def test_b4_both_pools_have_a_setting(settings: Settings) -> None:
    """Fails when ``database_options`` leaves one out."""
    given = settings.model_copy(update={"database_system_connections": 7, "database_identity_connections": 3})
    options = database_options(given, "postgresql://nobody@nowhere/none")
    assert (options.system_connections, options.identity_connections) == (7, 3)
