"""How the database reads the customers of a large shop: by index, and what a filter looks at first is bounded too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import customers
from domain.customers.search import MAX_COUNTED_MATCHES
from domain.kernel.database import Database
from domain.kernel.listing import Query
from domain.kernel.listing.filter_resolution import resolve_filters
from domain.kernel.listing.paging import Window
from domain.kernel.sql.executor import CompiledStatement
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, Listening, deep_cursor, explain, explaining, page_of

PEOPLE = customers.reads.customers

FILTERS: dict[str, Mapping[str, Any]] = {
    "active": {"status": (customers.CustomerStatus.ACTIVE,)},
    "archived_or_erased": {"status": (customers.CustomerStatus.ARCHIVED, customers.CustomerStatus.ERASED)},
    "common_domain": {"email": "COMMON.example"},
    "common_beginning": {"email": "a"},
    "rare_domain": {"email": "rare.ex"},
    "one_beginning": {"email": "ann4"},
    "unknown_address": {"email": "nobody"},
    "common_name": {"name": "Ann"},
    "rare_name": {"name": "smithson"},
    "two_common_names": {"name": "doe bo"},
    "common_and_rare_name": {"name": "ann smithson"},
    "unknown_name": {"name": "ann nobody"},
    "no_name": {"name": "-"},
    "common_tag": {"tags": ("tag-0",)},
    "rare_tag": {"tags": ("tag-39",)},
    "two_tags": {"tags": ("tag-0", "tag-1")},
    "from_late": {"created_from": datetime(2025, 9, 1, tzinfo=UTC)},
    "to_early": {"created_to": datetime(2023, 2, 1, tzinfo=UTC)},
    "between": {"created_from": datetime(2024, 1, 1, tzinfo=UTC), "created_to": datetime(2024, 2, 1, tzinfo=UTC)},
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", list(FILTERS))
async def test_every_filter_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, filter: str, plan: str
) -> None:
    """What the filters look at before they choose is bounded too."""
    query = Query(filters=FILTERS[filter])
    cursor = await deep_cursor(database, big_shop, query, PEOPLE)
    seen: list[tuple[CompiledStatement, Mapping[str, Any]]] = []
    async with database.read_connection(big_shop.principal.store) as reader:
        await resolve_filters(PEOPLE.filters, Listening(reader, seen), query)  # type: ignore[arg-type]  # it is told what is run
    windows = [Window()] if cursor is None else [Window(), Window(cursor=cursor), Window(cursor=cursor, backwards=True)]
    async with explaining(database_url, big_shop, plan) as connection:
        looked = [await explain(connection, compiled, values) for compiled, values in seen]
        pages = [
            await page_of(database, connection, big_shop, Query(window, FILTERS[filter]), PEOPLE) for window in windows
        ]
    for measured in (*looked, *pages):
        assert measured.scanned_tables == [], measured
        assert measured.rows_read <= 8 * MAX_COUNTED_MATCHES, measured
        assert measured.pages <= 8 * MAX_COUNTED_MATCHES, measured  # a tree is a level deeper at a million
