"""The lines of a draft, brought in line with a whole list of what is to be bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.catalog import Sellable
from domain.kernel.errors import ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold
from domain.orders.commands import OrderItemInput
from domain.orders.model import DraftOrder, DraftOrderItem
from domain.orders.service.terms import find_lines, new_line, sell

Entries = Sequence[OrderItemInput]


async def replace_lines(work: UnitOfWork, draft: DraftOrder, entries: Entries) -> None:
    """Make ``entries`` the draft's lines. One that names a line's id, else one of the variant of a line that nothing
    else names, is that line: what is left out of it stays, and a null price is the catalog's again.

    Raises ValidationFailed (a line that the draft does not have, or the same one twice, and as ``find_lines``),
    Conflict (not for sale).
    """
    lines = _named(draft, entries)
    asked = [index for index, entry in enumerate(entries) if _needs_catalog(entry, lines.get(index))]
    paths: list[Path] = [("items", index) for index in asked]
    found = await find_lines(work, [_naming(entries[index], lines.get(index)) for index in asked], paths)
    sold = dict(zip(asked, found, strict=True))
    left = [line for line in draft.items if line not in lines.values()]
    for index, what in sold.items():
        if index not in lines and (line := _of_variant(left, what)) is not None:
            left.remove(line)
            lines[index] = line
    for index, entry in enumerate(entries):
        if index in lines:
            _change(lines[index], entry, sold.get(index))
        else:
            lines[index] = new_line(work, DraftOrderItem, entry, sold[index], index, draft_id=draft.id)
        lines[index].position = index
    draft.items = [lines[index] for index in range(len(entries))]


def _named(draft: DraftOrder, entries: Entries) -> dict[int, DraftOrderItem]:
    """The lines named by their ids, by the place of the entry."""
    known = {line.id: line for line in draft.items}
    found: dict[int, DraftOrderItem] = {}
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        if entry.id is UNSET:
            continue
        line, path = known.get(entry.id), ("items", index, "id")
        if line is None:
            problems.append(Problem(path, ErrorCode.NOT_FOUND, "The draft order has no line with this id."))
        elif line in found.values():
            problems.append(Problem(path, ErrorCode.DUPLICATE, "The line must be given only once."))
        else:
            found[index] = line
    if problems:
        raise ValidationFailed(problems)
    return found


def _needs_catalog(entry: OrderItemInput, line: DraftOrderItem | None) -> bool:
    """Whether the catalog must say what an entry means, or what it costs."""
    if line is None or entry.price is None:
        return True
    named = (
        (entry.product_id, line.product_id),
        (entry.variant_id, line.variant_id),
        (entry.sku and fold(entry.sku), fold(line.sku)),
    )
    return any(given and given != present for given, present in named)


def _naming(entry: OrderItemInput, line: DraftOrderItem | None) -> OrderItemInput:
    """The entry with something that the catalog knows: a line that names nothing else stays what it is."""
    if line is None or line.variant_id is None or entry.product_id or entry.variant_id or entry.sku:
        return entry
    return replace(entry, variant_id=line.variant_id)


def _of_variant(lines: Sequence[DraftOrderItem], sold: Sellable) -> DraftOrderItem | None:
    return next((line for line in lines if line.variant_id == sold.variant_id), None)


def _change(line: DraftOrderItem, entry: OrderItemInput, sold: Sellable | None) -> None:
    """Make the line say what the entry does. ``sold``: what the catalog was asked for."""
    if sold is not None and (sold.variant_id != line.variant_id or entry.price is None):
        sell(line, sold)
        line.price, line.own_price = sold.price, False
    if entry.price:
        line.price, line.own_price = entry.price.minor_units, True
    line.quantity = entry.quantity
