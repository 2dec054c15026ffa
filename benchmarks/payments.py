"""``python -m benchmarks.payments``: paying in the sandbox, beside the same by hand; 50 clients at once.

A payment is an intent that is authorised, and its capture: two requests under keys of their own, each two transactions
around a call. By hand it stands behind the gateway's own doors, and once more without doors, HTTP and requests.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
import orjson
import uvloop

from benchmarks.clock import cpu_seconds, percentile
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.handwritten import payment
from benchmarks.handwritten.application import connections
from benchmarks.measurement import GATEWAY_NAME, LIMIT_BEHIND_DOORS
from benchmarks.runner import UnequalAnswersError
from benchmarks.servers import GATEWAY, Server, gateway_environment, serving, shop_environment
from benchmarks.shop import Size
from domain import access
from domain.access.commands import CreateApiKey
from domain.access.quotas import MAX_REQUESTS
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.principal import Mode, Plan, Store
from domain.signal_handlers import SIGNAL_HANDLERS

WANTED = 3.0
"""At most so many times the CPU of the same by hand, behind the doors."""
INTENT = orjson.dumps({"amount": 19_999, "payment_method": "card"})
CONNECTIONS = 16
"""Of a turn, as of the other operations."""
LIMIT_BY_HAND = (sys.executable, "-m", "benchmarks.handwritten", "{port}", "--doors")
_MADE = re.compile(r"(?:pi|pay)_\w+|\d{4}-\d\d-\d\dT[\d:.]+Z")
"""What differs from payment to payment: ids and instants."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is paid."""

    payments: int = 200
    """In a turn of each."""
    turns: int = 5
    clients: int = 50
    """At once, in the crowd."""
    seconds: float = 5.0
    """For which the crowd pays."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was measured: medians of the turns, in seconds of CPU a payment."""

    gateway: float
    by_hand: float
    """Of the server by hand, behind the gateway's doors."""
    rows: float
    """Of the rows by hand alone, without a server."""
    crowd: Crowd


@dataclass(frozen=True, slots=True)
class Crowd:
    """What many clients at once were answered."""

    clients: int
    a_second: float
    """Payments a second by all clients."""
    worst: float
    """Milliseconds of the slowest payment of a hundred."""
    refused: int
    """Payments of which a request was answered 503, because no connection was free in time."""


async def pay_in_turns(stand: BenchEnvironment, pace: Pace | None = None) -> Paid:
    """All in turns, then the crowd. Raises UnequalAnswersError where the two servers answer differently."""
    pace = pace or Pace()
    async with (
        _test_store(stand) as own,
        serving(GATEWAY_NAME, GATEWAY, gateway_environment(own)) as gateway,
        serving(LIMIT_BEHIND_DOORS, LIMIT_BY_HAND, shop_environment(own)) as by_hand,
        connections(own.database_url, own.store.number) as pool,
    ):
        async with _client(gateway, own.key) as buyer, _client(by_hand, own.key) as other:
            numbers = itertools.count()
            require_alike(await _pay(buyer, next(numbers)), await _pay(other, next(numbers)))
            turns = []
            for _ in range(1 + pace.turns):
                sides = ((gateway, buyer), (by_hand, other))
                turn = [await _served(server, client, numbers, pace.payments) for server, client in sides]
                turns.append((*turn, await _rows(pool, own.store, numbers, pace.payments)))
        gateway_cpu, by_hand_cpu, rows = (statistics.median(each) for each in zip(*turns[1:], strict=True))
        crowd = await _crowd(gateway, own.key, numbers, pace)
    return Paid(gateway_cpu, by_hand_cpu, rows, crowd)


async def _pay(client: httpx.AsyncClient, number: int) -> list[dict[str, Any]]:
    """Both documents of a payment. Raises HTTPStatusError."""
    made = await _post(client, "/v2/payments/intents", INTENT, f"intent-{number}")
    return [made, await _post(client, f"/v2/payments/{made['id']}/capture", b"{}", f"capture-{number}")]


async def _post(client: httpx.AsyncClient, path: str, body: bytes, key: str) -> dict[str, Any]:
    answer = await client.post(path, content=body, headers={"Idempotency-Key": key})
    document: dict[str, Any] = answer.raise_for_status().json()
    return document


def require_alike(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    """Raises UnequalAnswersError unless both have paid, and say the same but for ids and instants."""
    first, second = (orjson.loads(_MADE.sub("", orjson.dumps(said).decode())) for said in (one, other))
    if first != second:
        raise UnequalAnswersError(f"{GATEWAY_NAME} and {LIMIT_BEHIND_DOORS} differ: {first} {second}")
    if [each["status"] for each in first] != ["requires_capture", "succeeded"]:
        raise UnequalAnswersError(f"not paid: {first}")


async def _served(server: Server, client: httpx.AsyncClient, numbers: Iterator[int], count: int) -> float:
    """CPU of a payment of the server, over several connections."""
    worked = cpu_seconds(server.pid)
    await _at_once(CONNECTIONS, count, lambda: _pay(client, next(numbers)))
    return (cpu_seconds(server.pid) - worked) / count


async def _rows(pool: asyncpg.Pool, store: Store, numbers: Iterator[int], count: int) -> float:
    """CPU of the rows of a payment, here."""

    async def pay() -> None:
        number = next(numbers)
        made = await payment.create_intent(pool, store.number, f"intent-rows-{number}", INTENT)
        id = orjson.loads(made)["id"]
        await payment.capture(pool, store.number, f"capture-rows-{number}", id, b"{}")

    worked = time.process_time()
    await _at_once(CONNECTIONS, count, pay)
    return (time.process_time() - worked) / count


async def _at_once(runners: int, count: int, step: Callable[[], Awaitable[object]]) -> None:
    left = iter(range(count))

    async def run() -> None:
        for _ in left:
            await step()

    await asyncio.gather(*(run() for _ in range(runners)))


async def _crowd(server: Server, key: str, numbers: Iterator[int], pace: Pace) -> Crowd:
    """Let all clients pay at once. Who is refused waits as long as the answer says, and pays anew."""
    times: list[float] = []
    refused = 0
    until = time.perf_counter() + pace.seconds

    async def run() -> None:
        nonlocal refused
        async with _client(server, key) as client:
            while (began := time.perf_counter()) < until or not times:
                try:
                    await _pay(client, next(numbers))
                except httpx.HTTPStatusError as error:
                    if error.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                        raise
                    refused += 1
                    await asyncio.sleep(float(error.response.headers["Retry-After"]))
                else:
                    times.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(run() for _ in range(pace.clients)))
    a_second = len(times) / (time.perf_counter() - began)
    return Crowd(pace.clients, a_second, percentile(times, 99), refused)


def _client(server: Server, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60)


@asynccontextmanager
async def _test_store(stand: BenchEnvironment) -> AsyncGenerator[BenchEnvironment]:
    """The same database with a test store of its own, and a key for it."""
    database = Database(DatabaseOptions(stand.database_url, reactions=SIGNAL_HANDLERS))
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Payments", plan=Plan.ENTERPRISE, currency="GBP"
        )
        await access.set_account_limits(administration, "Payments", hourly=MAX_REQUESTS, daily=MAX_REQUESTS)
    owner = access.system_principal(stores[Mode.TEST])
    async with database.transaction(owner) as work:
        issued = await access.create_key(work, owner, CreateApiKey(name="bench", scopes=("all",)))
    try:
        yield replace(stand, store=owner.store, key=issued.secret)
    finally:
        await database.close()


def section(paid: Paid) -> str:
    """What the report says of it."""
    ratio, crowd = paid.gateway / paid.by_hand, paid.crowd
    verdict = "met" if ratio <= WANTED else "MISSED"
    return f"""
## Payments

An intent and its capture in the sandbox, by REST, each under a key of its own: {paid.gateway * 1e3:,.2f} ms of CPU,
{ratio:.2f} times the same by hand behind the doors ({paid.by_hand * 1e3:,.2f} ms). Wanted: at most {WANTED:.0f}:
{verdict}. The rows by hand alone, the sandbox's included, without doors, HTTP and a server, take {paid.rows * 1e3:,.2f}
ms: {paid.gateway / paid.rows:.2f} times as much as those. {CONNECTIONS} connections, in turns.
{crowd.clients} clients at once: {crowd.a_second:,.0f} payments a second, the slowest of a hundred in
{crowd.worst:,.0f} ms, {crowd.refused} refused with 503 for want of a connection.
"""


async def main() -> None:
    """Measure and print."""
    async with ground(Size(products=50, customers=50, orders=50)) as stand:
        sys.stdout.write(section(await pay_in_turns(stand)))


if __name__ == "__main__":
    uvloop.run(main())
