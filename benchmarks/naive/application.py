"""``uvicorn benchmarks.naive.application:application``: reads ``BENCH_DATABASE_URL`` and ``BENCH_STORE``."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from strawberry.asgi import GraphQL

from benchmarks.naive.loaders import Loaders
from benchmarks.naive.types import schema
from domain.kernel.database import APP_ROLE

_engine = create_async_engine(
    make_url(os.environ["BENCH_DATABASE_URL"]).set(drivername="postgresql+asyncpg"),
    connect_args={"server_settings": {"role": APP_ROLE, "app.store_id": os.environ["BENCH_STORE"], "jit": "off"}},
    pool_size=10,
    max_overflow=0,  # a pool that overflows is slower than one that waits
)
_sessions = async_sessionmaker(_engine, expire_on_commit=False)


class Application(GraphQL[Any, None]):
    """With loaders for each request."""

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """What resolvers get as ``info.context``."""
        return {"loaders": Loaders(_sessions)}


application = Application(schema, graphql_ide=None)
