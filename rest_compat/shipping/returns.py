"""Endpoints of returns."""

from __future__ import annotations

from domain import shipping
from domain.kernel.use_cases.registry import use_case_of
from domain.shipping.commands import ReturnFilter
from domain.shipping.documents import ReturnDocument
from domain.shipping.ports import PDF, PNG, ZPL
from rest_compat.actions import FileAction, ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.orders.objects import ORDER
from rest_compat.shipping.objects import RETURN, RETURN_HISTORY, Labels, ReturnsOfOrder

reads = shipping.reads

_RETURN = RETURN.id_in_path()

RETURNS = tagged(
    "Returns",
    Endpoint(
        method="GET",
        path="/returns",
        name="listReturns",
        summary="List returns",
        description="A page of returns, newest first by default.",
        action=PageAction(
            listing=reads.returns, document=ReturnDocument, filters=ReturnFilter, check_filters=reads.check_filters
        ),
    ),
    Endpoint(
        method="POST",
        path="/returns",
        name="createReturn",
        summary="Request a return",
        description="Requests the return of lines that were shipped. `refund_amount` proposes what they cost, with "
        "their shares of discount and tax.",
        action=WriteAction(use_case=use_case_of(shipping.create_return), returns=RETURN),
    ),
    Endpoint(
        method="GET",
        path="/returns/{id}",
        name="getReturn",
        summary="Get a return",
        action=ItemAction(source=RETURN),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="GET",
        path="/returns/{id}/history",
        name="listReturnHistory",
        summary="List the status changes of a return",
        description="All status changes of the return, oldest first.",
        action=ItemAction(source=RETURN_HISTORY),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="GET",
        path="/returns/{id}/label",
        name="getReturnLabel",
        summary="Get the label of a return",
        description="From the buyer to the warehouse, 4 by 6 inches: PDF by default, PNG or ZPL by `Accept`.",
        action=FileAction(source=Labels(shipping.labels_of_return), media_types=(PDF, PNG, ZPL)),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="POST",
        path="/returns/{id}/approve",
        name="approveReturn",
        summary="Approve a return",
        description="With `carrier` and `service`, the return shipment gets a tracking number and a label.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.approve_return),
            writes=frozenset({"status", "carrier_name", "service_name", "tracking_url", "label_url"}),
            described=False,  # the note of a step is not that of the return
            returns=RETURN,
            current=RETURN,
        ),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="POST",
        path="/returns/{id}/reject",
        name="rejectReturn",
        summary="Reject a return",
        description="Possible until it is received. Its lines can be returned by another one.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.reject_return),
            writes=frozenset({"status", "closed_at"}),
            described=False,
            returns=RETURN,
            current=RETURN,
        ),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="POST",
        path="/returns/{id}/receive",
        name="receiveReturn",
        summary="Receive a return",
        description="Records that all lines have arrived, and restocks them unless they are damaged or "
        "`restock` is set.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.receive_return),
            writes=frozenset({"status", "received_at"}),
            described=False,
            returns=RETURN,
            current=RETURN,
        ),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="POST",
        path="/returns/{id}/refund",
        name="refundReturn",
        summary="Refund a return",
        description="Pays back the lines of an approved or received return, once. The outcome of the "
        "refund is read from the payment.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.refund_return),
            writes=frozenset({"refund_id"}),
            described=False,
            returns=RETURN,
            current=RETURN,
        ),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="POST",
        path="/returns/{id}/close",
        name="closeReturn",
        summary="Close a return",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(shipping.close_return),
            writes=frozenset({"status", "closed_at"}),
            described=False,
            returns=RETURN,
            current=RETURN,
        ),
        ids={"id": _RETURN},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/returns",
        name="listOrderReturns",
        summary="List an order's returns",
        description="All returns of the order, oldest first.",
        action=ItemAction(source=ReturnsOfOrder()),
        ids={"id": ORDER.id_in_path()},
    ),
)
