"""Endpoints of what was paid, refunded and disputed of an order."""

from __future__ import annotations

from rest_compat.actions import ItemAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.orders.objects import ORDER
from rest_compat.payments.objects import DisputesOfOrder, PaymentsOfOrder, RefundsOfOrder

_ORDER = ORDER.id_in_path()

ORDER_LISTS = tagged(
    "Payments",
    Endpoint(
        method="GET",
        path="/orders/{id}/payments",
        name="listOrderPayments",
        summary="List an order's payments",
        description="All payments of the order, oldest first.",
        action=ItemAction(source=PaymentsOfOrder()),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/refunds",
        name="listOrderRefunds",
        summary="List an order's refunds",
        description="All refunds of the order, oldest first.",
        action=ItemAction(source=RefundsOfOrder()),
        ids={"id": _ORDER},
    ),
    Endpoint(
        method="GET",
        path="/orders/{id}/disputes",
        name="listOrderDisputes",
        summary="List an order's disputes",
        description="All disputes of the order, oldest first.",
        action=ItemAction(source=DisputesOfOrder()),
        ids={"id": _ORDER},
    ),
)
