"""Requests repeated under one key: changed once, answered alike, and nothing readable at rest."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.kernel.clock import system_clock
from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, MalformedRequest
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.idempotency import RECORD_LIFETIME, IdempotentRequest, StoredResponse
from domain.kernel.use_cases.stored_responses import delete_expired
from tests.conftest import Shop
from tests.kernel.conftest import OpenDatabase

Events = Any
KEYS = {"old": b"o" * 32}
RING = Keyring(KEYS)


class Broken(Exception):
    """Whatever goes wrong."""


async def request(
    database: Database,
    caller: Principal,
    body: bytes = b"body",
    *,
    key: str = "key-1",
    keyring: Keyring = RING,
    inside: Any = None,
) -> tuple[StoredResponse, bool]:
    """What a door does with a key: create a product once, answer its id; and whether this was a replay."""
    async with database.transaction(caller) as work:
        repeats = IdempotentRequest(work, keyring, key, body)
        replayed = await repeats.stored_response()
        if replayed is not None:
            return replayed, True
        command = CreateProduct(name="x", sku=f"SKU-{key}-{work.now.timestamp()}", price=Money(1, "GBP"))
        product = await catalog.create_product(work, caller, command)
        if inside is not None:
            await inside()
        answer = StoredResponse(201, {"Location": f"/v2/products/{product.id}"}, f'{{"id":"{product.id}"}}'.encode())
        await repeats.store(answer)
        return answer, False


async def records(database: Database, caller: Principal) -> list[Any]:
    async with database.system_connection() as connection:
        found: list[Any] = await connection.fetch(
            "SELECT * FROM idempotency_record WHERE store_id = $1", caller.store.number
        )
    return found


@pytest.mark.both_servers
async def test_the_same_request_again_gets_the_stored_answer_and_changes_nothing(
    database: Database, shop: Shop, events: Events
) -> None:
    first, replay = await request(database, shop.live), await request(database, shop.live)
    assert (first[1], replay[1]) == (False, True)
    assert replay[0] == first[0]
    assert len(await events()) == 1


async def test_the_same_key_with_another_request_is_a_conflict(database: Database, shop: Shop, events: Events) -> None:
    await request(database, shop.live)
    with pytest.raises(Conflict) as refusal:
        await request(database, shop.live, b"another body")
    assert (refusal.value.code, refusal.value.retry_after) == (ErrorCode.IDEMPOTENCY_MISMATCH, None)
    assert len(await events()) == 1


@pytest.mark.both_servers
async def test_the_same_request_in_flight_is_a_conflict_that_may_be_tried_again(
    database: Database, shop: Shop, events: Events
) -> None:
    inside, over = asyncio.Event(), asyncio.Event()

    async def linger() -> None:
        inside.set()
        await over.wait()

    first = asyncio.create_task(request(database, shop.live, inside=linger))
    await inside.wait()
    with pytest.raises(Conflict) as refusal:
        await request(database, shop.live)
    assert (refusal.value.code, refusal.value.retry_after) == (ErrorCode.IN_FLIGHT, 1)
    assert (await request(database, shop.live, key="key-2"))[1] is False
    over.set()
    answer, _ = await first
    assert await request(database, shop.live) == (answer, True)
    assert len(await events()) == 2


@pytest.mark.both_servers
async def test_of_fifty_parallel_repeats_one_changes_things(database: Database, shop: Shop, events: Events) -> None:
    outcomes = await asyncio.gather(*(request(database, shop.live) for _ in range(50)), return_exceptions=True)
    answers = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    refusals = [outcome for outcome in outcomes if not isinstance(outcome, tuple)]
    assert [replayed for _, replayed in answers].count(False) == 1
    assert len({answer.body for answer, _ in answers}) == 1
    assert all(isinstance(refusal, Conflict) and refusal.code is ErrorCode.IN_FLIGHT for refusal in refusals), refusals
    assert len(await events()) == 1


async def test_a_failure_is_not_stored_so_that_the_key_can_be_used_again(
    database: Database, shop: Shop, events: Events
) -> None:
    async def fail() -> None:
        raise Broken

    with pytest.raises(Broken):
        await request(database, shop.live, inside=fail)
    assert await records(database, shop.live) == []
    assert (await request(database, shop.live, b"another body"))[1] is False
    assert len(await events()) == 1


async def test_a_key_belongs_to_its_store_and_credential(database: Database, shop: Shop) -> None:
    callers = [shop.live, shop.test, Principal(shop.live.store, shop.live.scopes, "key_other")]
    assert [(await request(database, caller))[1] for caller in callers] == [False, False, False]
    assert [(await request(database, caller))[1] for caller in callers] == [True, True, True]


@pytest.mark.both_servers
async def test_after_24_hours_a_key_is_new_again(open_database: OpenDatabase, shop: Shop, events: Events) -> None:
    now = system_clock()
    database: Database = await open_database(clock=lambda: now)
    await request(database, shop.live)
    now += RECORD_LIFETIME - timedelta(milliseconds=1)
    assert (await request(database, shop.live))[1] is True
    now += timedelta(milliseconds=1)
    assert (await request(database, shop.live, b"another body"))[1] is False
    (record,) = await records(database, shop.live)
    assert record["created_at"] == now
    assert len(await events()) == 2


async def test_what_is_past_its_lifetime_is_removed_and_nothing_else(open_database: OpenDatabase, shop: Shop) -> None:
    now = system_clock() - timedelta(days=400)  # so that no other test's record is as old
    database: Database = await open_database(clock=lambda: now)
    await request(database, shop.live, key="old")
    now += timedelta(hours=1)
    await request(database, shop.live, key="new")
    async with database.system_connection() as connection:
        await delete_expired(connection, now + RECORD_LIFETIME - timedelta(minutes=1))
    assert [record["key"] for record in await records(database, shop.live)] == ["new"]


async def test_at_rest_neither_request_nor_answer_can_be_read(database: Database, shop: Shop) -> None:
    answer, _ = await request(database, shop.live, b"card 4242424242424242")
    (record,) = await records(database, shop.live)
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in record.values())
    for secret in (b"4242", b"card", answer.body, b"Location", b"prod_"):
        assert secret not in stored
    assert len(record["fingerprint"]) == 32


async def test_answers_outlive_a_rotation_of_keys(database: Database, shop: Shop) -> None:
    first, _ = await request(database, shop.live)
    rotated = Keyring({"new": b"n" * 32, **KEYS})
    assert await request(database, shop.live, keyring=rotated) == (first, True)


async def test_an_answer_moved_to_another_key_cannot_be_read(database: Database, shop: Shop) -> None:
    await request(database, shop.live, key="one")
    async with database.system_connection() as connection:
        await connection.execute(
            "UPDATE idempotency_record SET key = 'two' WHERE store_id = $1", shop.live.store.number
        )
    with pytest.raises(Exception, match="belongs to another context"):
        await request(database, shop.live, key="two")


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "a\x00", "a\n b", "x" * 256, "\x7f"])
async def test_a_key_is_up_to_255_visible_ascii_characters(
    database: Database, shop: Shop, events: Events, key: str
) -> None:
    with pytest.raises(MalformedRequest) as refusal:
        await request(database, shop.live, key=key)
    assert refusal.value.problems[0].path == ("Idempotency-Key",)
    assert await events() == []
    assert (await request(database, shop.live, key="x" * 255))[1] is False
