"""Endpoints of draft orders."""

from __future__ import annotations

from domain import orders
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import DraftOrderFilter
from domain.orders.documents import (
    DraftOrderDocument,
)
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.orders.objects import DERIVED, DISCOUNT, DRAFT, ORDER

reads = orders.reads

_DRAFT = DRAFT.id_in_path()
_OF_DRAFTS = DISCOUNT | {"price", "variant_id"}
"""In responses the price of a line may be the catalog's; in requests it is its own. Null for a removed variant."""


DRAFTS = tagged(
    "Draft orders",
    Endpoint(
        method="GET",
        path="/draft_orders",
        name="listDraftOrders",
        summary="List draft orders",
        action=PageAction(listing=reads.drafts, document=DraftOrderDocument, filters=DraftOrderFilter),
    ),
    Endpoint(
        method="POST",
        path="/draft_orders",
        name="createDraftOrder",
        summary="Create a draft order",
        description="No stock is reserved and no event is created until the draft order is completed.",
        action=WriteAction(use_case=use_case_of(orders.create_draft_order), returns=DRAFT),
    ),
    Endpoint(
        method="GET",
        path="/draft_orders/{id}",
        name="getDraftOrder",
        summary="Get a draft order",
        action=ItemAction(source=DRAFT),
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
        action=WriteAction(
            use_case=use_case_of(orders.update_draft_order),
            derived=DERIVED,
            returns=DRAFT,
            current=DRAFT,
            echoes=_OF_DRAFTS,
        ),
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="DELETE",
        path="/draft_orders/{id}",
        name="deleteDraftOrder",
        summary="Delete a draft order",
        action=WriteAction(use_case=use_case_of(orders.delete_draft_order), current=DRAFT),
        ids={"id": _DRAFT},
    ),
    Endpoint(
        method="POST",
        path="/draft_orders/{id}/complete",
        name="completeDraftOrder",
        summary="Complete a draft order",
        description="Creates the order with the current settings. Lines without a price of their own use current "
        "prices.",
        action=WriteAction(
            use_case=use_case_of(orders.complete_draft_order),
            writes=frozenset({"number", "status", "payment_status", "fulfillment_status"}),
            returns=ORDER,
            current=DRAFT,
        ),
        ids={"id": _DRAFT},
    ),
)
