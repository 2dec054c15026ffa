"""The facts of an order: what each of its lines counts for in reports, as the order is now.

Amounts are minor units of the store's currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain import orders

QUARTER_MINUTES = 15


class LineFact(NamedTuple):
    """A line of an order; see ``SaleLine`` for the columns. Ids stand where the table has numbers."""

    store_id: int
    order_no: int
    line_no: int
    at: datetime
    product_id: str
    customer_id: str | None
    country: int | None
    quantity: int
    returned: int
    net: int
    refunded: int
    cost: int | None
    first_in_order: bool
    first_of_product: bool
    cancelled: bool
    paid: bool


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line as refunds see it: ``net`` without tax, ``total`` with it."""

    item_id: str
    quantity: int
    net: int
    total: int


@dataclass(frozen=True, slots=True)
class LineRefund:
    """A refund that names lines: its amount, and the quantity of each."""

    amount: int
    quantities: Mapping[str, int]


def spread_refunds(
    lines: Sequence[PricedLine], shipping: int, refunded: int, by_line: Sequence[LineRefund]
) -> list[int]:
    """The part of the net amount of each line that was paid back.

    A refund that names lines pays back their cost, tax included; of a smaller amount each line gets its share. Whatever
    is paid back beyond that (a refund that names no line, a larger amount) is spread over what is left of all lines and
    of the shipping, in proportion. So a full refund leaves nothing of any line, and the shipping that is paid back
    never reduces the revenue of lines. ``shipping``: with its tax; ``refunded``: all that was paid back for the order;
    what exceeds the order's total is left out. ``by_line``: the refunds that name lines, oldest first.
    """
    paid_back = [0] * len(lines)
    counted = [0] * len(lines)
    for refund in by_line:
        costs = _costs(lines, counted, refund.quantities)
        amount = min(refund.amount, refunded - sum(paid_back))
        shares = costs if amount >= sum(costs) else orders.split_proportionally(amount, costs)
        for index, share in enumerate(shares):
            paid_back[index] += min(share, lines[index].total - paid_back[index])
    left = [line.total - paid for line, paid in zip(lines, paid_back, strict=True)] + [shipping]
    rest = min(refunded - sum(paid_back), sum(left))
    shares = orders.split_proportionally(rest, left)
    return [_net_part(line, paid + share) for line, paid, share in zip(lines, paid_back, shares[:-1], strict=True)]


def _costs(lines: Sequence[PricedLine], counted: list[int], quantities: Mapping[str, int]) -> list[int]:
    """What the named quantities cost, counted after those of earlier refunds: all units of a line cost its total."""
    costs = [0] * len(lines)
    for index, line in enumerate(lines):
        if line.item_id in quantities:
            before = counted[index]
            counted[index] = after = min(before + quantities[line.item_id], line.quantity)
            costs[index] = line.total * after // line.quantity - line.total * before // line.quantity
    return costs


def _net_part(line: PricedLine, paid_back: int) -> int:
    """The part without tax of what was paid back of a line, rounded half up."""
    return 0 if line.total == 0 else (2 * line.net * paid_back + line.total) // (2 * line.total)


class BucketKey(NamedTuple):
    """A quarter of an hour of a store, of orders that are paid or not."""

    store_id: int
    at: datetime
    paid: bool


class BucketSums(NamedTuple):
    """The sums of a bucket."""

    orders: int = 0
    units: int = 0
    net: int = 0
    refunded: int = 0


def bucket_key(fact: LineFact) -> BucketKey:
    """The bucket that a line counts in."""
    minute = fact.at.minute - fact.at.minute % QUARTER_MINUTES
    return BucketKey(fact.store_id, fact.at.replace(minute=minute, second=0, microsecond=0), fact.paid)


def add_to_buckets(buckets: dict[BucketKey, BucketSums], facts: Sequence[LineFact], sign: int = 1) -> None:
    """Add lines to the sums of their buckets; ``sign`` -1: take them away. Cancelled ones count for nothing."""
    for fact in facts:
        if not fact.cancelled:
            key = bucket_key(fact)
            before = buckets.get(key, BucketSums())
            buckets[key] = BucketSums(
                before.orders + sign * fact.first_in_order,
                before.units + sign * fact.quantity,
                before.net + sign * fact.net,
                before.refunded + sign * fact.refunded,
            )
