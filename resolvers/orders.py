"""Root reads of orders."""

from __future__ import annotations

from typing import Annotated

from domain import orders
from domain.kernel.ids import is_id
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def order(*, id: Annotated[Id, "The id of the order (`ord_…`)."]) -> LoadRequest | None:
    """Fetch an order by id."""
    return LoadRequest(orders.reads.order_by_id, id) if is_id("ord", id) else None


def draft_order(*, id: Annotated[Id, "The id of the draft order (`dord_…`)."]) -> LoadRequest | None:
    """Fetch a draft order by id."""
    return LoadRequest(orders.reads.draft_by_id, id) if is_id("dord", id) else None
