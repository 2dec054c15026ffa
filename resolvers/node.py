"""Anything with an id of its own, found by that id alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from domain.areas import load_areas
from domain.kernel.area import NodeType
from domain.kernel.ids import prefix_of
from resolvers.context import Context
from resolvers.types import Id

NODES: Mapping[str, NodeType] = {prefix: found for area in load_areas() for prefix, found in area.nodes.items()}
"""How each kind of object is found, by the prefix of its ids; the caller's own store (``store_``) needs no read."""
NOT_THINGS = frozenset({"acct", "req"})
"""Prefixes of ids that name nothing that can be read: an account is seen by its stores alone, a request is not kept."""


async def node(context: Context, *, id: Annotated[Id, "The id of anything that has one."]) -> Any:
    """The thing with this id, or None. Raises Forbidden without the scope to read things of its kind."""
    if id == context.principal.store.id:
        return context.principal.store
    kind = NODES.get(prefix_of(id))
    key = None if kind is None else kind.key(id)
    if kind is None or key is None:
        return None
    context.require(kind.reads[0].scopes)
    for read in kind.reads:
        row = await context.load(read, key)
        if row is not None:
            return row if kind.sees(context.principal, row) else None
    return None


async def nodes(context: Context, *, ids: Annotated[list[Id], "Their ids."]) -> list[Any]:
    """The things with these ids, in the same order, None where there is none. Raises as ``node``."""
    return await asyncio.gather(*(node(context, id=id) for id in ids))
