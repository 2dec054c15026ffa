"""Rules of contact fields: e-mail address, telephone number, country."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from iso3166 import countries_by_alpha2, countries_by_alpha3, countries_by_name, countries_by_numeric

from domain.kernel.errors import ErrorCode, Path
from domain.kernel.fields.rules import ReadContext, Rule
from domain.kernel.validation import InvalidValueError, clean_text

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

MAX_EMAIL_LENGTH = 254
"""Characters (RFC 5321, with its erratum)."""
MAX_PHONE_LENGTH = 64
MAX_COUNTRY_LENGTH = 64
"""Characters of an input that is matched against country names to suggest a code; a code has two."""
COUNTRIES = frozenset(countries_by_alpha2)
"""ISO 3166-1 alpha-2, upper case."""
_COUNTRIES_BY = (countries_by_alpha3, countries_by_name, countries_by_numeric, countries_by_alpha2)
_BRITISH = frozenset({"UK", "ENGLAND", "SCOTLAND", "WALES", "GREAT BRITAIN"})


def clean_email(value: Any) -> str:
    """A normalized e-mail address: the domain in lower case and Unicode, the rest as entered. Raises InvalidValueError.

    Nothing is looked up: the domain may have no mail server. Names reserved for tests (``.test``) pass.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 15 ms, and not every shop has one

    text = clean_text(value, 1, MAX_EMAIL_LENGTH, None)
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvalidValueError(ErrorCode.INVALID, str(error)) from None


def clean_country(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code in upper case, given in any. Raises InvalidValueError."""
    text = clean_text(value, 1, MAX_COUNTRY_LENGTH, None)
    code = text.upper() if text.isascii() else ""
    if code in COUNTRIES:
        return code
    reason = ErrorCode.INVALID if len(text) == 2 else ErrorCode.TOO_SHORT if len(text) < 2 else ErrorCode.TOO_LONG
    raise InvalidValueError(reason, f"Must be an ISO 3166-1 alpha-2 code of two letters, such as {_meant(text)}.")


def _meant(country: str) -> str:
    """The code of a country named by its three letters, its number or its name; otherwise an example."""
    names = (country.upper(), "GB" if country.upper() in _BRITISH else "")
    found = next((known[name] for known in _COUNTRIES_BY for name in names if name in known), None)
    return "GB" if found is None else f"{found.alpha2} for {found.alpha3}"


def clean_phone(value: Any, country: str | None) -> str:
    """A telephone number as entered, if it is possible: its length is one that the country uses.

    ``country``: whose national format is accepted (``020 7946 0958``); None: only with ``+`` and country code. Raises
    InvalidValueError.
    """
    import phonenumbers  # noqa: PLC0415 - as in ``_parsed``

    text = clean_text(value, 1, MAX_PHONE_LENGTH, None)
    number = _parsed(text, country)
    if number is None or not phonenumbers.is_possible_number(number):
        raise InvalidValueError(ErrorCode.INVALID, "Must be a valid telephone number, such as +44 20 7946 0958.")
    return text


def e164(phone: str | None) -> str | None:
    """The number in E.164 format (``+442079460958``); None if it is possible but in no assigned range."""
    import phonenumbers  # noqa: PLC0415 - as in ``_parsed``

    number = None if phone is None else _parsed(phone, None)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_digits(phone: str) -> set[str]:
    """The digits of a number in each of its notations: as entered, E.164, and national.

    Text that is not a number has only its own digits.
    """
    import phonenumbers  # noqa: PLC0415 - as in ``_parsed``

    ways = {phone}
    number = _parsed(phone, None)
    if number is not None:
        formats = (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.NATIONAL)
        ways |= {phonenumbers.format_number(number, each) for each in formats}
    digits = {"".join(character for character in way if character.isdecimal()) for way in ways}
    return {each for each in digits if each}


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    import phonenumbers  # noqa: PLC0415 - 58 modules, which only changes of customers and addresses need

    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Email(Rule):
    """An e-mail address, its domain in lower case; never looked up."""

    max: ClassVar[int] = MAX_EMAIL_LENGTH

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        return clean_email(value)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Phone(Rule):
    """A telephone number with ``+`` and its country code, stored as entered if it is possible."""

    max: ClassVar[int] = MAX_PHONE_LENGTH

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        return clean_phone(value, None)


def _spelled(codes: Iterable[str]) -> str:
    """A pattern of all codes in any case, one group for each first letter: ``[Aa](?:[Dd]|[Ee])|…``."""

    def either(letter: str) -> str:
        return f"[{letter}{letter.lower()}]"

    groups = groupby(sorted(codes), key=lambda code: code[0])
    return "|".join(f"{either(first)}(?:{'|'.join(either(code[1]) for code in group)})" for first, group in groups)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Country(Rule):
    """An ISO 3166-1 alpha-2 code; accepted in any case, stored in upper case."""

    pattern: ClassVar[str] = _spelled(COUNTRIES)

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> str:
        return clean_country(value)
