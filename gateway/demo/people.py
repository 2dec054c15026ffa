"""The customers of the sample shop, read from the package's own file. Nobody has these addresses or numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from domain.customers.commands import CreateCustomer
from domain.kernel.fields import read_command
from rest_compat.wire_format import WIRE_FORMAT


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST_NAMES = _names(
    "Alice Amelia Anna Arthur Beatrice Ben Clara Daniel David Edith Eleanor Ella Emma Finn Florence Frank Grace Hannah "
    "Harry Helen Henry Ida Isaac Ivy Jack James Julia Karen Laura Leo Lucy Maria Martin Mary Nina Nora Oliver Oscar "
    "Paul Peter Rose Ruth Samuel Sarah Simon Sophie Thomas Victor Wendy William"
)
_LAST_NAMES = _names(
    "Archer Bailey Barnes Baxter Bishop Brooks Carter Chapman Clarke Cole Cooper Dawson Dixon Ellis Fisher Fletcher "
    "Foster Fox Gardner Gibson Grant Harper Harvey Hayes Holmes Hunt Irving Jarvis Keller Lambert Lane Marsh Mason "
    "Miller Nash Newton Osborne Palmer Parker Porter Quinn Reed Rowe Sharp Shaw Slater Turner Walsh Webb Winter"
)


@dataclass(frozen=True, slots=True)
class CountryData:
    """A country of the file: its ISO 3166-1 code, towns of it, and how a street and a house number are written."""

    country: str
    cities: tuple[str, ...]
    street: str


PLACES: Mapping[str, CountryData] = {
    "Australia": CountryData("AU", ("Sydney", "Melbourne"), "{} George Street"),
    "Belgium": CountryData("BE", ("Brussels", "Ghent"), "Kerkstraat {}"),
    "EIRE": CountryData("IE", ("Dublin", "Cork"), "{} Main Street"),
    "France": CountryData("FR", ("Paris", "Lyon", "Nantes"), "{} rue de la Paix"),
    "Germany": CountryData("DE", ("Berlin", "Hamburg", "Munich"), "Gartenstraße {}"),
    "Italy": CountryData("IT", ("Milan", "Turin"), "Via Roma {}"),
    "Japan": CountryData("JP", ("Tokyo", "Osaka"), "{} Sakura-dori"),
    "Lithuania": CountryData("LT", ("Vilnius", "Kaunas"), "Gedimino g. {}"),
    "Netherlands": CountryData("NL", ("Amsterdam", "Utrecht"), "Dorpsstraat {}"),
    "Norway": CountryData("NO", ("Oslo", "Bergen"), "Storgata {}"),
    "Poland": CountryData("PL", ("Warsaw", "Gdańsk"), "ul. Ogrodowa {}"),
    "Portugal": CountryData("PT", ("Lisbon", "Porto"), "Rua Direita {}"),
    "Spain": CountryData("ES", ("Madrid", "Valencia"), "Calle Mayor {}"),
    "Switzerland": CountryData("CH", ("Zurich", "Basel"), "Bahnhofstrasse {}"),
    "United Kingdom": CountryData(
        "GB", ("London", "Leeds", "Bristol", "Sheffield", "Norwich", "Exeter"), "{} Mill Lane"
    ),
}
"""By the name that the file has for it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who doesn't exist."""

    first_name: str
    last_name: str
    email: str


def person(number: str) -> Person:
    """The customer of this number; no two have the same address."""
    first = _FIRST_NAMES[stable_number(number, "first name") % len(_FIRST_NAMES)]
    last = _LAST_NAMES[stable_number(number, "last name") % len(_LAST_NAMES)]
    return Person(first, last, f"{first}.{last}.{number}@example.com".lower())


def street_and_city(country: str, subject: str) -> tuple[str, str]:
    """A street with a house number and a town, in a country as the file names it; the same for the same subject."""
    place = PLACES[country]
    chosen = stable_number(subject, "address")
    return place.street.format(1 + chosen % 180), place.cities[chosen // 180 % len(place.cities)]


def stable_number(subject: str, purpose: str) -> int:
    """A stable large number; Python's own `hash` differs from process to process."""
    return int.from_bytes(sha256(f"{purpose}:{subject}".encode()).digest()[:8], "big")


def sample_customers() -> list[CreateCustomer]:
    """The file contains REST inputs, and is read as such."""
    entries = json.loads(files(__package__).joinpath("people.json").read_text(encoding="utf-8"))
    return [read_command(CreateCustomer, entry, WIRE_FORMAT, "") for entry in entries]
