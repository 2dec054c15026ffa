"""Ranking of warehouses by proximity to a shipping address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.kernel.validation import fold

UNKNOWN = "unknown"

_COUNTRIES = {
    "north_america": "BM CA GL PM UM US",
    "latin_america": """
        AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC MF MQ MS MX NI
        PA PE PR PY SR SV SX TC TT UY VC VE VG VI
    """,
    "europe": """
        AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK
        MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK
    """,
    "middle_east": "AE BH IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "africa": """
        AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ NA
        NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW
    """,
    "asia": """
        AF AM AZ BD BN BT CN GE HK ID IN JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM TW UZ VN
    """,
    "oceania": "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS",
    UNKNOWN: "AQ BV",
}
REGION_OF: Mapping[str, str] = {
    country: region for region, countries in _COUNTRIES.items() for country in countries.split()
}
"""The region of every country; Antarctica and Bouvet Island have none."""


def region_of(country: str | None) -> str:
    """Return the region of a country code, ignoring case; ``unknown`` if it has none."""
    return REGION_OF.get((country or "").upper(), UNKNOWN)


@dataclass(frozen=True, slots=True)
class Locality:
    """A country and state, as precise as the ranking of warehouses needs."""

    country: str | None
    """ISO 3166-1 alpha-2."""
    state: str | None = None


@dataclass(frozen=True, slots=True)
class WarehouseSite:
    """The data of a warehouse that its ranking needs."""

    id: str
    place: Locality
    is_default: bool
    created_at: datetime

    def rank(self, near: Locality | None) -> tuple[int, bool, datetime, str]:
        """Return the sort key, nearest first: same state, same country, same region, elsewhere.

        Ties are broken by the default warehouse, then by age.
        """
        return (_distance(self.place, near), not self.is_default, self.created_at, self.id)


def _distance(place: Locality, near: Locality | None) -> int:
    if near is None or not near.country or not place.country:
        return 3
    if place.country.upper() == near.country.upper():
        return 0 if place.state and near.state and fold(place.state) == fold(near.state) else 1
    region = region_of(place.country)
    return 2 if region == region_of(near.country) != UNKNOWN else 3
