"""Rules of how people are reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import groupby
from typing import Any, ClassVar

from domain.kernel.errors import Path
from domain.kernel.fields.contact_formats import (
    COUNTRIES,
    EMAIL_MAX,
    PHONE_MAX,
    clean_country,
    clean_email,
    clean_phone,
)
from domain.kernel.fields.rules import Reading, Rule


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Email(Rule):
    """An e-mail address, its domain in lower case; never looked up."""

    max: ClassVar[int] = EMAIL_MAX

    def read(self, value: Any, base: Any, path: Path, reading: Reading) -> str:
        return clean_email(value)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Phone(Rule):
    """A telephone number with ``+`` and its country code, kept as given when it is possible."""

    max: ClassVar[int] = PHONE_MAX

    def read(self, value: Any, base: Any, path: Path, reading: Reading) -> str:
        return clean_phone(value, None)


def _spelled(codes: Iterable[str]) -> str:
    """A pattern of all codes in any case, one group for each first letter: ``[Aa](?:[Dd]|[Ee])|…``."""

    def either(letter: str) -> str:
        return f"[{letter}{letter.lower()}]"

    groups = groupby(sorted(codes), key=lambda code: code[0])
    return "|".join(f"{either(first)}(?:{'|'.join(either(code[1]) for code in group)})" for first, group in groups)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Country(Rule):
    """An ISO 3166-1 alpha-2 code; given in any case, kept in upper."""

    pattern: ClassVar[str] = _spelled(COUNTRIES)

    def read(self, value: Any, base: Any, path: Path, reading: Reading) -> str:
        return clean_country(value)
