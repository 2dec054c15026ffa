"""The brands of cards, by their issuer identification numbers (ISO/IEC 7812-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.payments.states import CardBrand


@dataclass(frozen=True, slots=True)
class _Brand:
    """How the numbers of a brand begin and how long they are."""

    brand: CardBrand
    prefixes: re.Pattern[str]
    lengths: frozenset[int]
    cvc_length: int = 3


_BRANDS = (
    _Brand(CardBrand.VISA, re.compile(r"4"), frozenset({13, 16, 19})),
    _Brand(
        CardBrand.MASTERCARD,
        re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"),
        frozenset({16}),
    ),
    _Brand(CardBrand.AMEX, re.compile(r"3[47]"), frozenset({15}), cvc_length=4),
    _Brand(
        CardBrand.DISCOVER,
        re.compile(r"6011|64[4-9]|65"),
        frozenset({16, 17, 18, 19}),
    ),
)


def brand_of(digits: str) -> CardBrand | None:
    """The brand of a card number; None for one of another brand, or of a wrong length."""
    for each in _BRANDS:
        if each.prefixes.match(digits) and len(digits) in each.lengths:
            return each.brand
    return None


def cvc_length(brand: CardBrand) -> int:
    """The digits of the security code of a brand."""
    return next(each.cvc_length for each in _BRANDS if each.brand == brand)
