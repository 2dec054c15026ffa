"""Root reads of orders."""

from __future__ import annotations

from typing import Annotated

from domain import orders
from domain.kernel.ids import is_id
from domain.kernel.sql import Row
from resolvers.arguments import Id
from resolvers.context import Context


async def order(context: Context, *, id: Annotated[Id, "The order's id (ord_…)."]) -> Row | None:
    """One order."""
    return await context.load(orders.reads.order_by_id, id) if is_id("ord", id) else None


async def draft_order(context: Context, *, id: Annotated[Id, "The draft's id (dord_…)."]) -> Row | None:
    """One draft of an order."""
    return await context.load(orders.reads.draft_by_id, id) if is_id("dord", id) else None
