"""A gateway whose statements are counted, and each transport to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from domain.kernel.sql.instrumentation import query_observer
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.app import build
from gateway.settings import Settings
from tests.gateway.conftest import Serving, serving
from tests.gateway.hostile.transports import TRANSPORTS, Transport
from tests.shared_pools import shared_database


@pytest.fixture(scope="session")
def _of_requests() -> list[str]:
    return []


@pytest.fixture
def statements(_of_requests: list[str]) -> list[str]:
    """Every statement that a request has sent since the test began: not those of the gateway's own housekeeping, and
    not those that find out who asks, which come before the request is read."""
    _of_requests.clear()
    return _of_requests


@pytest.fixture(scope="session")
async def counted(database_url: str, settings: Settings, _of_requests: list[str]) -> AsyncGenerator[Serving]:
    """A gateway that tells of its statements."""

    def record(statement: str) -> None:
        if query_observer.get() is not None and "api_key" not in statement:
            _of_requests.append(statement)

    database = shared_database(database_url, reactions=SIGNAL_HANDLERS, observer=record)
    async with serving(build(settings, database, sends_webhooks=False)) as running:
        yield running


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, counted: Serving, key: str) -> Transport:
    """Each way to ask in turn."""
    return TRANSPORTS[request.param](counted, key)
