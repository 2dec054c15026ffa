"""What is filled in where operations of the corpus have names in braces."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.shop import Size, customer_id, item_id, order_id, product_id, variant_id

Value = Callable[[int], str]
"""Of the request of this number."""
_NAME = re.compile(r"\{(\w+)\}")
PENDING_EVERY = 4
"""So many orders follow one another until the next is pending again."""
NORTH = "wh_00000000000000000000000002"
"""The second warehouse, which has less than the first."""


def fill_in(template: Any, values: Mapping[str, Value], number: int) -> Any:
    """The same with the names in braces replaced, for the request of this number. Raises KeyError."""
    match template:
        case str():
            return _NAME.sub(lambda found: values[found[1]](number), template)
        case dict():
            return {name: fill_in(value, values, number) for name, value in template.items()}
        case list():
            return [fill_in(value, values, number) for value in template]
    return template


def shop_values(size: Size) -> dict[str, Value]:
    """Those of the shop that is measured: reads always ask for the same things, writes go from one to the next.

    An order is moved or edited once: those in one half of the pending ones are moved, those in the other edited. A
    request may name an order and its item, in this order.
    """
    half = size.orders // PENDING_EVERY // 2
    moved, edited = itertools.count(), itertools.count()
    last_edited = 0

    def edited_order(_: int) -> str:
        nonlocal last_edited
        last_edited = 1 + PENDING_EVERY * (half + next(edited) % half)
        return order_id(last_edited)

    return {
        **_things(size),
        "number": str,
        "buyer": lambda number: customer_id(1 + number % size.customers),
        **{f"bought_{line}": _bought(size, line) for line in range(3)},
        "moved_order": lambda _: order_id(1 + PENDING_EVERY * (next(moved) % half)),
        "edited_order": edited_order,
        "edited_item": lambda _: item_id(last_edited),
        "changed_product": lambda number: product_id(1 + number % size.products),
        "changed_variant": lambda number: variant_id(1 + number % size.products),
    }


def always(value: str) -> Value:
    """The same for every request."""
    return lambda _: value


def _things(size: Size) -> dict[str, Value]:
    things = {
        "product": product_id(size.products // 2),
        "category": "cat_00000000000000000000000001",
        "category_slug": "category-1",
        "customer": customer_id(size.customers // 2),
        "order": order_id(size.orders // 2),
        "warehouse": NORTH,
        "webhook": "whk_00000000000000000000000001",
        "word": "50",
    }
    return {name: always(thing) for name, thing in things.items()}


def _bought(size: Size, line: int) -> Value:
    return lambda number: variant_id(1 + (number * 3 + line) % size.products, line)
