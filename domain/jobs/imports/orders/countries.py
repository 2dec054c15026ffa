"""The codes of countries that a file calls by their names."""

from __future__ import annotations

from collections.abc import Mapping

from iso3166 import countries_by_name

from domain.kernel.fields.contact import COUNTRIES

_OTHER_NAMES: Mapping[str, str] = {
    "CZECH REPUBLIC": "CZ",
    "EIRE": "IE",
    "KOREA": "KR",
    "NETHERLANDS": "NL",
    "RSA": "ZA",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
    "USA": "US",
}
"""What "Online Retail" calls them. It also has `Channel Islands`, `European Community` and `Unspecified`, which are no
country of ISO 3166-1."""


def country_of(name: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a name or code in any case. None if there is no such country."""
    upper = name.strip().upper()
    if upper in COUNTRIES:
        return upper
    found = countries_by_name.get(upper)
    return _OTHER_NAMES.get(upper) if found is None else found.alpha2
