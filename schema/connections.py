"""Connections: pages of lists, after the Relay specification."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

from resolvers import pages
from schema.fields import attribute, computed, counted

T = TypeVar("T")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Describes a Place."""

    has_next_page: bool = attribute("Whether more comes after this page.")
    has_previous_page: bool = attribute("Whether more comes before this page.")
    start_cursor: str | None = attribute("The cursor of the first row; null on an empty page.")
    end_cursor: str | None = attribute("The cursor of the last row; null on an empty page.")


@strawberry.type(description="One of a page, with its place in the list.")
class Edge(Generic[T]):
    """Describes an Edge of the resolvers."""

    cursor: str = attribute("Its place; opaque, and good only for the same sort and filter.")
    node: T = attribute("What stands there.")


SEARCH_CUT = "Whether the search found more than the 2,000 best matches that totals, sorts and cursors are within."


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Describes an Answered page."""

    edges: list[Edge[T]] = computed(pages.edges, columns=("page",), description="The page, each with its cursor.")
    nodes: list[T] = attribute("The page without cursors.")
    page_info: PageInfo = computed(pages.place, columns=("page",), description="Where the page lies.")
    total_count: int = counted("How many there are in all; counted only when asked for.")
