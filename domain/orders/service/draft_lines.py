"""Replacement of a draft's lines by a complete list of line inputs."""

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
from domain.orders.service.terms import find_lines, new_line, set_variant

Entries = Sequence[OrderItemInput]


async def replace_lines(work: UnitOfWork, draft: DraftOrder, entries: Entries) -> None:
    """Replace the lines of a draft by ``entries``.

    An entry with a line's id updates that line. An entry without id updates a remaining line of the same variant, if
    there is one. Omitted fields of an updated line stay unchanged; a null price is reset to the catalog's.

    Raises ValidationFailed (unknown line id, a line id twice, and as ``find_lines``), Conflict (not for sale).
    """
    lines = _identified_lines(draft, entries)
    lookups = [index for index, entry in enumerate(entries) if _needs_catalog(entry, lines.get(index))]
    paths: list[Path] = [("items", index) for index in lookups]
    matched = await find_lines(work, [_with_reference(entries[index], lines.get(index)) for index in lookups], paths)
    sold = dict(zip(lookups, matched, strict=True))
    remaining = [line for line in draft.items if line not in lines.values()]
    for index, sellable in sold.items():
        if index not in lines and (line := _find_by_variant(remaining, sellable)) is not None:
            remaining.remove(line)
            lines[index] = line
    for index, entry in enumerate(entries):
        if index in lines:
            _update_line(lines[index], entry, sold.get(index))
        else:
            lines[index] = new_line(work, DraftOrderItem, entry, sold[index], index, draft_id=draft.id)
        lines[index].position = index
    draft.items = [lines[index] for index in range(len(entries))]


def _identified_lines(draft: DraftOrder, entries: Entries) -> dict[int, DraftOrderItem]:
    """Return the lines that entries identify by id, by the index of the entry."""
    known = {line.id: line for line in draft.items}
    matched: dict[int, DraftOrderItem] = {}
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        if entry.id is UNSET:
            continue
        line, path = known.get(entry.id), ("items", index, "id")
        if line is None:
            problems.append(Problem(path, ErrorCode.NOT_FOUND, "The draft order has no line with this id."))
        elif line in matched.values():
            problems.append(Problem(path, ErrorCode.DUPLICATE, "The line must be given only once."))
        else:
            matched[index] = line
    if problems:
        raise ValidationFailed(problems)
    return matched


def _needs_catalog(entry: OrderItemInput, line: DraftOrderItem | None) -> bool:
    """Return whether an entry needs the catalog, for its variant or its price."""
    if line is None or entry.price is None:
        return True
    references = (
        (entry.product_id, line.product_id),
        (entry.variant_id, line.variant_id),
        (entry.sku and fold(entry.sku), fold(line.sku)),
    )
    return any(value and value != current for value, current in references)


def _with_reference(entry: OrderItemInput, line: DraftOrderItem | None) -> OrderItemInput:
    """Return the entry with a catalog reference: that of its line if it has none of its own."""
    if line is None or line.variant_id is None or entry.product_id or entry.variant_id or entry.sku:
        return entry
    return replace(entry, variant_id=line.variant_id)


def _find_by_variant(lines: Sequence[DraftOrderItem], sold: Sellable) -> DraftOrderItem | None:
    return next((line for line in lines if line.variant_id == sold.variant_id), None)


def _update_line(line: DraftOrderItem, entry: OrderItemInput, sold: Sellable | None) -> None:
    """Update a line from its entry. ``sold``: the variant from the catalog, if it was needed."""
    if sold is not None and (sold.variant_id != line.variant_id or entry.price is None):
        set_variant(line, sold)
        line.price, line.own_price = sold.price, False
    if entry.price:
        line.price, line.own_price = entry.price.minor_units, True
    line.quantity = entry.quantity
