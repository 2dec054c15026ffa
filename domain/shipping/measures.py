"""Weights and sides of packages, exact in both unit systems.

An inch is 2.54 cm and a pound 0.45359237 kg by definition (international yard and pound, 1959), so Decimals convert
without error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from domain.catalog import WeightUnit


class DimensionUnit(StrEnum):
    """A unit of length."""

    INCH = "in"
    CENTIMETRE = "cm"


KILOGRAMS: Mapping[WeightUnit, Decimal] = {
    WeightUnit.GRAM: Decimal("0.001"),
    WeightUnit.KILOGRAM: Decimal(1),
    WeightUnit.OUNCE: Decimal("0.45359237") / 16,
    WeightUnit.POUND: Decimal("0.45359237"),
}
"""What one of a unit weighs in kilograms."""
CENTIMETRES: Mapping[DimensionUnit, Decimal] = {
    DimensionUnit.INCH: Decimal("2.54"),
    DimensionUnit.CENTIMETRE: Decimal(1),
}
"""How many centimetres one of a unit has."""


@dataclass(frozen=True, slots=True)
class MeasuredPackage:
    """The weight and sides of one package."""

    kilograms: Decimal
    sides: tuple[Decimal, Decimal, Decimal]
    """In centimetres, the longest first."""

    @classmethod
    def of(
        cls,
        weight: Decimal,
        weight_unit: WeightUnit,
        sides: tuple[Decimal, Decimal, Decimal],
        dimension_unit: DimensionUnit,
    ) -> MeasuredPackage:
        """A package as it was measured, in either unit system. The order of its sides does not matter."""
        longest, middle, shortest = sorted((side * CENTIMETRES[dimension_unit] for side in sides), reverse=True)
        return cls(weight * KILOGRAMS[weight_unit], (longest, middle, shortest))

    def weight_in(self, unit: WeightUnit) -> Decimal:
        """The weight in a unit."""
        return self.kilograms / KILOGRAMS[unit]

    @property
    def inches(self) -> tuple[int, int, int]:
        """The sides in whole inches, rounded up as carriers do."""
        longest, middle, shortest = (_up(side / CENTIMETRES[DimensionUnit.INCH]) for side in self.sides)
        return longest, middle, shortest

    @property
    def length_and_girth(self) -> int:
        """The longest side and the way around the two others, in inches."""
        longest, middle, shortest = self.inches
        return longest + 2 * (middle + shortest)

    def dimensional_pounds(self, divisor: int) -> Decimal:
        """The weight that the size stands for: cubic inches by a divisor of the carrier."""
        longest, middle, shortest = self.inches
        return Decimal(longest * middle * shortest) / divisor


def _up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))
