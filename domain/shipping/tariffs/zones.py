"""The zone between two places, on which prices depend.

Within the United States by the distance between the areas of the first three digits of the ZIP codes, as the carriers
publish it: zone 1 up to 50 miles, 2 up to 150, 3 to 300, 4 to 600, 5 to 1,000, 6 to 1,400, 7 to 1,800, 8 beyond, and 9
for Guam, Palau and their neighbours. Between countries by their regions: A within a country, B within a region, C to H
further away.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt

from domain.inventory import region_of

DOMESTIC_ZONES = tuple("123456789")
INTERNATIONAL_ZONES = tuple("ABCDEFGH")
_MILES = (50, 150, 300, 600, 1_000, 1_400, 1_800)
"""The longest distance of zones 1 to 7."""
_FAR_PACIFIC = frozenset({"969"})
_EARTH_RADIUS_MILES = 3_958.8
_PREFIX_LENGTH = 3
_DOMESTIC_COUNTRIES = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
"""The United States and their territories, which have ZIP codes."""

_REGION_ZONES: Mapping[frozenset[str], str] = {
    frozenset({"north_america", "latin_america"}): "C",
    frozenset({"north_america", "europe"}): "D",
    frozenset({"north_america", "asia"}): "E",
    frozenset({"north_america", "oceania"}): "F",
    frozenset({"north_america", "middle_east"}): "F",
    frozenset({"north_america", "africa"}): "G",
    frozenset({"latin_america", "europe"}): "E",
    frozenset({"latin_america", "asia"}): "G",
    frozenset({"latin_america", "oceania"}): "G",
    frozenset({"latin_america", "middle_east"}): "G",
    frozenset({"latin_america", "africa"}): "H",
    frozenset({"europe", "middle_east"}): "C",
    frozenset({"europe", "africa"}): "D",
    frozenset({"europe", "asia"}): "E",
    frozenset({"europe", "oceania"}): "F",
    frozenset({"asia", "middle_east"}): "D",
    frozenset({"asia", "oceania"}): "D",
    frozenset({"asia", "africa"}): "F",
    frozenset({"middle_east", "africa"}): "D",
    frozenset({"middle_east", "oceania"}): "F",
    frozenset({"africa", "oceania"}): "G",
}
_FARTHEST = "H"


def is_domestic(country: str) -> bool:
    """Whether a country (ISO 3166-1 alpha-2) has ZIP codes of the United States."""
    return country in _DOMESTIC_COUNTRIES


def domestic_zone(origin_zip: str, destination_zip: str) -> str | None:
    """The zone between two ZIP codes; None where the area of one of them is not known."""
    origin, destination = origin_zip[:_PREFIX_LENGTH], destination_zip[:_PREFIX_LENGTH]
    areas = _areas()
    if origin not in areas or destination not in areas:
        return None
    if origin != destination and {origin, destination} & _FAR_PACIFIC:
        return "9"
    return str(bisect_left(_MILES, _miles(areas[origin], areas[destination])) + 1)


def international_zone(origin_country: str, destination_country: str) -> str:
    """The zone between two countries, or within one."""
    if origin_country == destination_country:
        return "A"
    origin, destination = region_of(origin_country), region_of(destination_country)
    if origin == destination:
        return "B"
    return _REGION_ZONES.get(frozenset({origin, destination}), _FARTHEST)


@cache
def _areas() -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude of the middle of each area, by the first three digits of its ZIP codes."""
    text = (files(__package__) / "data" / "zip3.csv").read_text("ascii")
    return {
        prefix: (float(latitude), float(longitude)) for prefix, latitude, longitude in csv.reader(text.splitlines())
    }


def _miles(origin: tuple[float, float], destination: tuple[float, float]) -> float:
    """The great-circle distance (haversine)."""
    north, east = radians(destination[0] - origin[0]), radians(destination[1] - origin[1])
    part = sin(north / 2) ** 2 + cos(radians(origin[0])) * cos(radians(destination[0])) * sin(east / 2) ** 2
    return 2 * _EARTH_RADIUS_MILES * asin(sqrt(part))
