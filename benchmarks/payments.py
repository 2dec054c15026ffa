"""``python -m benchmarks.payments``: paying in the sandbox, beside the same rows written by hand; 50 clients at once.

A payment is an intent that is authorised, and its capture: two requests, each two transactions around a call. By hand
it is the same rows in four transactions, without the sandbox, HTTP, validation and the answer.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
import orjson
import uvloop

from benchmarks.clock import cpu_seconds
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.servers import GATEWAY, Server, gateway_environment, serving
from benchmarks.shop import Size
from domain import access
from domain.access.commands import CreateApiKey
from domain.access.quotas import MAX_REQUESTS
from domain.kernel.clock import system_clock
from domain.kernel.database import APP_ROLE, Database, DatabaseOptions
from domain.kernel.ids import new_id
from domain.kernel.principal import Mode, Plan, Store
from domain.signal_handlers import SIGNAL_HANDLERS

PAYMENTS, TURNS = 150, 5
CLIENTS, SECONDS = 50, 5.0
WANTED = 3.0
"""At most so many times the CPU of the rows written by hand."""
AMOUNT = 19_999

ATTEMPT = """
INSERT INTO outbound_attempt (store_id, id, use_case, request, state, credential, created_at, next_check_at, checks)
VALUES ($1, $2, 'by.hand', $3, 'in_flight', 'limit', $4, $4, 0)
"""
SETTLED = """
UPDATE outbound_attempt SET state = 'settled', outcome = $3, request = '{}', settled_at = $4, next_check_at = NULL
WHERE store_id = $1 AND id = $2
"""
INTENT = """
INSERT INTO payment_intent (store_id, id, currency, amount, status, method, capture_method, payment_id, metadata,
    version, created_at, updated_at)
VALUES ($1, $2, 'GBP', $3, 'processing', 'card', 'manual', $4, '{}', 1, $5, $5)
"""
PAYMENT = """
INSERT INTO payment (store_id, id, intent_id, currency, amount, captured, refunded, refunding, disputed, fee, status,
    method, card_brand, card_last4, processor, sequence, version, created_at, updated_at)
VALUES ($1, $2, $3, 'GBP', $4, 0, 0, 0, 0, 0, 'processing', 'card', 'visa', '4242', 'limit', 0, 1, $5, $5)
"""
LOCK_INTENT = "SELECT status, amount FROM payment_intent WHERE store_id = $1 AND id = $2 FOR NO KEY UPDATE"
MOVE = "UPDATE payment_intent SET status = $3, version = version + 1, updated_at = $4 WHERE store_id = $1 AND id = $2"
AUTHORIZED = "UPDATE payment SET status = 'authorized', reference = $3 WHERE store_id = $1 AND id = $2"
CAPTURED = "UPDATE payment SET status = 'captured', captured = amount, fee = $3 WHERE store_id = $1 AND id = $2"
TRANSFERS = """
INSERT INTO ledger_transfer (store_id, id, kind, debit, credit, currency, amount, payment_id, intent_id, key,
    created_at)
VALUES ($1, $2, 'capture', 'processor', 'receivable', 'GBP', $4, $5, $6, $5 || ':capture', $8),
    ($1, $3, 'fee', 'fees', 'processor', 'GBP', $7, $5, $6, $5 || ':fee', $8)
"""
EVENT = """
INSERT INTO event (store_id, id, type, object_id, sequence, snapshot, changed_fields, origin, actor, created_at)
VALUES ($1, $2, 'payment.succeeded', $3, 1, $4, '{}', 'api', 'limit', $5)
"""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was measured: medians of the turns."""

    cpu: float
    """Seconds of the gateway's CPU a payment."""
    by_hand: float
    """Seconds of CPU of the rows by hand."""
    crowd: Crowd


@dataclass(frozen=True, slots=True)
class Crowd:
    """What many clients at once were answered."""

    a_second: float
    """Payments a second by all clients."""
    worst: float
    """Seconds of the slowest payment of a hundred."""
    refused: int
    """Payments of which a request was answered 503, because no connection was free in time."""


async def pay_in_turns(stand: BenchEnvironment) -> Paid:
    """Both in turns, then the crowd."""
    async with _test_store(stand) as (store, key), serving("gateway", GATEWAY, gateway_environment(stand)) as server:
        settings = {"role": APP_ROLE, "app.store_id": str(store.number)}
        pool = await asyncpg.create_pool(stand.database_url, min_size=1, max_size=2, server_settings=settings)
        async with pool, _client(server, key) as client:
            await _through_the_gateway(client, server, PAYMENTS // 5)
            turns = [
                (await _through_the_gateway(client, server, PAYMENTS), await _by_hand(pool, store, PAYMENTS))
                for _ in range(TURNS)
            ]
        crowd = await _crowd(server, key)
    cpu, by_hand = (statistics.median(each) for each in zip(*turns, strict=True))
    return Paid(cpu, by_hand, crowd)


async def _pay(client: httpx.AsyncClient) -> None:
    made = await client.post("/v2/payments/intents", json={"amount": AMOUNT, "payment_method": "card"})
    intent = made.raise_for_status().json()
    done = await client.post(f"/v2/payments/{intent['id']}/capture", json={})
    assert done.raise_for_status().json()["status"] == "succeeded"  # noqa: S101 - a benchmark of failures tells nothing


async def _through_the_gateway(client: httpx.AsyncClient, server: Server, count: int) -> float:
    worked = cpu_seconds(server.pid)
    for _ in range(count):
        await _pay(client)
    return (cpu_seconds(server.pid) - worked) / count


async def _by_hand(pool: asyncpg.Pool, store: Store, count: int) -> float:
    worked = time.process_time()
    async with pool.acquire() as connection:
        for _ in range(count):
            await _rows_of_a_payment(connection, store.number)
    return (time.process_time() - worked) / count


async def _rows_of_a_payment(connection: asyncpg.Connection, store: int) -> None:
    now, intent, payment = system_clock(), new_id("pi"), new_id("pay")
    request = orjson.dumps({"payment_id": payment, "amount": AMOUNT, "currency": "GBP"}).decode()
    outcome = orjson.dumps({"data": {"reference": payment, "state": "authorized"}}).decode()
    fee = AMOUNT * 29 // 1_000 + 30
    async with connection.transaction():
        await connection.execute(INTENT, store, intent, AMOUNT, payment, now)
        await connection.execute(PAYMENT, store, payment, intent, AMOUNT, now)
        await connection.execute(ATTEMPT, store, f"{payment}:charge", request, now)
    async with connection.transaction():
        await connection.fetch(LOCK_INTENT, store, intent)
        await connection.execute(AUTHORIZED, store, payment, payment)
        await connection.execute(MOVE, store, intent, "requires_capture", now)
        await connection.execute(SETTLED, store, f"{payment}:charge", outcome, now)
    async with connection.transaction():
        await connection.fetch(LOCK_INTENT, store, intent)
        await connection.execute(MOVE, store, intent, "processing", now)
        await connection.execute(ATTEMPT, store, f"{payment}:capture", request, now)
    async with connection.transaction():
        await connection.fetch(LOCK_INTENT, store, intent)
        await connection.execute(CAPTURED, store, payment, fee)
        await connection.execute(MOVE, store, intent, "succeeded", now)
        led = (new_id("led"), new_id("led"))
        await connection.execute(TRANSFERS, store, *led, AMOUNT, payment, intent, fee, now)
        await connection.execute(EVENT, store, new_id("evt"), payment, request, now)
        await connection.execute(SETTLED, store, f"{payment}:capture", outcome, now)


async def _crowd(server: Server, key: str) -> Crowd:
    """Let all clients pay at once. Who is refused waits as long as the answer says, and pays anew."""
    times: list[float] = []
    refused = 0
    until = time.perf_counter() + SECONDS

    async def run() -> None:
        nonlocal refused
        async with _client(server, key) as client:
            while (began := time.perf_counter()) < until:
                try:
                    await _pay(client)
                except httpx.HTTPStatusError as error:
                    if error.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                        raise
                    refused += 1
                    await asyncio.sleep(float(error.response.headers["Retry-After"]))
                else:
                    times.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(run() for _ in range(CLIENTS)))
    return Crowd(len(times) / (time.perf_counter() - began), statistics.quantiles(times, n=100)[98], refused)


def _client(server: Server, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60)


@asynccontextmanager
async def _test_store(stand: BenchEnvironment) -> AsyncGenerator[tuple[Store, str]]:
    """A test store of its own, and a key for it."""
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
        yield stores[Mode.TEST], issued.secret
    finally:
        await database.close()


def section(paid: Paid) -> str:
    """What the report says of it."""
    ratio, crowd = paid.cpu / paid.by_hand, paid.crowd
    verdict = "met" if ratio <= WANTED else "MISSED"
    return f"""
## Payments

An intent and its capture in the sandbox, by REST: {paid.cpu * 1e3:,.2f} ms of CPU, {ratio:.2f} times the same rows by
hand ({paid.by_hand * 1e3:,.2f} ms, without doors, sandbox and answers). Wanted: at most {WANTED:.0f}: {verdict}.
{CLIENTS} clients at once: {crowd.a_second:,.0f} payments a second, the slowest of a hundred in {crowd.worst * 1e3:,.0f}
ms, {crowd.refused} refused with 503 for want of a connection.
"""


async def main() -> None:
    """Measure and print."""
    async with ground(Size(products=50, customers=50, orders=50)) as stand:
        sys.stdout.write(section(await pay_in_turns(stand)))


if __name__ == "__main__":
    uvloop.run(main())
