"""Documents that are worth it are prepared before they are sent: registered ones, and those repeated in any process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from domain.access import hash_of_document
from domain.kernel.database import Database
from gateway.adapters.redis_documents import RedisDocuments
from gateway.graphql.repeated_documents import RepeatedDocuments
from tests.conftest import Shop
from tests.gateway.conftest import TRUSTED, Register

REPEATED = "query Repeated { products { nodes { id } } }"


async def prepared_by(documents: RepeatedDocuments, wanted: str) -> list[str]:
    """What it prepares, until it has prepared the wanted document."""
    found: list[str] = []
    done = asyncio.Event()

    async def prepare(text: str) -> None:
        found.append(text)
        if text == wanted:
            done.set()

    running = asyncio.create_task(documents.run(prepare))
    async with asyncio.timeout(10):
        await done.wait()
    running.cancel()
    return found


async def test_registered_documents_are_prepared_at_the_start(
    database: Database, shop: Shop, register: Register
) -> None:
    await register()
    assert TRUSTED in await prepared_by(RepeatedDocuments(database), TRUSTED)


async def test_a_document_is_prepared_when_it_is_registered(database: Database) -> None:
    documents = RepeatedDocuments(database)
    waiting = asyncio.create_task(prepared_by(documents, REPEATED))
    await asyncio.sleep(0.1)
    documents.registered(REPEATED)
    assert (await waiting).count(REPEATED) == 1


async def test_what_one_process_has_repeated_is_prepared_by_others(database: Database, redis_url: str) -> None:
    ours, theirs = RedisDocuments(redis_url), RedisDocuments(redis_url)
    here, there = RepeatedDocuments(database, ours), RepeatedDocuments(database, theirs)
    here.repeated(REPEATED)
    here.registered(TRUSTED)
    assert REPEATED not in await prepared_by(here, TRUSTED)  # it is already
    assert REPEATED in await prepared_by(there, REPEATED)
    assert {REPEATED, TRUSTED} <= set(await theirs.most_repeated(100))
    await ours.close()
    await theirs.close()


async def test_documents_that_more_processes_repeat_come_first(redis_url: str) -> None:
    store = RedisDocuments(redis_url)
    first, second = "{ shop { id } }", "{ viewer { credential } }"
    await store.count({hash_of_document(text): text for text in (first, second)})
    for _ in range(20):
        await store.count({hash_of_document(second): second})
    assert await store.most_repeated(1) == [second]
    assert first in await store.most_repeated(100)
    await store.count({})
    await store.close()


async def test_without_redis_nothing_is_remembered_and_nothing_fails() -> None:
    store = RedisDocuments("redis://127.0.0.1:1/0")
    counted: Mapping[str, str] = {"a": "{ shop { id } }"}
    await store.count(counted)
    assert await store.most_repeated(5) == []
    await store.close()
