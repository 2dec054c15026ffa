"""The event log's rows: what they say, in which partition they lie, and that none is lost when partitions are made."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest

from domain import catalog
from domain.areas import all_tables
from domain.catalog.commands import UpdateProduct
from domain.kernel.database import OWNER_ROLE, Database
from domain.kernel.database.partitions import MONTHS_AHEAD, make_partitions
from domain.kernel.events import REGISTRY
from domain.kernel.ids import lowest_id
from tests.conftest import MakeProduct, Shop

Events = Any
pytestmark = pytest.mark.both_servers


async def partition_of(database: Database, id: str) -> str | None:
    async with database.system_connection() as connection:
        name: str | None = await connection.fetchval("SELECT tableoid::regclass::text FROM event WHERE id = $1", id)
    return name


async def insert(database: Database, shop: Shop, moment: datetime) -> str:
    """An event whose id says ``moment``."""
    id = lowest_id("evt", moment)[:-8] + secrets.token_hex(4).replace("e", "0")
    async with database.system_connection() as connection:
        await connection.execute(
            "INSERT INTO event (store_id, id, type, object_id, sequence, snapshot, changed_fields, origin, actor, "
            "created_at) VALUES ($1, $2, 'product.created', 'prod_1', 1, '{}', '{}', 'api', 'system', $3)",
            shop.live.store.number,
            id,
            moment,
        )
    return id


async def test_an_event_says_what_changed_who_did_it_and_how_the_object_is_now(
    database: Database, shop: Shop, make_product: MakeProduct, events: Events
) -> None:
    product = await make_product(name="One", metadata={"a": 1})
    async with database.transaction(shop.live, "req_7") as work:
        command = UpdateProduct(id=product.id, name="Two", metadata={"a": None, "b": [1.5, None, "ü"]})
        await catalog.update_product(work, shop.live, command)
    created, updated = await events()
    assert (created["type"], created["sequence"], created["changed_fields"]) == ("product.created", 1, [])
    assert (updated["type"], updated["sequence"], updated["changed_fields"]) == (
        "product.updated",
        2,
        ["name", "metadata"],
    )
    assert (updated["actor"], updated["request_id"], updated["origin"]) == ("system", "req_7", "api")
    assert created["seq"] < updated["seq"]
    assert created["id"] < updated["id"]
    assert created["snapshot"]["metadata"] == {"a": 1}
    assert (updated["snapshot"]["name"], updated["snapshot"]["metadata"]) == ("Two", {"b": [1.5, None, "ü"]})
    assert updated["snapshot"]["updated_at"] == updated["created_at"].isoformat()


async def test_a_snapshot_holds_what_its_area_owns_and_is_json_through_and_through(
    make_product: MakeProduct, events: Events
) -> None:
    await make_product()
    (event,) = await events()
    snapshot = event["snapshot"]
    assert orjson.loads(orjson.dumps(snapshot)) == snapshot
    assert set(snapshot) == {
        *("id", "name", "description", "sku", "status", "price", "currency", "tags", "metadata", "categories"),
        *("variants", "images", "version", "created_at", "updated_at"),
    }
    (variant,) = snapshot["variants"]
    assert "inventory" not in variant  # another area's
    assert snapshot["price"] == variant["price"] == 500  # minor units


def test_every_type_of_event_is_known_by_its_wire_name() -> None:
    assert {name: REGISTRY[name] for name in REGISTRY if name.startswith("product.")} == {
        "product.created": catalog.ProductCreated,
        "product.updated": catalog.ProductUpdated,
        "product.deleted": catalog.ProductDeleted,
    }
    assert all(event.type == name for name, event in REGISTRY.items())


async def test_an_event_lies_in_the_partition_of_the_month_its_id_says(
    database: Database, make_product: MakeProduct, events: Events
) -> None:
    await make_product()
    (event,) = await events()
    assert await partition_of(database, event["id"]) == f"event_{database.clock():%Y_%m}"


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(milliseconds=-1)])
async def test_a_month_begins_and_ends_to_the_millisecond(database: Database, shop: Shop, offset: timedelta) -> None:
    month = datetime(2031, 1, 1, tzinfo=UTC)  # over the turn of a year
    async with database.system_connection() as connection:
        await make_partitions(connection, month - timedelta(days=1), all_tables().partitioned)
    id = await insert(database, shop, month + offset)
    assert await partition_of(database, id) == ("event_2031_01" if not offset else "event_2030_12")


async def test_rows_that_came_before_their_partition_are_moved_into_it(database: Database, shop: Shop) -> None:
    months = [
        datetime(2035, 6, 1, tzinfo=UTC),
        datetime(2035, 7, 31, 23, 59, tzinfo=UTC),
        datetime(2035, 9, 1, tzinfo=UTC),
    ]
    ids = [await insert(database, shop, moment) for moment in months]
    assert [await partition_of(database, id) for id in ids] == ["event_default"] * 3
    rows = "SELECT * FROM event WHERE store_id = $1 ORDER BY id"
    async with database.system_connection() as connection:
        before = await connection.fetch(rows, shop.live.store.number)
        await make_partitions(connection, months[0], all_tables().partitioned)
        after = await connection.fetch(rows, shop.live.store.number)
    assert [await partition_of(database, id) for id in ids] == ["event_2035_06", "event_2035_07", "event_default"]
    # A sequencer that is at work beside may give positions meanwhile.
    assert [{**row, "position": None} for row in after] == [{**row, "position": None} for row in before]


async def test_making_partitions_again_does_nothing(database: Database) -> None:
    moment = datetime(2032, 11, 15, tzinfo=UTC)
    for _ in range(2):
        async with database.system_connection() as connection:
            await make_partitions(connection, moment, all_tables().partitioned)
            names = await connection.fetch("SELECT relname FROM pg_class WHERE relname ~ '^event_203[23]_[0-9]+$'")
    assert sorted(name[0] for name in names) == ["event_2032_11", "event_2032_12", "event_2033_01"]
    assert len(names) == MONTHS_AHEAD + 1


async def test_only_old_partitions_of_known_tables_can_be_made_or_dropped(database: Database, shop: Shop) -> None:
    async with database.system_connection() as connection:
        for statement in (
            "SELECT gateway_make_partition('product', 'product_x', 'a', 'b')",
            "SELECT gateway_make_partition('event', 'product', 'a', 'b')",
            "SELECT gateway_drop_partition('event', 'product')",
            "SELECT gateway_drop_partition('event', 'event')",
            "SELECT gateway_drop_partition('event', 'event_default')",
            "SELECT gateway_drop_partition('product', 'product_variant')",
        ):
            with pytest.raises(asyncpg.RaiseError):
                await connection.execute(statement)
        await make_partitions(connection, datetime(2036, 1, 1, tzinfo=UTC), all_tables().partitioned)
    id = await insert(database, shop, datetime(2036, 1, 2, tzinfo=UTC))
    async with database.system_connection() as connection:
        await connection.execute("SELECT gateway_drop_partition('event', 'event_2036_01')")
    assert await partition_of(database, id) is None


async def test_partitions_belong_to_the_owner_and_keep_the_indexes_of_the_log(database: Database) -> None:
    moment = datetime(2037, 5, 1, tzinfo=UTC)
    async with database.system_connection() as connection:
        await make_partitions(connection, moment, all_tables().partitioned)
        owner = await connection.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'event_2037_05'")
        of_partition = await connection.fetchval("SELECT count(*) FROM pg_indexes WHERE tablename = 'event_2037_05'")
        of_log = await connection.fetchval("SELECT count(*) FROM pg_indexes WHERE tablename = 'event'")
    assert owner == OWNER_ROLE
    assert of_partition == of_log >= 3
