"""A page of a list together with its query, so that the total can be counted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.kernel.listing import Listing, Page, Query
from domain.kernel.listing.nested import NestedListing
from domain.kernel.sql.executor import Executor, Row


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its cursor."""

    cursor: str
    node: Row


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Information about a page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class ListResult:
    """The page that ``query`` found in ``listing``; ``within`` is the parent of a nested list."""

    listing: Listing
    query: Query
    page: Page
    within: tuple[NestedListing, str] | None = None

    @property
    def nodes(self) -> list[Row]:
        """The rows, in the order of the query."""
        return self.page.rows

    @property
    def total(self) -> int | None:
        """The number of rows of the whole list, where it was counted with the page."""
        return self.page.total

    @property
    def search_truncated(self) -> bool:
        """Whether the search matched too many rows, so that the list covers the best ones only."""
        return self.page.search_truncated


@dataclass(frozen=True, slots=True, eq=False)
class ListTotal:
    """The number of rows of a whole list, as a batch with one key."""

    listing: Listing
    query: Query

    async def for_keys(self, db: Executor, keys: Sequence[str]) -> list[int]:
        """The count, the same for every key."""
        return [await self.listing.count(db, self.query)] * len(keys)


def page_edges(result: ListResult) -> list[Edge]:
    """Each row with its cursor."""
    cursor = result.page.cursor
    return [Edge(cursor(row), row) for row in result.page.rows]


def page_info(result: ListResult) -> PageInfo:
    """Whether there are rows before and after, and the cursors of both ends."""
    page = result.page
    ends: tuple[Any, Any] = (page.cursor(page.rows[0]), page.cursor(page.rows[-1])) if page.rows else (None, None)
    return PageInfo(page.has_next, page.has_previous, *ends)
