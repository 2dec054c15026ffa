"""Who takes part: each a process of its own, with the requests that it answers."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.corpus.contest import gateway_corpus, limit_corpus
from benchmarks.environment import BenchEnvironment
from benchmarks.measurement import GATEWAY_NAME, LIMIT, LIMIT_BEHIND_DOORS, NAIVE, STRAWBERRY_ENGINE, Measurement
from benchmarks.requests import Q1, Q2, Q3, Headers, get, graphql
from benchmarks.servers import GATEWAY, Server, gateway_environment, serving, shop_environment
from gateway.settings import Settings

ENGINE_SETTING = "engine"


@asynccontextmanager
async def contestants(stand: BenchEnvironment) -> AsyncGenerator[list[Measurement]]:
    """Every contestant but the peers, serving."""
    async with AsyncExitStack() as stack:
        yield [
            *await _gateway(stack, stand),
            *await _strawberry_engine(stack, stand),
            *await _naive(stack, stand),
            *await _limit(stack, stand, LIMIT),
            *await _limit(stack, stand, LIMIT_BEHIND_DOORS, "--doors"),
        ]


def queries(stand: BenchEnvironment, server: Server, headers: Headers) -> list[Measurement]:
    asked = {
        "Q1": graphql(Q1, headers),
        "Q2": graphql(Q2, headers),
        "Q3": graphql(Q3, headers, {"id": stand.product_id}),
    }
    return [Measurement(name, server.name, server, request) for name, request in asked.items()]


async def _gateway(stack: AsyncExitStack, stand: BenchEnvironment) -> list[Measurement]:
    server = await stack.enter_async_context(serving(GATEWAY_NAME, GATEWAY, gateway_environment(stand)))
    key = {"Authorization": f"Bearer {stand.key}"}
    return [*queries(stand, server, key), *gateway_corpus(stand, server, key)]


async def _strawberry_engine(stack: AsyncExitStack, stand: BenchEnvironment) -> list[Measurement]:
    """The gateway with graphql-core's executor, where a setting chooses."""
    if ENGINE_SETTING not in Settings.model_fields:
        return []
    environment = {**gateway_environment(stand), f"GATEWAY_{ENGINE_SETTING.upper()}": "strawberry"}
    server = await stack.enter_async_context(serving(STRAWBERRY_ENGINE, GATEWAY, environment))
    return queries(stand, server, {"Authorization": f"Bearer {stand.key}"})


async def _naive(stack: AsyncExitStack, stand: BenchEnvironment) -> list[Measurement]:
    application = ("benchmarks.naive.application:application", "--port", "{port}")
    quiet = ("--no-access-log", "--log-level", "warning", "--loop", "uvloop")
    command = (sys.executable, "-m", "uvicorn", *application, *quiet)
    server = await stack.enter_async_context(serving(NAIVE, command, shop_environment(stand)))
    # The stock application has its door at every path.
    return queries(stand, server, {})


async def _limit(stack: AsyncExitStack, stand: BenchEnvironment, name: str, *arguments: str) -> list[Measurement]:
    command = (sys.executable, "-m", "benchmarks.handwritten", "{port}", *arguments)
    server = await stack.enter_async_context(serving(name, command, shop_environment(stand)))
    key = {"Authorization": f"Bearer {stand.key}"} if arguments else {}
    asked = {
        "Q1": get("/products", key),
        "Q2": get("/orders", key),
        "Q3": get(f"/products/{stand.product_id}", key),
    }
    written = limit_corpus(stand, server, key, pages=bool(arguments))
    return [*(Measurement(operation, name, server, request) for operation, request in asked.items()), *written]
