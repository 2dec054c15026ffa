"""``python -m benchmarks.engines``: compiled plans against graphql-core, in turns, over the same rows in one process.

CPU of the process, without HTTP: identifying, reading bodies and writing headers are the same for both.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Mapping
from typing import Any

import orjson

from benchmarks.environment import BenchEnvironment, ground
from benchmarks.requests import Q1, Q2, Q3
from benchmarks.shop import Size
from domain import access
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Principal
from gateway.execution import CompiledEngine, Operation, StrawberryEngine
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context

TURNS = 7
REQUESTS = 30
"""A turn."""
SIZE = Size(products=500, customers=500, orders=500)


async def _turn(
    engine: StrawberryEngine, database: Database, principal: Principal, operation: Operation, given: Mapping[str, Any]
) -> float:
    """Milliseconds of CPU a request."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        context = Context(principal, database, "req_bench")
        await engine.execute(operation, given, context)
        await context.close()
    return (time.process_time() - begun) * 1000 / REQUESTS


async def main() -> None:
    """Measure, and print a line for each operation."""
    async with ground(SIZE) as stand:
        database = Database(DatabaseOptions(stand.database_url))
        await database.open()
        try:
            await _compare(database, stand)
        finally:
            await database.close()


async def _compare(database: Database, stand: BenchEnvironment) -> None:
    principal = access.system_principal(stand.store)
    engines = {"graphql-core": StrawberryEngine(), "plans": CompiledEngine()}
    documents = DocumentCache(engines["plans"].schema)
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    for name, text in (("Q1", Q1), ("Q2", Q2), ("Q3", Q3)):
        operation = documents.operation(text, None)
        given = {"id": stand.product_id} if "$id" in text else {}
        bodies = []
        for engine in engines.values():
            context = Context(principal, database, "req_bench")
            bodies.append(orjson.loads((await engine.execute(operation, given, context)).body))
        assert bodies[0] == bodies[1]  # noqa: S101 - what is not equal is not compared
        turns: dict[str, list[float]] = {each: [] for each in engines}
        for _ in range(TURNS):
            for each, engine in engines.items():
                turns[each].append(await _turn(engine, database, principal, operation, given))
        medians = {each: statistics.median(found) for each, found in turns.items()}
        ratio = medians["plans"] / medians["graphql-core"]
        shown = ", ".join(f"{each} {median:.2f} ms" for each, median in medians.items())
        print(f"{name}: {shown}, ratio {ratio:.2f}")


if __name__ == "__main__":
    asyncio.run(main())
