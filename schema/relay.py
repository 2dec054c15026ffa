"""What has an id of its own, and what counts its changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import strawberry

from resolvers import pages
from resolvers.types import Id
from schema.fields import attribute, computed, total_count


def type_name(row: Any, *_: Any) -> str | None:
    """The GraphQL type of a row, by the prefix of its id, and by the row where a prefix has several."""
    name = Node.PREFIXES.get(row.id.partition("_")[0])
    return name(row) if callable(name) else name


@strawberry.interface(description="Anything with an id of its own; node(id:) finds it.")
class Node:
    """Types declare their prefix: ``class Product(Node, Versioned, prefix="prod")``."""

    PREFIXES: ClassVar[dict[str, str | Callable[[Any], str]]] = {}
    """The name of each type by the prefix of its ids; a function of the row where several types share one."""

    id: Id = attribute("Its id: the same in GraphQL, REST and webhooks.")

    def __init_subclass__(cls, *, prefix: str = "", named: Callable[[Any], str] | None = None, **options: Any) -> None:
        """``named``: which of the types that share the prefix describes a row."""
        super().__init_subclass__(**options)
        if prefix:
            Node.PREFIXES[prefix] = named or cls.__name__

    resolve_type = staticmethod(type_name)


@strawberry.interface(description="What counts its changes: send the version you have seen to write safely.")
class Versioned:
    """What every aggregate root has."""

    version: int = attribute("Counts its changes, from 1.")
    created_at: datetime = attribute("When it was made.")
    updated_at: datetime = attribute("When it last changed.")

    resolve_type = staticmethod(type_name)


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

    edges: list[Edge[T]] = computed(pages.page_edges, columns=("page",), description="The page, each with its cursor.")
    nodes: list[T] = attribute("The page without cursors.")
    page_info: PageInfo = computed(pages.page_info, columns=("page",), description="Where the page lies.")
    total_count: int = total_count("How many there are in all; counted only when asked for.")
