"""Anything with an id of its own, found by that id alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

from domain import access, catalog, customers, inventory, orders, webhooks
from domain.kernel.ids import is_id, prefix_of
from domain.kernel.reads import Read
from domain.kernel.sql import Row
from resolvers.arguments import Id
from resolvers.context import Context

NODES: Mapping[str, Read] = {
    "prod": catalog.reads.product_by_id,
    "var": catalog.reads.variant_by_id,
    "img": catalog.reads.image_by_id,
    "cat": catalog.reads.category_by_id,
    "wh": inventory.reads.warehouse_by_id,
    "mov": inventory.reads.movement_by_id,
    "alert": inventory.reads.alert_by_id,
    "po": inventory.reads.purchase_order_by_id,
    "cust": customers.reads.customer_by_id,
    "addr": customers.reads.address_by_id,
    "ord": orders.reads.order_by_id,
    "item": orders.reads.item_by_id,
    "note": orders.reads.note_by_id,
    "dord": orders.reads.draft_by_id,
    "key": access.reads.key_by_id,
    "doc": access.reads.document_by_id,
    "whk": webhooks.reads.webhook_by_id,
}
"""The read of each kind of thing, by the prefix of its ids."""


async def node(context: Context, *, id: Annotated[Id, "The id of anything that has one."]) -> Row | None:
    """The thing with this id, or None. Raises Forbidden without the scope to read things of its kind."""
    prefix = prefix_of(id)
    read = NODES.get(prefix)
    if read is None or not is_id(prefix, id):
        return None
    context.require(read.scopes)
    return await context.load(read, id)


async def nodes(context: Context, *, ids: Annotated[list[Id], "Their ids."]) -> list[Row | None]:
    """The things with these ids, in the same order, None where there is none. Raises as ``node``."""
    return await asyncio.gather(*(node(context, id=id) for id in ids))
