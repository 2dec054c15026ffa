"""The cache of the scalars of events: one build for all streams, bounded in bytes and in events."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from domain.events import recent_documents
from domain.events.recent_documents import MIN_ENTRY_BYTES, RecentDocuments
from domain.kernel.event_log import EventLog
from tests.conftest import MakeProduct, Shop


@pytest.fixture
async def rows(log: EventLog, shop: Shop, make_product: MakeProduct) -> list[Any]:
    """The events of three products."""
    start = await log.head()
    for number in range(3):
        await make_product(sku=f"SKU-{number}", metadata={"size": "L"})
    found: list[Any] = []
    async with asyncio.timeout(20), aclosing(log.follow(shop.live.store, start)) as following:
        async for batch in following:
            found.extend(row for row in batch if row.type == "product.created")
            if len(found) >= 3:
                break
    return found


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the events whose documents have been built."""
    ids: list[str] = []
    real = recent_documents.serialize_object

    def counted(row: Any, principal: Any) -> Any:
        ids.append(row.id)
        return real(row, principal)

    monkeypatch.setattr(recent_documents, "serialize_object", counted)
    return ids


async def test_scalars_are_named_by_path_and_written_as_in_json(rows: list[Any], shop: Shop) -> None:
    scalars = await RecentDocuments().scalars(rows[0], shop.live)
    assert scalars["id"] == rows[0].object_id
    assert scalars["sku"] == "SKU-0"
    assert scalars["metadata.size"] == "L"
    assert (scalars["description"], scalars["version"]) == ("", "1")
    assert not [path for path in scalars if path.startswith(("tags", "variants"))]  # lists have none


async def test_an_event_is_built_once_for_streams_with_the_same_rights(
    rows: list[Any], shop: Shop, built: list[str]
) -> None:
    documents = RecentDocuments()
    await asyncio.gather(*(documents.scalars(rows[0], shop.live) for _ in range(20)))
    assert built == [rows[0].id]


async def test_callers_with_and_without_purchase_costs_share_no_document(
    rows: list[Any], shop: Shop, built: list[str]
) -> None:
    documents = RecentDocuments()
    await documents.scalars(rows[0], shop.live)
    await documents.scalars(rows[0], replace(shop.live, scopes=frozenset({"products:read"})))
    assert built == [rows[0].id] * 2


async def test_the_least_recently_used_is_dropped_beyond_the_bytes(
    rows: list[Any], shop: Shop, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_documents, "CACHE_BYTES", 2 * MIN_ENTRY_BYTES)
    documents = RecentDocuments()
    for number in (0, 1, 0, 2, 0, 1):
        await documents.scalars(rows[number], shop.live)
    assert built == [rows[number].id for number in (0, 1, 2, 1)]
