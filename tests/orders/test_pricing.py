"""Pricing is exact for all prices, discounts and taxes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.orders.pricing import MILLION, Charges, millionths, percentage, price_order, split_proportionally

lines = st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 1000)), min_size=1, max_size=30)
rates = st.integers(0, MILLION)
charges = st.builds(
    Charges,
    discount_amount=st.none() | st.integers(0, 10**9),
    discount_rate=st.none() | rates,
    shipping=st.integers(0, 10**6),
    tax_rate=rates,
    tax_on_shipping=st.booleans(),
)


@settings(deadline=None)
@given(lines, charges)
def test_the_sum_of_the_lines_is_the_total(lines: list[tuple[int, int]], charges: Charges) -> None:
    totals = price_order(lines, charges)
    assert totals.total == sum(line.total for line in totals.lines) + totals.shipping + totals.shipping_tax
    assert totals.total == totals.subtotal - totals.discount + totals.shipping + totals.tax
    assert totals.discount == sum(line.discount for line in totals.lines)
    assert totals.tax == sum(line.tax for line in totals.lines) + totals.shipping_tax
    assert 0 <= totals.discount <= totals.subtotal


@settings(deadline=None)
@given(lines, charges)
def test_no_line_total_is_negative(lines: list[tuple[int, int]], charges: Charges) -> None:
    for (price, quantity), line in zip(lines, price_order(lines, charges).lines, strict=True):
        assert 0 <= line.discount <= price * quantity
        assert line.tax >= 0
        assert line.total == price * quantity - line.discount + line.tax


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40), st.data())
def test_a_share_is_within_one_unit_of_its_proportion(weights: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(weights)))
    shares = split_proportionally(amount, weights)
    assert sum(shares) == amount
    whole = sum(weights) or 1
    assert all(abs(share * whole - amount * weight) < whole for share, weight in zip(shares, weights, strict=True))


def test_tax_is_rounded_half_up_per_line() -> None:
    totals = price_order([(5, 1), (5, 1), (5, 1)], Charges(tax_rate=100_000))
    assert [line.tax for line in totals.lines] == [1, 1, 1]
    assert totals.tax == 3  # rounding the sum would give 2


def test_a_percentage_discount_applies_to_the_subtotal() -> None:
    totals = price_order([(1000, 2), (333, 1)], Charges(discount_rate=100_000, shipping=495, tax_rate=200_000))
    assert (totals.subtotal, totals.discount, totals.tax, totals.total) == (2333, 233, 420, 3015)
    assert [line.discount for line in totals.lines] == [200, 33]


def test_shipping_is_taxed_if_the_rate_applies_to_it() -> None:
    charges = Charges(shipping=1000, tax_rate=200_000, tax_on_shipping=True)
    totals = price_order([(1000, 1)], charges)
    assert (totals.shipping_tax, totals.tax, totals.total) == (200, 400, 2400)


@pytest.mark.parametrize(("percent", "rate"), [("0", 0), ("17.5", 175_000), ("0.0001", 1), ("100", MILLION)])
def test_percentages_and_millionths_convert_both_ways(percent: str, rate: int) -> None:
    assert millionths(Decimal(percent)) == rate
    assert percentage(rate) == Decimal(percent)
    assert f"{percentage(rate):f}" == percent
