"""Descriptions of limits: all of them for GraphQL, which has no keywords for limits; for JSON Schema the rest."""

from __future__ import annotations

import re

from domain.kernel.fields.amounts import Amount, MinorAmount
from domain.kernel.fields.commands import ListOf
from domain.kernel.fields.contact import Email, Phone
from domain.kernel.fields.encoded_bytes import Base64
from domain.kernel.fields.json_rules import Attributes, Metadata
from domain.kernel.fields.rules import Integer, Number, Percent, Rule, Text, Url
from domain.kernel.money import EXPONENTS, MAX_MAJOR_UNITS, MAX_MINOR_UNITS

INT_MAX = 2**31 - 1
"""The limit of GraphQL's Int, which is not described."""
_NUMERALS = {3: "three", 4: "four"}


def describe_limits(rule: Rule) -> str:
    """Every limit of a rule, in sentences; empty if it has none."""
    match rule:
        case Text():
            return _between(rule.min, rule.max, "characters")
        case Url() | Email() | Phone():
            return f"At most {rule.max:,} characters."
        case Base64():
            return f"1 to {rule.max:,} bytes, decoded."
        case Integer() | Amount() | Number() | Percent():
            return _range(rule)
        case ListOf():
            return " ".join(
                part for part in (_between(rule.min, rule.max, "items"), _each(describe_limits(rule.item))) if part
            )
        case Attributes():
            names = f"names of at most {rule.key_max}"
            return f"At most {rule.max} entries, with {names} and values of at most {rule.value_max} characters."
        case Metadata():
            keys = f"At most {rule.max} keys of at most {rule.key_max} characters"
            return f"{keys}, and {rule.bytes_max:,} bytes as JSON."
    return ""


def _range(rule: Integer | Amount | Number | Percent) -> str:
    match rule:
        case Integer(max=most) if most == INT_MAX:
            return f"At least {rule.min:,}."
        case Integer():
            return f"{rule.min:,} to {rule.max:,}."
        case Amount():
            return f"{_least(rule)} {MAX_MAJOR_UNITS:,} ({_finer_currencies()}). {_DIGITS}"
        case Number():
            least = "More than 0, at most" if rule.is_positive else "0 to"
            return f"{least} {rule.max:,}, with at most {rule.decimals} decimals."
        case Percent():
            return f"0 to {rule.max}, with at most {rule.decimals} decimals."


def describe_limits_without_keyword(rule: Rule) -> str:
    """The limits of a rule for which JSON Schema has no keyword, or none that all clients apply exactly."""
    match rule:
        case Text() if needs_visible(rule):
            return _VISIBLE
        case Attributes():
            return _VISIBLE_NAMES
        case MinorAmount():
            return f"At most {MAX_MAJOR_UNITS:,} in currencies without decimals."
        case Amount():
            return f"At most {_finer_currencies()}. {_DIGITS}"
        case Number() | Percent():
            return f"At most {rule.decimals} decimals."
        case ListOf():
            return _each(describe_limits_without_keyword(rule.item))
        case Metadata():
            return f"At most {rule.bytes_max:,} bytes as JSON. {_VISIBLE_NAMES}"
    return ""


def needs_visible(rule: Text) -> bool:
    """Whether a text of invisible characters alone is refused although its length and its pattern would allow it."""
    invisible = "\u200b" * rule.min
    allowed = rule.pattern is None or re.fullmatch(rule.pattern, invisible) is not None
    return bool(rule.min) and not rule.exact and not rule.words and allowed


_VISIBLE = "Must have a visible character."
_VISIBLE_NAMES = "Every name must have a visible character."
_DIGITS = "At most as many decimals as the currency has."


def _finer_currencies() -> str:
    """The largest amounts of currencies with so many decimals that MAX_MINOR_UNITS is below MAX_MAJOR_UNITS."""
    finer = sorted({exponent for exponent in EXPONENTS.values() if MAX_MAJOR_UNITS * 10**exponent > MAX_MINOR_UNITS})
    amounts = [f"{MAX_MINOR_UNITS // 10**exponent:,} with {_NUMERALS[exponent]}" for exponent in finer]
    return ", ".join(amounts).replace("with three", "for currencies with three decimals", 1)


def _least(rule: Amount) -> str:
    is_positive = isinstance(rule, MinorAmount) and rule.min
    return "At least 1 minor unit, at most" if is_positive else "0 to"


def _between(least: int, most: int, unit: str) -> str:
    if least == most:
        return f"Exactly {most:,} {unit}."
    return f"{least:,} to {most:,} {unit}." if least else f"At most {most:,} {unit}."


def _each(limits: str) -> str:
    return f"Each: {limits[0].lower()}{limits[1:]}" if limits else ""
