"""Counters and callers of tests."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from domain.kernel.ids import new_id
from domain.kernel.principal import Mode, Plan, Principal, Store
from domain.kernel.rate_limits import Quota
from gateway.adapters.redis_counters import RedisCounters
from gateway.rate_limits import Counters, MemoryCounters

NOON = datetime(2026, 11, 29, 12, 0, 1, tzinfo=UTC)


class Clock:
    """A clock that tests turn."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **span: float) -> None:
        """Later by so much."""
        self.now += timedelta(**span)


def caller(quota: Quota | None, key_quota: Quota | None = None) -> Principal:
    """A caller of a store of its own."""
    store = Store(1, f"store_{secrets.token_hex(8)}", "acct_1", "Shop", Mode.LIVE, "GBP", Plan.FREE, quota)
    return Principal(store, frozenset(), new_id("key"), quota=key_quota)


@pytest.fixture
def clock() -> Clock:
    """It is noon."""
    return Clock()


@pytest.fixture(params=["memory", "redis"])
async def counters(request: pytest.FixtureRequest) -> AsyncGenerator[Counters]:
    """Of one process, and of several: both must decide alike."""
    if request.param == "memory":
        yield MemoryCounters()
        return
    shared = RedisCounters(request.getfixturevalue("redis_url"))
    yield shared
    await shared.close()
