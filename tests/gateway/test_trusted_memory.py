"""What a process remembers of trusted documents: for two seconds, within bounds, and nothing that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

import pytest

from domain import access
from domain.access import hash_of_document
from domain.access.commands import RemoveTrustedDocument
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from gateway.graphql import TrustedDocumentCache, trusted_documents
from tests.conftest import Shop
from tests.gateway.conftest import TRUSTED, Register

HASH = hash_of_document(TRUSTED)
UNKNOWN = f"doc_{'0' * 26}"


@pytest.fixture
async def aging(database_url: str) -> AsyncGenerator[tuple[Database, Callable[[float], None]]]:
    """A database whose clock stands, and a function that moves it on by seconds."""
    now = system_clock()

    def age(seconds: float) -> None:
        nonlocal now
        now += timedelta(seconds=seconds)

    own = Database(DatabaseOptions(database_url, clock=lambda: now))
    await own.open()
    yield own, age
    await own.close()


async def test_what_nobody_told_is_noticed_within_two_seconds(
    aging: tuple[Database, Callable[[float], None]], database: Database, shop: Shop, register: Register
) -> None:
    (own, age), id = aging, await register()
    documents, store = TrustedDocumentCache(own), shop.live.store
    first = await documents.by_id(store, id)
    age(2)
    again = await documents.by_hash(store, HASH)
    assert first is not None
    assert again is not None
    assert again.text is first.text
    async with database.transaction(shop.live) as work:
        await access.remove_trusted_document(work, shop.live, RemoveTrustedDocument(id=id))
    age(1.9)
    assert await documents.by_hash(store, HASH) is again
    assert await documents.by_id(store, id) is again
    age(0.1)
    assert await documents.by_hash(store, HASH) is None
    assert await documents.by_id(store, id) is None


async def test_a_document_removed_while_it_is_read_is_not_remembered(
    database: Database, shop: Shop, register: Register
) -> None:
    id, documents = await register(), TrustedDocumentCache(database)
    reading = asyncio.create_task(documents.by_hash(shop.live.store, HASH))
    await asyncio.sleep(0)
    documents.forget(access.DocumentsChanged(shop.live.store.number))
    assert await reading is not None
    async with database.transaction(shop.live) as work:
        await access.remove_trusted_document(work, shop.live, RemoveTrustedDocument(id=id))
    assert await documents.by_hash(shop.live.store, HASH) is None


async def test_a_process_remembers_so_many_characters_and_nothing_that_is_unknown(
    database: Database, shop: Shop, register: Register
) -> None:
    documents, store = TrustedDocumentCache(database), shop.live.store
    for number in range(50):
        assert await documents.by_hash(store, hash_of_document(f"{number}")) is None
        assert await documents.by_id(store, UNKNOWN) is None
    assert not documents._known
    texts = [f"{{ shop {{ a{number}: id }} }}{' ' * 90_000}" for number in range(30)]
    for text in texts:
        await register(text)
        assert await documents.by_hash(store, hash_of_document(text)) is not None
    kept = [hash_of_document(text) for text in texts if (store.number, hash_of_document(text)) in documents._known]
    assert (
        len(kept)
        == len(documents._hashes)
        == trusted_documents.MAX_CACHED_CHARACTERS // (90_000 + 20 + trusted_documents.ENTRY_CHARACTERS)
    )
    assert kept == [hash_of_document(text) for text in texts[-len(kept) :]]
    documents.forget_all()
    assert (documents._characters, dict(documents._known), documents._hashes) == (0, {}, {})
