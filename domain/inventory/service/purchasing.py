"""Purchase orders: recorded by alerts, received by hand."""

from __future__ import annotations

from domain.inventory.commands import ReceivePurchaseOrder
from domain.inventory.model import PurchaseOrder, PurchaseOrderStatus
from domain.inventory.service.holding import Reason, hold_to_open
from domain.inventory.service.settling import settle
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Work

RECEIVED = "received"


@use_case("inventory:write")
async def receive_purchase_order(work: Work, principal: Principal, command: ReceivePurchaseOrder) -> PurchaseOrder:
    """Book what came, all that is outstanding unless less is said; once nothing is, the order is received.

    Raises NotFound, Conflict (stale version, nothing or less outstanding, the variant was removed), ValidationFailed
    for more than is kept of one product.
    """
    version = None if command.expected_version is UNSET else command.expected_version
    order = await work.lock(PurchaseOrder, command.id, noun="purchase order", version=version)
    outstanding = order.quantity - order.received
    quantity = outstanding if command.quantity is UNSET else command.quantity
    if not outstanding or quantity > outstanding:
        raise Conflict(f"Only {outstanding} are outstanding.", ErrorCode.ILLEGAL_TRANSITION, ("quantity",))
    holding = await hold_to_open(work, [(order.product_id, order.variant_id)])
    if order.variant_id not in holding.variants:
        raise Conflict("Its variant was removed.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    level = holding.at(order.product_id, order.variant_id, order.warehouse_id)
    holding.move(level, quantity, Reason(RECEIVED, command.note or None, order.id), ("quantity",))
    await settle(holding)
    order.received += quantity
    order.version += 1
    order.updated_at = work.now
    if order.received == order.quantity:
        order.status, order.received_at = PurchaseOrderStatus.RECEIVED, work.now
    await work.flush()
    return order
