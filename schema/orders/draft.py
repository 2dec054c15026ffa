"""Draft orders."""

from __future__ import annotations

import strawberry

from domain import orders
from domain.orders import DraftOrderStatus
from resolvers.types import Id
from schema.fields import attribute, owned_rows, related
from schema.mutation_fields import changed_row, created_row, result_value
from schema.orders.order import DERIVED, Order
from schema.orders.order_base import OrderBase, OrderLine
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned

reads = orders.reads


@strawberry.type(description="A draft of an order. It reserves no stock and creates no events until it is completed.")
class DraftOrder(Node, Versioned, OrderBase, prefix="dord"):
    """Describes a row of the draft reads."""

    status: DraftOrderStatus = attribute("The status of the draft order.")
    items: list[DraftOrderItem] = owned_rows(
        reads.items_by_draft, key="id", description="The lines of the draft order. At most 500."
    )
    order: Order | None = related(
        reads.order_by_id, key="order_id", description="The order created from the draft. Null if the draft is open."
    )


@strawberry.type(description="A line of a draft order. Its price is that of the last update of the draft.")
class DraftOrderItem(Node, OrderLine):
    """Describes a row of the draft line reads."""


@strawberry.type(description="A page of draft orders.")
class DraftOrderConnection(Connection[DraftOrder]):
    """A page of draft orders."""


@strawberry.type(description="Result of `createDraftOrder`.")
class CreateDraftOrderPayload(Payload):
    """The changed draft, or the reasons why nothing was changed."""

    draft_order: DraftOrder | None = created_row(reads.draft_by_id, key="id", description="The created draft order.")


@strawberry.type(description="Result of `updateDraftOrder`.")
class UpdateDraftOrderPayload(Payload):
    """The changed draft, or the reasons why nothing was changed."""

    draft_order: DraftOrder | None = changed_row(
        reads.draft_by_id, key="id", derived=DERIVED, description="The draft order after the change."
    )


@strawberry.type(description="Result of `deleteDraftOrder`.")
class DeleteDraftOrderPayload(Payload):
    """The id of the deleted draft, or the reasons why nothing was changed."""

    deleted_id: Id | None = result_value("id", description="The id of the deleted draft order.")
