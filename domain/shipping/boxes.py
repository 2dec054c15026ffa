"""Packing the lines of an order into boxes by weight, where no packages are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from domain.catalog import WeightUnit
from domain.kernel.sql.executor import Row
from domain.shipping.commands.shared_fields import DECIMALS, MAX_PACKAGES, PackageInput
from domain.shipping.measures import KILOGRAMS, DimensionUnit


class CannotPackError(Exception):
    """The lines cannot be packed; the text says why."""


@dataclass(frozen=True, slots=True)
class WeighedLine:
    """A quantity of a variant with the weight of one unit."""

    sku: str
    quantity: int
    kilograms: Decimal | None
    """None if it is not known."""


@dataclass(slots=True)
class _Bin:
    room: Decimal
    load: Decimal = field(default_factory=Decimal)


def pack(lines: Sequence[WeighedLine], boxes: Sequence[Row]) -> list[PackageInput]:
    """Fill as many of the largest boxes as are needed, the heaviest units first, and take the smallest box that holds
    each load. Size does not count: variants have none.

    Raises CannotPackError (no boxes, unknown weights, a unit too heavy for any box, too many boxes).
    """
    if not boxes:
        raise CannotPackError("The shipping settings have no boxes. Add some, or give `packages`.")
    unweighed = [line.sku for line in lines if line.kilograms is None]
    if unweighed:
        known = ", ".join(unweighed[:5])
        raise CannotPackError(f"The weight of {known} is not known. Set it on the variant, or give `packages`.")
    return [_boxed(each, boxes) for each in _loads(lines, max(map(_capacity, boxes)))]


def _loads(lines: Sequence[WeighedLine], room: Decimal) -> list[Decimal]:
    """The loads of boxes of one size, in kilograms; first fit, the heaviest first."""
    bins: list[_Bin] = []
    for line in sorted(lines, key=lambda line: line.kilograms or 0, reverse=True):
        weight, left = line.kilograms or Decimal(0), line.quantity
        if weight > room:
            raise CannotPackError(f"One unit of {line.sku} is heavier than the largest box holds. Give `packages`.")
        for each in bins:
            left -= _put(each, weight, left)
        while left:
            if len(bins) == MAX_PACKAGES:
                raise CannotPackError(f"The lines need more than {MAX_PACKAGES} boxes. Ship them in parts.")
            bins.append(_Bin(room))
            left -= _put(bins[-1], weight, left)
    return [each.load for each in bins]


def _put(into: _Bin, weight: Decimal, count: int) -> int:
    """Put as many units as fit; how many these are."""
    fitting = count if not weight else min(count, int((into.room - into.load) / weight))
    into.load += weight * fitting
    return fitting


def _boxed(load: Decimal, boxes: Sequence[Row]) -> PackageInput:
    box = min((each for each in boxes if _capacity(each) >= load), key=_capacity)
    unit = WeightUnit(box.weight_unit)
    weight = load / KILOGRAMS[unit] + Decimal(box.empty_weight)
    step = Decimal(1).scaleb(-DECIMALS)
    return PackageInput(
        weight=max(weight, step).quantize(step, ROUND_CEILING),
        weight_unit=unit,
        length=Decimal(box.length),
        width=Decimal(box.width),
        height=Decimal(box.height),
        dimension_unit=DimensionUnit(box.dimension_unit),
    )


def _capacity(box: Row) -> Decimal:
    """What a box holds, in kilograms."""
    return Decimal(box.max_weight) * KILOGRAMS[WeightUnit(box.weight_unit)]
