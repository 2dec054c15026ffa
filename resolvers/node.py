"""Anything with an id of its own, found by that id alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from domain import access, catalog, customers, events, inventory, orders, webhooks
from domain.kernel.ids import is_id, prefix_of
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.types import Id


def _everybody(principal: Principal, row: Row) -> bool:
    return True


def _sees_event(principal: Principal, row: Row) -> bool:
    return row.type in events.readable_types(principal)


def _sees_delivery(principal: Principal, row: Row) -> bool:
    return webhooks.may_see_delivery(principal, row.type)


def _plain(id: str) -> str | None:
    return id if is_id(prefix_of(id), id) else None


def _level(id: str) -> str | None:
    """Of a variant and a warehouse: two ids without their prefixes."""
    head, _, tail = id.partition("_")
    half = len(tail) // 2
    return id if is_id(head, f"{head}_{tail[:half]}") and is_id(head, f"{head}_{tail[half:]}") else None


def _stock(id: str) -> str | None:
    """Of the product or the variant whose id it carries."""
    subject = id.partition("_")[2]
    return subject if is_id("prod", subject) or is_id("var", subject) else None


@dataclass(frozen=True)
class NodeType:
    """A node type: objects of one id prefix, found by the first of ``reads`` that has the key. All reads have one
    scope.
    """

    reads: tuple[Read, ...]
    key: Callable[[str], str | None] = _plain
    """The key of an id; None for what has not the form of one."""
    sees: Callable[[Principal, Row], bool] = _everybody
    """Whether the caller may see a row, where the row decides."""


def _by(*reads: Read, **options: Any) -> NodeType:
    return NodeType(reads, **options)


NODES: Mapping[str, NodeType] = {
    "prod": _by(catalog.reads.product_by_id),
    "var": _by(catalog.reads.variant_by_id),
    "img": _by(catalog.reads.image_by_id),
    "cat": _by(catalog.reads.category_by_id),
    "wh": _by(inventory.reads.warehouse_by_id),
    "inv": _by(inventory.reads.inventory_by_product, inventory.reads.inventory_by_variant, key=_stock),
    "level": _by(inventory.reads.level_by_id, key=_level),
    "mov": _by(inventory.reads.movement_by_id),
    "alert": _by(inventory.reads.alert_by_id),
    "po": _by(inventory.reads.purchase_order_by_id),
    "cust": _by(customers.reads.customer_by_id),
    "addr": _by(customers.reads.address_by_id),
    "ord": _by(orders.reads.order_by_id),
    "item": _by(orders.reads.item_by_id, orders.reads.draft_item_by_id),
    "note": _by(orders.reads.note_by_id),
    "step": _by(orders.reads.step_by_id),
    "dord": _by(orders.reads.draft_by_id),
    "key": _by(access.reads.key_by_id),
    "doc": _by(access.reads.document_by_id),
    "aud": _by(access.reads.audit_entry_by_id),
    "whk": _by(webhooks.reads.webhook_by_id),
    "dlv": _by(webhooks.reads.delivery_by_id, sees=_sees_delivery),
    "evt": _by(events.reads.event_by_id, sees=_sees_event),
}
"""The node type of each id prefix. The store of the caller (``store_``) needs no read."""
NOT_THINGS = frozenset({"acct", "req"})
"""Prefixes of ids that cannot be fetched: an account is visible through its stores only, a request is not stored."""


async def node(context: Context, *, id: Annotated[Id, "The id of the object."]) -> Any:
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


async def nodes(context: Context, *, ids: Annotated[list[Id], "The ids of the objects."]) -> list[Any]:
    """The objects with these ids, in the same order; None for unknown ids. Raises as ``node``."""
    return await asyncio.gather(*(node(context, id=id) for id in ids))
