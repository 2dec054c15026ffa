"""The brands of cards, by the ranges that their issuers publish."""

from __future__ import annotations

import pytest

from domain.payments.cards import brand_of
from domain.payments.states import CardBrand

_V, _M, _A, _D = CardBrand.VISA, CardBrand.MASTERCARD, CardBrand.AMEX, CardBrand.DISCOVER


@pytest.mark.parametrize(
    ("first", "brand"),
    [
        *((prefix, _V) for prefix in ("4000", "4999")),
        *((prefix, _M) for prefix in ("5100", "5599", "2221", "2299", "2300", "2699", "2700", "2719", "2720")),
        *((prefix, None) for prefix in ("5000", "5600", "2220", "2721", "2800")),
        *((prefix, _D) for prefix in ("6011", "6440", "6499", "6500", "6599")),
        *((prefix, None) for prefix in ("6010", "6012", "6430", "6600", "3528", "6200", "1234", "0000", "9999")),
    ],
)
def test_a_number_of_sixteen_digits_has_the_brand_of_its_range(first: str, brand: CardBrand | None) -> None:
    assert brand_of(first.ljust(16, "0")) == brand


@pytest.mark.parametrize(
    ("first", "lengths", "brand"),
    [
        ("4", {13, 16, 19}, _V),
        ("51", {16}, _M),
        ("2720", {16}, _M),
        ("34", {15}, _A),
        ("37", {15}, _A),
        ("6011", {16, 17, 18, 19}, _D),
    ],
)
def test_a_brand_has_its_lengths_only(first: str, lengths: set[int], brand: CardBrand) -> None:
    assert {length for length in range(8, 25) if brand_of(first.ljust(length, "0")) == brand} == lengths
