"""Card numbers in texts: found however they are grouped, and masked."""

from __future__ import annotations

import pytest

from domain.kernel.card_numbers import has_card_number, has_valid_check_digit, mask_card_numbers

CARDS = ("4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005", "2223003122003222")
OTHERS = ("4242424242424241", "20261129123456", "411111", "x4242424242424242", "99" * 12, "1242424242424243")


@pytest.mark.parametrize("number", CARDS)
def test_what_looks_like_a_card_number_is_found_and_masked(number: str) -> None:
    text = f'Variable "$card" got the value "{number}".'
    assert has_card_number(text)
    assert mask_card_numbers(text) == 'Variable "$card" got the value "[card number]".'


@pytest.mark.parametrize("number", OTHERS)
def test_other_numbers_stay(number: str) -> None:
    text = f"The order {number} is shipped."
    assert not has_card_number(text)
    assert mask_card_numbers(text) == text


def test_the_check_digit_is_that_of_the_standard() -> None:
    """79927398713 is the example of ISO/IEC 7812-1, annex B."""
    assert [digit for digit in "0123456789" if has_valid_check_digit("7992739871" + digit)] == ["3"]
