"""Endpoints of draft orders."""

from __future__ import annotations

from domain import orders
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import DraftOrderFilter
from domain.orders.serializers import (
    DraftOrderDocument,
    OrderDocument,
)
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction
from rest_compat.orders.resources import (
    DERIVED,
    DISCOUNT,
    describe_drafts,
    fetch_draft,
    represent_draft,
    represent_order,
)

reads = orders.reads

_DRAFT = PathId(noun="draft order", prefix="dord")
_OF_DRAFTS = DISCOUNT | {"price", "variant_id"}
"""In responses the price of a line may be the catalog's; in requests it is its own. Null for a removed variant."""


DRAFTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/draft_orders",
        name="listDraftOrders",
        summary="List draft orders",
        tag="Draft orders",
        action=PageAction(listing=reads.drafts, describe=describe_drafts, filters=DraftOrderFilter),
        response=DraftOrderDocument,
    ),
    Endpoint(
        method="POST",
        path="/draft_orders",
        name="createDraftOrder",
        summary="Create a draft order",
        description="No stock is reserved and no event is created until the draft order is completed.",
        tag="Draft orders",
        action=WriteAction(use_case=use_case_of(orders.create_draft_order), represent=represent_draft),
        response=DraftOrderDocument,
    ),
    Endpoint(
        method="GET",
        path="/draft_orders/{id}",
        name="getDraftOrder",
        summary="Get a draft order",
        tag="Draft orders",
        action=ItemAction(reads=(reads.draft_by_id, reads.items_by_draft), fetch=fetch_draft),
        response=DraftOrderDocument,
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="PUT",
        path="/draft_orders/{id}",
        name="updateDraftOrder",
        summary="Update a draft order",
        description="Omitted fields stay unchanged. `items` replaces the list; omitted fields of a line that is "
        "identified by its id stay unchanged, too. Values that were not set follow their source: the price of a line "
        "the catalog, e-mail and addresses the customer. Null removes a value that was set.",
        tag="Draft orders",
        action=WriteAction(
            use_case=use_case_of(orders.update_draft_order),
            derived=DERIVED,
            represent=represent_draft,
            current=fetch_draft,
            echoes=_OF_DRAFTS,
        ),
        response=DraftOrderDocument,
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="DELETE",
        path="/draft_orders/{id}",
        name="deleteDraftOrder",
        summary="Delete a draft order",
        tag="Draft orders",
        action=WriteAction(use_case=use_case_of(orders.delete_draft_order), current=fetch_draft),
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="POST",
        path="/draft_orders/{id}/complete",
        name="completeDraftOrder",
        summary="Complete a draft order",
        description="Creates the order with the current settings. Lines without a price of their own use current "
        "prices.",
        tag="Draft orders",
        action=WriteAction(
            use_case=use_case_of(orders.complete_draft_order),
            writes=frozenset({"number", "status", "payment_status", "fulfillment_status"}),
            represent=represent_order,
            current=fetch_draft,
        ),
        response=OrderDocument,
        ids={"id": _DRAFT},
    ),
)
