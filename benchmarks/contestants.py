"""Who takes part: each a process of its own, with the requests that it answers."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.clock import Sample
from benchmarks.environment import BenchEnvironment
from benchmarks.requests import GET, LIST, Q1, Q2, Q3, Headers, Request, create_order, get, graphql, named
from benchmarks.servers import GATEWAY, Server, gateway_environment, serving, shop_environment
from gateway.settings import Settings

GATEWAY_NAME = "gateway"
REST = "gateway, REST"
STRAWBERRY_ENGINE = "gateway, Strawberry's executor"
NAIVE = "naive Strawberry"
LIMIT = "hand-written limit"
LIMIT_BEHIND_DOORS = "limit behind the doors"
ENGINE_SETTING = "engine"


@dataclass(slots=True)
class Measurement:
    """One contestant's answer to one operation, and what was measured of it."""

    operation: str
    contestant: str
    server: Server
    request: Request
    alone: list[Sample] = field(default_factory=list)
    together: list[Sample] = field(default_factory=list)


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
    product = stand.product_id
    listed = graphql(LIST, key, None, lambda answer: named(answer["data"]["products"]["nodes"]))
    got = graphql(GET, key, {"id": product}, lambda answer: named([answer["data"]["product"]]))
    rest_listed = get("/v2/products?limit=50", key, lambda answer: named(answer["data"]))
    rest_got = get(f"/v2/products/{product}", key, lambda answer: named([answer]))
    return [
        *queries(stand, server, key),
        Measurement("createOrder", GATEWAY_NAME, server, create_order(stand, "/graphql", key)),
        Measurement("list", GATEWAY_NAME, server, listed),
        Measurement("list", REST, server, rest_listed),
        Measurement("get", GATEWAY_NAME, server, got),
        Measurement("get", REST, server, rest_got),
    ]


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
        "createOrder": create_order(stand, "/orders", key),
    }
    return [Measurement(operation, name, server, request) for operation, request in asked.items()]
