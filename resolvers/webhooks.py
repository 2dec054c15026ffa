"""Resolvers of webhooks and deliveries."""

from __future__ import annotations

from typing import Annotated

from domain import webhooks
from domain.kernel.ids import is_id
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def webhook(*, id: Annotated[Id, "The id of the webhook (`whk_…`)."]) -> LoadRequest | None:
    """Load one webhook, or None."""
    return LoadRequest(webhooks.reads.webhook_by_id, id) if is_id("whk", id) else None


def delivery(*, id: Annotated[Id, "The id of the delivery (`dlv_…`)."]) -> LoadRequest | None:
    """Load one delivery, or None."""
    return LoadRequest(webhooks.reads.delivery_by_id, id) if is_id("dlv", id) else None
