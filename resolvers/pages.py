"""A page of a list together with the question it answers, so that more can be asked of it later: how many in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.kernel.listing import Listing, Page, Query
from domain.kernel.listing.nested import NestedListing
from domain.kernel.sql.executor import Executor, Row


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its place in the list."""

    cursor: str
    node: Row


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class ListResult:
    """The page that ``query`` found in ``listing``; in a nested list, ``within`` says whose it is."""

    listing: Listing
    query: Query
    page: Page
    within: tuple[NestedListing, str] | None = None

    @property
    def nodes(self) -> list[Row]:
        """The rows, in the order asked for."""
        return self.page.rows

    @property
    def search_cut(self) -> bool:
        """Whether the search saw only its best matches."""
        return self.page.search_truncated


@dataclass(frozen=True, slots=True, eq=False)
class ListTotal:
    """How many rows a list of the store's has in all, as a batch that has one key."""

    listing: Listing
    query: Query

    async def for_keys(self, reader: Executor, keys: Sequence[str]) -> list[int]:
        """The count, for whatever key."""
        return [await self.listing.count(reader, self.query)] * len(keys)


def page_edges(answered: ListResult) -> list[Edge]:
    """Each row with its cursor."""
    cursor = answered.page.cursor
    return [Edge(cursor(row), row) for row in answered.page.rows]


def page_info(answered: ListResult) -> PageInfo:
    """What lies before and after, and the cursors of both ends."""
    page = answered.page
    ends: tuple[Any, Any] = (page.cursor(page.rows[0]), page.cursor(page.rows[-1])) if page.rows else (None, None)
    return PageInfo(page.has_next, page.has_previous, *ends)
