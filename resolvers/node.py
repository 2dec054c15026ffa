"""Anything with an id of its own, found by that id alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated, Any, Protocol

from domain.areas import load_areas
from domain.kernel.area import NodeType, plain_key, visible_to_all
from domain.kernel.ids import prefix_of
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from resolvers.types import Id

NODES: Mapping[str, NodeType] = {prefix: found for area in load_areas() for prefix, found in area.nodes.items()}
"""The node type of each id prefix. The store of the caller (``store_``) needs no read."""
READS: Mapping[str, Read] = {
    prefix: kind.reads[0]
    for prefix, kind in NODES.items()
    if len(kind.reads) == 1 and kind.key is plain_key and kind.sees is visible_to_all
}
"""The reads of the prefixes whose objects are found by their id in one place, and seen by everybody with the scope."""
NOT_THINGS = frozenset({"acct", "req", "usr"})
"""Prefixes of ids that cannot be fetched: an account is visible through its stores only, a request is not stored, and
users are of an account and not of a store."""


class NodeReader(Protocol):
    """What is needed of a context to find objects."""

    principal: Principal

    def require(self, scopes: Sequence[str]) -> None:
        """Require one of ``scopes``. Raises Forbidden."""

    def load(self, read: Read, key: str) -> Awaitable[Any]:
        """The row that ``read`` finds for ``key``."""


async def node(context: NodeReader, *, id: Annotated[Id, "The id of the object."]) -> Any:
    """The object with this id, or None. Raises Forbidden without the read scope of its type."""
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


async def nodes(context: NodeReader, *, ids: Annotated[list[Id], "The ids of the objects."]) -> list[Any]:
    """The objects with these ids, in the same order; None for unknown ids. Raises as ``node``."""
    return await asyncio.gather(*(node(context, id=id) for id in ids))
