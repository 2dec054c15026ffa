"""The root fields of orders in Query and Mutation."""

from __future__ import annotations

import strawberry

import resolvers.orders
from domain import orders
from domain.orders.commands import DraftOrderFilter, OrderFilter
from schema.enums import OrderSort
from schema.fields import listing, lookup
from schema.mutation_fields import mutation
from schema.orders.draft import (
    CreateDraftOrderPayload,
    DeleteDraftOrderPayload,
    DraftOrder,
    DraftOrderConnection,
    UpdateDraftOrderPayload,
)
from schema.orders.order import (
    AddOrderNotePayload,
    AssignOrdersPayload,
    CancelOrderPayload,
    CompleteDraftOrderPayload,
    CreateOrderPayload,
    EditOrderPayload,
    Order,
    OrderConnection,
    UpdateOrderPayload,
    UpdateOrderStatusPayload,
)
from schema.orders.settings import UpdateSettingsPayload

reads = orders.reads


@strawberry.type
class OrdersQuery:
    """Root reads of orders."""

    order: Order | None = lookup(
        resolvers.orders.order, reads.order_by_id, description="Fetch an order. Null if it does not exist."
    )
    orders: OrderConnection = listing(
        reads.orders,
        description="List the orders of the store.",
        filter=OrderFilter,
        search="Search in e-mail addresses, order numbers (1473 or #1473), names of customers and names in addresses, "
        "by words or prefixes. Ignores case and accents. Best match first. At most 255 characters.",
        sort=OrderSort,
        check_filters=reads.check_filters,
    )
    draft_order: DraftOrder | None = lookup(
        resolvers.orders.draft_order,
        reads.draft_by_id,
        description="Fetch a draft order. Null if it does not exist.",
    )
    draft_orders: DraftOrderConnection = listing(
        reads.drafts,
        description="List the draft orders of the store, including completed ones.",
        filter=DraftOrderFilter,
    )


@strawberry.type
class OrdersMutation:
    """Use cases of orders."""

    create_order: CreateOrderPayload = mutation(orders.create_order)
    update_order_status: UpdateOrderStatusPayload = mutation(orders.update_order_status)
    edit_order: EditOrderPayload = mutation(orders.edit_order)
    update_order: UpdateOrderPayload = mutation(orders.update_order)
    assign_orders: AssignOrdersPayload = mutation(orders.assign_orders)
    cancel_order: CancelOrderPayload = mutation(orders.cancel_order)
    add_order_note: AddOrderNotePayload = mutation(orders.add_order_note)
    create_draft_order: CreateDraftOrderPayload = mutation(orders.create_draft_order)
    update_draft_order: UpdateDraftOrderPayload = mutation(orders.update_draft_order)
    delete_draft_order: DeleteDraftOrderPayload = mutation(orders.delete_draft_order)
    complete_draft_order: CompleteDraftOrderPayload = mutation(orders.complete_draft_order)
    update_settings: UpdateSettingsPayload = mutation(orders.update_settings)
