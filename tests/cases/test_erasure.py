"""B1: erasing a customer of many orders, while other stores go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import customers
from domain.catalog.commands import VariantInput
from domain.customers.commands import EraseCustomer
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import MakeCustomer, MakeProduct, Shop
from tests.contract.store_fixtures import sell
from tests.examples import examples

pytestmark = pytest.mark.both_servers

MANY = examples(300, 20_000)
"""Orders of one customer."""
SECRETS = ("jane", "baker")

_ORDERS = """
INSERT INTO sales_order ({columns})
SELECT {values} FROM sales_order, generate_series(1, $2) AS n WHERE store_id = $1 AND id = $3
"""
_EVENTS = """
INSERT INTO event ({columns})
SELECT {values} FROM event, sales_order AS o WHERE event.store_id = $1 AND event.object_id = $2
    AND o.store_id = $1 AND o.id <> $2 AND o.customer_id IS NOT NULL
"""


async def erase(database: Database, shop: Shop, customer_id: str) -> None:
    async with database.transaction(shop.live) as work:
        await customers.erase_customer(work, shop.live, EraseCustomer(id=customer_id))


async def multiply(database: Database, shop: Shop, order_id: str, count: int) -> None:
    """So many more orders like this one, each with its events."""
    async with database.system_connection() as connection:
        for template, table, made, arguments in (
            (_ORDERS, "sales_order", {"id": "substr(id, 1, 20) || lpad(n::text, 10, '0')", "number": "90000 + n"}, 1),
            (
                _EVENTS,
                "event",
                {
                    "id": "substr(event.id, 1, 19) || right(o.id, 10) || right(event.id, 1)",
                    "object_id": "o.id",
                    "position": "NULL",
                    "seq": "nextval('event_seq')",
                },
                2,
            ),
        ):
            columns = await connection.fetch(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
                " AND attgenerated = '' AND NOT attisdropped",
                table,
            )
            names = [row["attname"] for row in columns]
            values = [made.get(name, f"{table}.{name}") for name in names]
            statement = template.format(columns=", ".join(names), values=", ".join(values))
            given = (order_id,) if arguments == 2 else (count, order_id)
            await connection.execute(statement, shop.live.store.number, *given)


@pytest.fixture
async def jane(database: Database, shop: Shop, make_customer: MakeCustomer, make_product: MakeProduct) -> str:
    """A customer with an order that has a note, and with a draft."""
    made = await make_customer(email="jane@doe.example", first_name="Jane", last_name="Baker")
    await make_product(variants=(VariantInput(sku="MUG", inventory=10),))
    await sell(database, shop.live, "MUG", made.id)
    return made.id


async def their_order(database: Database, shop: Shop) -> str:
    async with database.system_connection() as connection:
        found: str = await connection.fetchval(
            "SELECT id FROM sales_order WHERE store_id = $1 ORDER BY id LIMIT 1", shop.live.store.number
        )
    return found


async def test_b1_a_customer_of_many_orders_is_erased_in_as_many_statements_as_one_of_few(
    database: Database, shop: Shop, jane: str, statements: list[str], make_customer: MakeCustomer
) -> None:
    """With 20,000 orders in the soak. Where the redaction is called for each order, statements grow with them."""
    nobody = await make_customer(email="other@doe.example")
    statements.clear()
    await erase(database, shop, nobody.id)
    of_none = len(statements)
    await multiply(database, shop, await their_order(database, shop), MANY)
    statements.clear()
    await erase(database, shop, jane)
    assert len(statements) == of_none + 3  # the words of the name, the deliveries and the events of orders
    async with database.system_connection() as connection:
        for table, column in (("sales_order", "to_jsonb(t) - 'customer_id'"), ("event", "snapshot - 'customer_id'")):
            found = await connection.fetchrow(
                f"SELECT count(*) AS rows, count(*) FILTER (WHERE ({column})::text ~* $2) AS telling "
                f"FROM {table} AS t WHERE store_id = $1",
                shop.live.store.number,
                "|".join(SECRETS),
            )
            assert found["rows"] > MANY
            assert found["telling"] == 0


async def positions(database: Database, store: int) -> list[int | None]:
    async with database.system_connection() as connection:
        rows = await connection.fetch("SELECT position FROM event WHERE store_id = $1 ORDER BY seq", store)
    return [row["position"] for row in rows]


async def placed(database: Database, store: int) -> list[int]:
    """The store's positions, once every event has one."""
    while None in (found := await positions(database, store)):
        await asyncio.sleep(0.01)
    return [position for position in found if position is not None]


async def test_b1_events_of_other_stores_get_positions_while_an_erasure_is_open(
    database: Database, log: EventLog, shop: Shop, other_shop: Shop, jane: str, make_product: Any
) -> None:
    """Under the sequencer's own lock, as it was, the other store's event waits until the erasure has committed; without
    the shared locks that the sequencer takes, it waits for the rows."""
    before = await placed(database, shop.live.store.number)
    async with asyncio.timeout(20), database.transaction(shop.live) as work:
        await customers.erase_customer(work, shop.live, EraseCustomer(id=jane))
        await work.finish()  # as right before the commit
        await make_product(other_shop.live)
        await make_product(shop.live)
        await placed(database, other_shop.live.store.number)
        assert (await positions(database, shop.live.store.number)) == [*before, None]
    async with asyncio.timeout(20):
        after = await placed(database, shop.live.store.number)
    assert after == sorted(after)
    assert len(after) == len(before) + 2


async def test_b1_events_of_one_object_keep_their_order_through_an_erasure(
    database: Database, log: EventLog, shop: Shop, make_customer: MakeCustomer
) -> None:
    """Erasures and changes of many customers of a store at once. Where the sequencer skips locked rows rather than
    stores, an event may be placed before one that came before it."""
    made = [await make_customer(email=f"jane{number}@doe.example", first_name="Jane") for number in range(6)]

    async def live(customer_id: str) -> None:
        for number in range(4):
            async with database.transaction(shop.live) as work:
                command = customers.commands.UpdateCustomer(id=customer_id, first_name=f"Jane {number}")
                await customers.update_customer(work, shop.live, command)
        await erase(database, shop, customer_id)

    async with asyncio.timeout(30):
        await asyncio.gather(*(live(customer.id) for customer in made))
        await placed(database, shop.live.store.number)
    async with database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT object_id, array_agg(sequence ORDER BY position) AS told,"
            " array_agg(sequence ORDER BY sequence) AS made FROM event WHERE store_id = $1 GROUP BY object_id",
            shop.live.store.number,
        )
        telling = await connection.fetchval(
            "SELECT count(*) FROM event WHERE store_id = $1 AND snapshot::text ~* 'jane'", shop.live.store.number
        )
    assert len(rows) == 6
    assert all(row["told"] == row["made"] for row in rows)
    assert telling == 0


async def test_b1_what_is_postponed_is_dropped_with_its_savepoint(database: Database, shop: Shop) -> None:
    """Refused parts of an operation postpone nothing; without that, a refused erasure would redact all the same."""
    done: list[str] = []

    def step(name: str) -> Any:
        async def run() -> None:
            done.append(name)

        return run

    async def refused(work: UnitOfWork) -> None:
        async with work.savepoint():
            work.postpone(step("refused"))
            raise LookupError

    async with database.transaction(shop.live) as work:
        work.postpone(step("first"))
        with pytest.raises(LookupError):
            await refused(work)
        async with work.savepoint():
            work.postpone(step("second"))
        assert done == []
    assert done == ["first", "second"]
