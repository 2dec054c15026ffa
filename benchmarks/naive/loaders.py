"""One dataloader for each relation, made anew for each request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from aiodataloader import DataLoader
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from benchmarks.naive.entities import Base, Customer, Item, Product, Variant

Sessions = async_sessionmaker[AsyncSession]


def by_id(sessions: Sessions, entity: type[Base]) -> DataLoader[str, Any]:
    """Entities by their id."""

    async def load(ids: list[str]) -> list[Any]:
        async with sessions() as session:
            rows = await session.scalars(select(entity).where(entity.id.in_(ids)))
            found = {row.id: row for row in rows}
        return [found.get(id) for id in ids]

    return DataLoader(load)


def by_parent(sessions: Sessions, entity: type[Variant | Item], parent: str) -> DataLoader[str, Sequence[Any]]:
    """The children of each parent, in their order."""
    column = getattr(entity, parent)

    async def load(ids: list[str]) -> list[Sequence[Any]]:
        children: defaultdict[str, list[Any]] = defaultdict(list)
        async with sessions() as session:
            for row in await session.scalars(select(entity).where(column.in_(ids)).order_by(entity.position)):
                children[getattr(row, parent)].append(row)
        return [children[id] for id in ids]

    return DataLoader(load)


class Loaders:
    """The loaders of one request."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.product = by_id(sessions, Product)
        self.variant = by_id(sessions, Variant)
        self.customer = by_id(sessions, Customer)
        self.variants = by_parent(sessions, Variant, "product_id")
        self.items = by_parent(sessions, Item, "order_id")
