"""Money: minor units, the currency's own digits, and never a silent rounding."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import EXPONENTS, MAX_MINOR_UNITS, Money, TooManyDecimalsError, to_major, to_minor
from domain.kernel.serialization import format_amount

CURRENCIES = st.sampled_from(sorted(EXPONENTS))
AMOUNTS = st.integers(-MAX_MINOR_UNITS, MAX_MINOR_UNITS)


@pytest.mark.parametrize(
    ("currency", "minor", "written"),
    [
        ("JPY", 200, "200"),
        ("GBP", 20_000, "200.00"),
        ("KWD", 200_000, "200.000"),
        ("GBP", 1, "0.01"),
        ("KWD", 0, "0.000"),
    ],
)
def test_an_amount_is_written_with_its_currencys_digits(currency: str, minor: int, written: str) -> None:
    assert f"{to_major(minor, currency):f}" == written
    assert str(Money(minor, currency).amount) == written
    assert orjson.dumps(format_amount(minor, currency)) == written.encode()
    assert to_minor(Decimal(written), currency) == minor


@given(AMOUNTS, CURRENCIES)
def test_minor_units_survive_a_round_trip(minor: int, currency: str) -> None:
    amount = to_major(minor, currency)
    assert to_minor(amount, currency) == minor
    assert to_minor(Decimal(f"{amount:f}"), currency) == minor
    assert -amount.as_tuple().exponent == EXPONENTS[currency]  # type: ignore[operator]  # it is finite


@given(st.decimals(allow_nan=False, allow_infinity=False), CURRENCIES)
def test_an_amount_is_taken_exactly_or_refused(amount: Decimal, currency: str) -> None:
    try:
        minor = to_minor(amount, currency)
    except ValueError:  # TooManyDecimals is one
        return
    assert to_major(minor, currency) == amount
    assert abs(minor) <= MAX_MINOR_UNITS


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("JPY", "0.1"),
        ("GBP", "1.001"),
        ("KWD", "1.0001"),
        ("GBP", "1.0000000000000000000000000001"),  # more digits than a decimal context keeps
        ("GBP", "1." + "0" * 60 + "1"),
        ("GBP", "1E-999999"),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(currency: str, amount: str) -> None:
    with pytest.raises(TooManyDecimalsError):
        to_minor(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("currency", "amount", "minor"), [("JPY", "5.0", 5), ("GBP", "1E+3", 100_000), ("GBP", "-0", 0)]
)
def test_digits_that_say_nothing_are_accepted(currency: str, amount: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+21", "1E+999999", "10000000000000.01"])
def test_what_is_no_amount_or_beyond_the_largest_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        to_minor(Decimal(amount), "GBP")


def test_the_largest_amount_is_accepted_on_both_sides_of_zero() -> None:
    assert to_minor(Decimal("10000000000000.00"), "GBP") == MAX_MINOR_UNITS
    assert to_minor(Decimal("-10000000000000.00"), "GBP") == -MAX_MINOR_UNITS


def test_only_money_has_an_exponent() -> None:
    assert {"JPY": 0, "GBP": 2, "USD": 2, "EUR": 2, "KWD": 3, "ISK": 0}.items() <= EXPONENTS.items()
    assert "XAU" not in EXPONENTS
    assert "XXX" not in EXPONENTS
