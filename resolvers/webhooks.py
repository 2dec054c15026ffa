"""Resolvers of webhooks and deliveries."""

from __future__ import annotations

from typing import Annotated

from domain import webhooks
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def webhook(*, id: Annotated[Id, "The id of the webhook (`whk_…`)."]) -> LoadRequest | None:
    """Load one webhook, or None."""
    return LoadRequest(webhooks.reads.webhook_by_id, id) if is_id("whk", id) else None


async def delivery(context: Context, *, id: Annotated[Id, "The id of the delivery (`dlv_…`)."]) -> Row | None:
    """Load one delivery. None if it does not exist or the caller may not read its event."""
    row = await context.load(webhooks.reads.delivery_by_id, id) if is_id("dlv", id) else None
    return row if row is not None and webhooks.may_see_delivery(context.principal, row.type) else None
