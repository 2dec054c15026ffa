"""Interfaces of objects with an id and with a version, and the types of connections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import strawberry

from resolvers import pages
from resolvers.types import Id
from schema.fields import attribute, computed, total_count


def type_name(row: Any, *_: Any) -> str | None:
    """The GraphQL type of a row, by the prefix of its id; where several types share a prefix, also by the row."""
    name = Node.PREFIXES.get(row.id.partition("_")[0])
    return name(row) if callable(name) else name


@strawberry.interface(description="An object with an id. Can be fetched with `node(id:)`.")
class Node:
    """Types declare their prefix: ``class Product(Node, Versioned, prefix="prod")``."""

    PREFIXES: ClassVar[dict[str, str | Callable[[Any], str]]] = {}
    """The name of each type by the prefix of its ids; a function of the row where several types share one."""

    id: Id = attribute("The id. The same in GraphQL, REST and webhooks.")

    def __init_subclass__(cls, *, prefix: str = "", named: Callable[[Any], str] | None = None, **options: Any) -> None:
        """``named``: which of the types that share the prefix describes a row."""
        super().__init_subclass__(**options)
        if prefix:
            Node.PREFIXES[prefix] = named or cls.__name__

    resolve_type = staticmethod(type_name)


@strawberry.interface(
    description="An object with a version. Send it as `expectedVersion` to avoid overwriting other changes."
)
class Versioned:
    """The members of every aggregate root."""

    version: int = attribute("The version, starting at 1. Increases with every change.")
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")

    resolve_type = staticmethod(type_name)


T = TypeVar("T")


@strawberry.type(description="Information about a page.")
class PageInfo:
    """Describes the PageInfo of the resolvers."""

    has_next_page: bool = attribute("Whether there are items after this page.")
    has_previous_page: bool = attribute("Whether there are items before this page.")
    start_cursor: str | None = attribute("The cursor of the first item. Null if the page is empty.")
    end_cursor: str | None = attribute("The cursor of the last item. Null if the page is empty.")


@strawberry.type(description="An item of a page with its cursor.")
class Edge(Generic[T]):
    """Describes an Edge of the resolvers."""

    cursor: str = attribute("The cursor of the item. Opaque; valid for the same sort and filter only.")
    node: T = attribute("The item.")


def search_truncated(plural: str) -> str:
    """The description of ``searchTruncated`` in a connection of these objects."""
    return f"Whether the search matched more than 2,000 {plural}. Totals, sorting and cursors cover the best 2,000."


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """Describes a ListResult."""

    edges: list[Edge[T]] = computed(
        pages.page_edges, columns=("page",), description="The items of the page with their cursors."
    )
    nodes: list[T] = attribute("The items of the page.")
    page_info: PageInfo = computed(pages.page_info, columns=("page",), description="Information about the page.")
    total_count: int = total_count("The number of items in the whole list. Only counted if selected.")
