"""Amounts and fees in Stripe's units and in ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import EXPONENTS
from gateway.adapters.stripe.amounts import UnsupportedAmountError, fee_of, from_stripe, to_stripe


@given(st.integers(0, 10**15), st.sampled_from(sorted(EXPONENTS)))
def test_what_stripe_has_a_unit_for_comes_back_exactly(amount: int, currency: str) -> None:
    try:
        units = to_stripe(amount, currency)
    except UnsupportedAmountError:
        assert currency == "MGA"
        assert amount % 100 != 0
        return
    assert from_stripe(units, currency) == amount


def test_three_currencies_have_other_units_than_in_iso_4217() -> None:
    found = {currency: to_stripe(100, currency) for currency in EXPONENTS if to_stripe(100, currency) != 100}
    assert found == {"ISK": 10_000, "UGX": 10_000, "MGA": 1}


@pytest.mark.parametrize(
    ("transaction", "fee"),
    [
        ({"amount": 10_000, "currency": "isk", "fee": 149}, 1),
        ({"amount": 10_000, "currency": "isk", "fee": 150}, 2),
        ({"amount": 70, "currency": "usd", "fee": 7}, 10),  # a tenth of 100 krónur, whatever they are in dollars
        ({"amount": 0, "currency": "isk", "fee": 200}, 2),
        ({"amount": 10_000, "currency": "isk", "fee": None}, 0),
        ("txn_not_expanded", 0),
        (None, 0),
    ],
)
def test_a_fee_is_in_minor_units_of_the_payment(transaction: Any, fee: int) -> None:
    assert fee_of(transaction, 10_000, "ISK") == fee
