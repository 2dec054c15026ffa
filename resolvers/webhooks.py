"""Root reads of webhooks and deliveries."""

from __future__ import annotations

from typing import Annotated

from domain import webhooks
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def webhook(*, id: Annotated[Id, "The endpoint's id (whk_…)."]) -> LoadRequest | None:
    """One endpoint, or None."""
    return LoadRequest(webhooks.reads.webhook_by_id, id) if is_id("whk", id) else None


async def delivery(context: Context, *, id: Annotated[Id, "The delivery's id (dlv_…)."]) -> Row | None:
    """One delivery, or None when there is no such one or the caller may not see its event."""
    row = await context.load(webhooks.reads.delivery_by_id, id) if is_id("dlv", id) else None
    return row if row is not None and webhooks.may_see_delivery(context.principal, row.type) else None
