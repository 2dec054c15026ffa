"""Orders being prepared."""

from __future__ import annotations

import strawberry

from domain import orders
from domain.orders import DraftOrderStatus
from resolvers.types import Id
from schema.fields import attribute, changed_row, created_row, owned_rows, related, result_value
from schema.orders.order import DERIVED, Order
from schema.orders.purchase import Line, Purchase
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned

reads = orders.reads


@strawberry.type(description="An order being prepared: without stock, without events, until it is completed.")
class DraftOrder(Node, Versioned, Purchase, prefix="dord"):
    """A row of the reads of drafts."""

    status: DraftOrderStatus = attribute("Whether it can still be changed.")
    items: list[DraftOrderItem] = owned_rows(
        reads.items_by_draft, key="id", description="What is to be bought; 500 lines at most."
    )
    order: Order | None = related(
        reads.order_by_id, key="order_id", description="The order it became; null while it is open."
    )


@strawberry.type(description="A line of a draft, at the price it had when the draft was last written.")
class DraftOrderItem(Node, Line):
    """A row of the reads of drafts' lines."""


@strawberry.type(description="A page of drafts.")
class DraftOrderConnection(Connection[DraftOrder]):
    """A page of drafts."""


@strawberry.type(description="What createDraftOrder came to.")
class CreateDraftOrderPayload(Payload):
    """An Outcome with a draft."""

    draft_order: DraftOrder | None = created_row(reads.draft_by_id, key="id", description="The new draft.")


@strawberry.type(description="What updateDraftOrder came to.")
class UpdateDraftOrderPayload(Payload):
    """An Outcome with a draft."""

    draft_order: DraftOrder | None = changed_row(
        reads.draft_by_id, key="id", derived=DERIVED, description="The draft as it is now."
    )


@strawberry.type(description="What deleteDraftOrder came to.")
class DeleteDraftOrderPayload(Payload):
    """An Outcome with an id."""

    deleted_id: Id | None = result_value("id", description="The id of the draft that is gone.")
