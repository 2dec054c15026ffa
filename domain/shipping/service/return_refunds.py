"""The refund of a return: payments' own use case, begun for the lines of the return and linked to it."""

from __future__ import annotations

from collections.abc import Sequence

from domain import orders, payments
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.outbound import Call, OutboundAttempt, Settled, outbound_use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments import PaymentState
from domain.payments.commands import RefundItemInput, RefundPayment
from domain.shipping.commands import RefundReturn
from domain.shipping.model import OrderReturn
from domain.shipping.service.return_changes import RETURNS, ReturnChange, lock_return
from domain.shipping.service.return_proposals import has_refund
from domain.shipping.states import ReturnStatus

RETURN_REASON = "return"
"""The reason of refunds of returns."""
_REFUNDABLE = frozenset({ReturnStatus.APPROVED, ReturnStatus.RECEIVED})


@outbound_use_case("shipping:write", also=("payments:write",))
async def refund_return(
    work: UnitOfWork, principal: Principal, command: RefundReturn
) -> Call[payments.ports.RefundCharge]:
    """Begin the refund of the lines of a return.

    Raises NotFound, Conflict (stale version, not approved or received, refunded already, no captured payment or
    several, more than is left), ValidationFailed (unknown payment), Forbidden, and what refunds of payments raise.
    """
    change = await lock_return(work, command.id, command.expected_version)
    await _require_refundable(work, change)
    payment_id = await _payment(work, change) if command.payment_id is UNSET else command.payment_id
    change.found.version += 1
    change.found.updated_at = work.now
    await change.order.announce(work, also=("returns",))  # before the refund changes its lines
    quantities = {line.item_id: line.quantity for line in change.lines}
    change.found.refund_amount = orders.cost_of_lines(change.order.order.items, quantities)  # it goes first now
    items = tuple(RefundItemInput(id=id, quantity=quantity) for id, quantity in quantities.items())
    asked = RefundPayment(id=payment_id, amount=command.amount, items=items, reason=RETURN_REASON)
    try:
        call = await payments.refund_payment(work, principal, asked)
    except NotFound:
        raise ValidationFailed.of(("payment_id",), ErrorCode.NOT_FOUND, "The payment does not exist.") from None
    assert isinstance(call, Call)  # noqa: S101 - a refund is always asked for outside
    change.found.refund_id = call.request.refund_id
    await RETURNS.update(work, change.found)
    return call


@refund_return.settled
async def settle_return_refund(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> OrderReturn:
    """Book the refund, or give it up: the return can then be refunded again."""
    refund = await payments.settle_refund(work, attempt, outcome)
    return await _of_refund(work, refund.id, refund.order_id or "")


@refund_return.current
async def current_return(work: UnitOfWork, attempt: OutboundAttempt) -> OrderReturn:
    """The return as it is."""
    refund = await payments.current_refund(work, attempt)
    return await _of_refund(work, refund.id, refund.order_id or "")


async def _of_refund(work: UnitOfWork, refund_id: str, order_id: str) -> OrderReturn:
    """The return that has this refund."""
    await work.send()
    found = await RETURNS.by_column(work, "order_id", order_id, "created_at")
    return next(each for each in found if each.refund_id == refund_id)


async def _require_refundable(work: UnitOfWork, change: ReturnChange) -> None:
    if change.found.status not in _REFUNDABLE:
        message = f"The return is {change.found.status}. Only approved and received returns can be refunded."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    if await has_refund(work, change.found):
        raise Conflict("The return was refunded already.", ErrorCode.ILLEGAL_TRANSITION, ("id",))


async def _payment(work: UnitOfWork, change: ReturnChange) -> str:
    """The captured payment of the order. Raises Conflict if there is none, or several."""
    rows: Sequence[Row] = await payments.reads.payments_by_order.for_key(work.reader, change.found.order_id)
    captured = [row.id for row in rows if row.status == PaymentState.CAPTURED and row.processor != payments.EXTERNAL]
    if len(captured) == 1:
        return str(captured[0])
    if not captured:
        raise Conflict("The order has no captured payment to refund.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    message = f"The order has several captured payments. Give `payment_id`: {', '.join(captured)}."
    raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("payment_id",))
