"""Countries of sales: as numbers in the facts, and the region of each in reports."""

from __future__ import annotations

from enum import StrEnum

_LETTERS = 26


class Region(StrEnum):
    """A part of the world."""

    NORTH_AMERICA = "north_america"
    LATIN_AMERICA = "latin_america"
    EUROPE = "europe"
    MIDDLE_EAST = "middle_east"
    AFRICA = "africa"
    ASIA = "asia"
    OCEANIA = "oceania"
    UNKNOWN = "unknown"


_COUNTRIES = {
    Region.NORTH_AMERICA: "BM CA GL PM US",
    Region.LATIN_AMERICA: (
        "AG AI AR AW BB BL BO BQ BR BS BV BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN KY LC "
        "MF MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI"
    ),
    Region.EUROPE: (
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC "
        "MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK"
    ),
    Region.MIDDLE_EAST: "AE BH EG IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    Region.AFRICA: (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU "
        "MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW"
    ),
    Region.ASIA: (
        "AF AM AZ BD BN BT CN GE HK ID IN JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM TW UZ VN"
    ),
    Region.OCEANIA: "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    Region.UNKNOWN: "AQ",
}
"""Each country of ISO 3166-1, and Kosovo, in one region: continents as the United Nations draw them, but Mexico,
Central America and the Caribbean are in Latin America, Cyprus is in Europe, and the Middle East is a region of its own,
with Egypt and Turkey. Antarctica is in none."""
REGIONS: dict[str, Region] = {code: region for region, codes in _COUNTRIES.items() for code in codes.split()}


def country_number(code: str | None) -> int | None:
    """The number of a country by its two letters, from 0 for AA to 675 for ZZ. None if it is not known."""
    if code is None or len(code) != 2 or not (code.isascii() and code.isalpha() and code.isupper()):
        return None
    return (ord(code[0]) - ord("A")) * _LETTERS + ord(code[1]) - ord("A")


def country_code(number: int | None) -> str | None:
    """The two letters of a number; None if it is not known."""
    if number is None:
        return None
    return chr(ord("A") + number // _LETTERS) + chr(ord("A") + number % _LETTERS)


def region_of(code: str | None) -> Region:
    """The region of a country; unknown for an unknown one."""
    return Region.UNKNOWN if code is None else REGIONS.get(code, Region.UNKNOWN)


REGION_NUMBERS = tuple(sorted(Region))
"""The regions by number, from 0, in the order of their names."""
UNKNOWN_REGION = REGION_NUMBERS.index(Region.UNKNOWN)
REGION_BYTES = bytes(REGION_NUMBERS.index(region_of(country_code(number))) for number in range(_LETTERS**2))
"""The number of the region of each country, by its number."""
