"""Write the tables of the tariffs: ``python -m domain.shipping.tariffs.source.generate``.

Needs the package zipcodes.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
DOMESTIC, ABROAD = "123456789", "ABCDEFGH"


@dataclass(frozen=True)
class Tariff:
    """What the prices of a service are made from, in cents."""

    first: int
    """The first row in the first zone."""
    zone: int
    """Added from zone to zone."""
    row: float
    """Added from row to row in the first zone."""
    zone_row: float
    """Added to that from zone to zone."""
    damping: float = 0.94
    """Each further row costs less: the exponent of its number."""

    def price(self, row: int, zone: int) -> int:
        """The price in a row and zone, both counted from 0; it ends in 0 or 5."""
        exact = self.first + self.zone * zone + (self.row + self.zone_row * zone) * float(row**self.damping)
        return round(exact / 5) * 5


POUNDS = [str(pound) for pound in range(1, 151)]
OUNCES = ["4", "8", "12", "15.999"]
KILOGRAMS = [f"{half / 2:g}" for half in range(1, 61)] + [str(kilogram) for kilogram in range(31, 71)]
TARIFFS: dict[str, tuple[Tariff, Sequence[str], str]] = {
    "usps_priority": (Tariff(885, 38, 62, 31), POUNDS[:70], DOMESTIC),
    "usps_express": (Tariff(2875, 310, 155, 88), POUNDS[:70], DOMESTIC),
    "usps_first_class": (Tariff(455, 12, 48, 6), OUNCES, DOMESTIC),
    "usps_parcel_select": (Tariff(720, 22, 40, 19), POUNDS[:70], DOMESTIC),
    "fedex_ground": (Tariff(1095, 42, 44, 21), POUNDS, DOMESTIC),
    "fedex_2day": (Tariff(2140, 270, 110, 74), POUNDS, DOMESTIC),
    "fedex_overnight": (Tariff(3420, 840, 205, 118), POUNDS, DOMESTIC),
    "fedex_international": (Tariff(3990, 1450, 390, 115), KILOGRAMS[:98], ABROAD),
    "ups_ground": (Tariff(1110, 43, 45, 21), POUNDS, DOMESTIC),
    "ups_3day": (Tariff(1580, 160, 82, 47), POUNDS, DOMESTIC),
    "ups_2day": (Tariff(2190, 275, 112, 75), POUNDS, DOMESTIC),
    "ups_next_day": (Tariff(3510, 855, 210, 120), POUNDS, DOMESTIC),
    "dhl_express": (Tariff(3650, 1380, 370, 110), KILOGRAMS, ABROAD),
    "dhl_ecommerce": (Tariff(610, 24, 43, 20), POUNDS[:25], DOMESTIC),
}


def main() -> None:
    """Write all tables."""
    DATA.mkdir(exist_ok=True)
    write_areas()
    for name, (tariff, weights, zones) in TARIFFS.items():
        rows = [
            [weight, *(tariff.price(row, zone) for zone in range(len(zones)))] for row, weight in enumerate(weights)
        ]
        _write(name, [["weight", *zones], *rows])


def write_areas() -> None:
    """Write the middle of each area of ZIP codes."""
    import zipcodes  # noqa: PLC0415 - of this script alone

    places: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for each in zipcodes.list_all():
        if each["lat"] and each["long"]:
            places[each["zip_code"][:3]].append((float(each["lat"]), float(each["long"])))
    rows = [
        [prefix, *(f"{sum(values) / len(values):.2f}" for values in zip(*found, strict=True))]
        for prefix, found in sorted(places.items())
    ]
    _write("zip3", rows)


def _write(name: str, rows: Sequence[Sequence[object]]) -> None:
    with (DATA / f"{name}.csv").open("w", encoding="ascii", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
