"""Root reads of orders."""

from __future__ import annotations

from typing import Annotated

from domain import orders
from domain.kernel.ids import is_id
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def order(*, id: Annotated[Id, "The order's id (ord_…)."]) -> LoadRequest | None:
    """One order."""
    return LoadRequest(orders.reads.order_by_id, id) if is_id("ord", id) else None


def draft_order(*, id: Annotated[Id, "The draft's id (dord_…)."]) -> LoadRequest | None:
    """One draft of an order."""
    return LoadRequest(orders.reads.draft_by_id, id) if is_id("dord", id) else None
