"""Scalars: exact both ways, and clear about what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, parse_value

from schema.scalars import (
    read_big_int,
    read_big_int_literal,
    read_currency,
    read_decimal,
    read_decimal_literal,
    read_instant,
    read_json_literal,
    write_decimal,
    write_instant,
)


def test_instants_are_written_in_utc_with_milliseconds() -> None:
    paris = timezone(timedelta(hours=1))
    assert write_instant(datetime(2026, 1, 15, 11, 30, 0, 120_999, paris)) == "2026-01-15T10:30:00.120Z"
    assert write_instant(datetime(2026, 1, 15, tzinfo=UTC)) == "2026-01-15T00:00:00.000Z"


@pytest.mark.parametrize("value", ["2026-01-15T11:30:00+01:00", "2026-01-15"])
def test_instants_and_dates_are_handed_on_as_they_were_written(value: str) -> None:
    assert read_instant(value) == value  # what a date means is for the rule of its field to say


@pytest.mark.parametrize("value", ["2026-01-15T10:30:00", "soon", "2026-02-30", 7, None, "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match=r"DateTime: .*for the end of a range, 2026-01-15\."):
        read_instant(value)


@pytest.mark.parametrize("digits", ["0.10", "-12.50", "9999999999999.99", "1e2", "0.1E+1"])
def test_decimals_keep_their_digits(digits: str) -> None:
    assert read_decimal(digits) == Decimal(digits)
    assert read_decimal_literal(parse_value(digits)) == Decimal(digits)
    assert read_decimal_literal(parse_value(f'"{digits}"')) == Decimal(digits)
    assert "E" not in write_decimal(Decimal(digits)).upper()


@pytest.mark.parametrize(
    "value", ["", "NaN", "Infinity", "1_000", " 1", "0x1", "1" * 50, "1e9999", True, None, [], 1.5]
)
def test_what_is_no_decimal_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError, match="Decimal: Write a number"):
        read_decimal(value)


def test_big_integers_have_64_bits() -> None:
    assert read_big_int(2**63 - 1) == 2**63 - 1
    assert read_big_int_literal(parse_value("-9223372036854775808")) == -(2**63)
    for wrong in (2**63, "1", 1.0, True):
        with pytest.raises(GraphQLError):
            read_big_int(wrong)
    for literal in ("9223372036854775808", "1.0", '"1"'):
        with pytest.raises(GraphQLError):
            read_big_int_literal(parse_value(literal))


def test_currencies_are_three_letters() -> None:
    assert read_currency("gbp") == "GBP"
    for wrong in ("", "GB", "GBPP", "G1P", 7, "ÄÖÜ"):
        with pytest.raises(GraphQLError):
            read_currency(wrong)


def test_json_is_read_from_the_document_with_its_variables() -> None:
    literal = parse_value('{ a: [1, 2.50, "x", true, null], b: $b, c: { d: $missing } }')
    read: Any = read_json_literal(literal, {"b": {"deep": 1}})
    assert read == {"a": [1, Decimal("2.50"), "x", True, None], "b": {"deep": 1}, "c": {"d": None}}
    with pytest.raises(GraphQLError, match="enum"):
        read_json_literal(parse_value("{ a: RED }"))
