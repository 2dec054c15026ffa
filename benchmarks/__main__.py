"""``make bench``: the catalog's reads by GraphQL and by REST, in turns, over one server process."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.clock import Stopwatch, Turn, percentile
from benchmarks.ground import PRODUCTS, VARIANTS, Ground, ground

TURNS = 5
ALONE = 100
"""Requests a turn, one after the other."""
TOGETHER = 320
CONNECTIONS = 16
REPORT = Path(__file__).with_name("report.md")

Q1 = """query Q1 { products(first: 50) { nodes { id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } } } } }"""
Q3 = """query Q3($id: ID!) { product(id: $id) { id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } } } }"""


@dataclass(slots=True)
class Contestant:
    """One request, what its answer must fulfil, and what was measured."""

    name: str
    method: str
    path: str
    json: Any
    right: Callable[[Any], bool]
    alone: list[Turn] = field(default_factory=list)
    together: list[Turn] = field(default_factory=list)


def contestants(product_id: str) -> list[Contestant]:
    """What is measured."""

    def page(answer: Any) -> bool:
        nodes = answer["data"]["products"]["nodes"]
        return len(nodes) == 50 and all(len(node["variants"]) == VARIANTS for node in nodes)

    return [
        Contestant("Q1: 50 products with variants, GraphQL", "POST", "/graphql", {"query": Q1}, page),
        Contestant(
            "Q3: one product with variants, GraphQL",
            "POST",
            "/graphql",
            {"query": Q3, "variables": {"id": product_id}},
            lambda answer: len(answer["data"]["product"]["variants"]) == VARIANTS,
        ),
        Contestant("50 products, REST", "GET", "/v2/products?cursor=", None, lambda answer: len(answer["data"]) == 50),
        Contestant(
            "one product, REST", "GET", f"/v2/products/{product_id}", None, lambda answer: answer["id"] == product_id
        ),
    ]


async def measure(stand: Ground) -> list[Contestant]:
    """Warm up, check every answer, then take turns."""
    all_of_them = contestants(stand.product_id)
    headers = {"Authorization": f"Bearer {stand.key}"}
    async with httpx.AsyncClient(base_url=stand.url, headers=headers, timeout=60) as client:
        for each in all_of_them:
            for _ in range(30):
                answer = await client.request(each.method, each.path, json=each.json)
            if not each.right(answer.json()):
                sys.exit(f"{each.name} answers wrongly: {answer.text[:300]}")
        for _ in range(TURNS):
            for each in all_of_them:
                each.alone.append(await _turn(client, stand.pid, each, ALONE, 1))
                each.together.append(await _turn(client, stand.pid, each, TOGETHER, CONNECTIONS))
    return all_of_them


async def _turn(client: httpx.AsyncClient, pid: int, each: Contestant, requests: int, connections: int) -> Turn:
    latencies: list[float] = []

    async def ask(times: int) -> None:
        for _ in range(times):
            begun = time.perf_counter()
            answer = await client.request(each.method, each.path, json=each.json)
            answer.raise_for_status()
            latencies.append(time.perf_counter() - begun)

    watch = Stopwatch(pid)
    await asyncio.gather(*(ask(requests // connections) for _ in range(connections)))
    return watch.stop(latencies)


def report(measured: list[Contestant]) -> str:
    """The table, medians over the turns."""
    lines = [
        f"# Catalog reads\n\n{PRODUCTS:,} products with {VARIANTS} variants; one gateway process, load and database on",
        "the same machine; everything on (keys, scopes, limits, row-level security). Medians of "
        f"{TURNS} turns taken in rotation.\n",
        "| request | CPU ms | p50 ms | p99 ms | requests/s at 16 |\n| --- | --- | --- | --- | --- |",
    ]
    for each in measured:
        latencies = [latency for turn in each.alone for latency in turn.latencies]
        cpu = statistics.median(turn.cpu_ms for turn in each.alone + each.together)
        rate = statistics.median(turn.requests / turn.wall for turn in each.together)
        p50, p99 = percentile(latencies, 50), percentile(latencies, 99)
        lines.append(f"| {each.name} | {cpu:.2f} | {p50:.1f} | {p99:.1f} | {rate:.0f} |")
    return "\n".join(lines) + "\n"


async def main() -> None:
    """Measure, print, write the report."""
    async with ground() as stand:
        written = report(await measure(stand))
    REPORT.write_text(written)
    sys.stdout.write(written)


asyncio.run(main())
