"""Ids: prefixed, opaque, and in order of time as plain text."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.clock import EPOCH, system_clock
from domain.kernel.ids import ALPHABET, LENGTH, instant_of, is_id, lowest_id, new_id, prefix_of

ONE_MILLISECOND = timedelta(milliseconds=1)
INSTANTS = st.integers(0, 2**47).map(lambda milliseconds: EPOCH + milliseconds * ONE_MILLISECOND)


def test_an_id_is_its_prefix_and_26_lower_case_characters() -> None:
    prefix, _, tail = new_id("prod").partition("_")
    assert prefix == "prod"
    assert len(tail) == LENGTH == 26
    assert set(tail) <= set(ALPHABET)
    assert set("ilou") & set(ALPHABET) == set()  # Crockford leaves out what is mistaken for something else


def test_ids_of_one_process_sort_as_they_were_made() -> None:
    made = [new_id("evt") for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == 5_000


def test_an_id_lies_between_the_lowest_of_its_millisecond_and_of_a_later_one() -> None:
    before = system_clock()
    made = new_id("evt")
    after = system_clock() + ONE_MILLISECOND
    assert lowest_id("evt", before) <= made < lowest_id("evt", after)


@given(INSTANTS, INSTANTS)
def test_the_lowest_ids_sort_as_their_instants(one: datetime, other: datetime) -> None:
    assert (lowest_id("evt", one) < lowest_id("evt", other)) == (one < other)
    assert is_id("evt", lowest_id("evt", one))


@given(INSTANTS)
def test_an_id_tells_when_it_was_made(instant: datetime) -> None:
    assert instant_of(lowest_id("evt", instant)) == instant
    assert system_clock() - ONE_MILLISECOND <= instant_of(new_id("evt")) <= system_clock()


@pytest.mark.parametrize("text", ["", "evt", "evt_1", "evt_" + "0" * 25 + "u"])
def test_what_is_no_id_tells_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        instant_of(text)


def test_the_lowest_id_of_the_epoch_is_all_zeros() -> None:
    assert lowest_id("evt", EPOCH) == "evt_" + "0" * 26


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prod_" + "0" * 26, True),
        ("var_" + "0" * 26, False),
        ("prod_" + "0" * 25, False),
        ("prod_" + "0" * 27, False),
        ("prod_" + "0" * 25 + "u", False),
        ("prod_" + "0" * 25 + "A", False),
        ("prod" + "0" * 26, False),
        ("", False),
    ],
)
def test_the_form_of_an_id_is_recognised(text: str, expected: bool) -> None:
    assert is_id("prod", text) is expected


def test_the_prefix_is_what_stands_before_the_underscore() -> None:
    assert prefix_of(new_id("prod")) == "prod"
    assert prefix_of("SKU-1") == "SKU-1"
