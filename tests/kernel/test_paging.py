"""Windows and cursors: what they accept, and that a cursor says exactly the place it was made at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeEngine

from domain.kernel.errors import MalformedRequest
from domain.kernel.ids import new_id
from domain.kernel.listing.paging import (
    MAX_CURSOR_LENGTH,
    Window,
    connection_window,
    list_fingerprint,
    page_window,
    read_cursor,
    write_cursor,
)
from domain.kernel.sql.tables import INSTANT, KEY_TEXT

STORABLE = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=255)
MILLISECONDS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
ID = "prod_" + "0" * 26


def test_a_window_is_fifty_rows_from_the_beginning_unless_said() -> None:
    assert connection_window(None, None, None, None) == Window(limit=50, cursor=None, backwards=False, offset=0)
    assert connection_window(None, None, None, "c") == Window(limit=50, cursor="c", backwards=True)
    assert connection_window(0, "c", None, None) == Window(limit=0, cursor="c")
    assert connection_window(None, None, 200, None) == Window(limit=200, backwards=True)


@pytest.mark.parametrize("size", [-1, 201, 2**31 - 1])
@pytest.mark.parametrize("name", ["first", "last"])
def test_a_size_out_of_bounds_is_refused_by_its_name(name: str, size: int) -> None:
    with pytest.raises(MalformedRequest) as refusal:
        connection_window(*((size, None, None, None) if name == "first" else (None, None, size, None)))
    assert refusal.value.problems[0].path == (name,)


@pytest.mark.parametrize(
    "asked", [(1, None, 1, None), (1, None, None, "c"), (None, "c", 1, None), (None, "c", None, "c")]
)
def test_both_directions_at_once_are_refused(asked: tuple[Any, Any, Any, Any]) -> None:
    with pytest.raises(MalformedRequest):
        connection_window(*asked)


def test_pages_are_counted_from_one() -> None:
    assert page_window(1, 20) == Window(20, offset=0)
    assert page_window(3, 20) == Window(20, offset=40)


@given(STORABLE)
def test_a_text_key_survives_a_cursor(key: str) -> None:
    fingerprint = list_fingerprint("name", False, {})
    if len(cursor := write_cursor(fingerprint, key, ID)) <= MAX_CURSOR_LENGTH:
        assert read_cursor(cursor, fingerprint, KEY_TEXT) == (key, ID)


@given(MILLISECONDS)
def test_an_instant_survives_a_cursor_to_the_millisecond(milliseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    fingerprint = list_fingerprint("created_at", True, {"status": ("active",)})
    assert read_cursor(write_cursor(fingerprint, moment, ID), fingerprint, INSTANT) == (moment, ID)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_number_survives_a_cursor(number: int) -> None:
    fingerprint = list_fingerprint("price", False, {})
    assert read_cursor(write_cursor(fingerprint, number, ID), fingerprint, BigInteger()) == (number, ID)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("x", INSTANT),
        ("", INSTANT),
        ("9" * 30, INSTANT),
        ("-" + "9" * 17, INSTANT),
        ("x", BigInteger()),
        ("1.5", BigInteger()),
        (str(2**63), BigInteger()),
        (str(2**31), Integer()),
        ("9" * 1_900, Integer()),
    ],
)
def test_a_cursor_with_an_impossible_key_is_refused(key: str, kind: TypeEngine[Any]) -> None:
    with pytest.raises(MalformedRequest, match="Invalid cursor"):
        read_cursor(f"c1~price.asc~{key}~{ID}", "price.asc", kind)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "~",
        "~~~",
        "c1",
        "c1~price.asc",
        "c1~price.asc~5",
        f"c2~price.asc~5~{ID}",
        "c1~price.asc~\x00~x",
        "c1~price.asc~\ud800~x",
        "c1~price.asc~5~" + "x" * 2_000,
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(MalformedRequest, match="Invalid cursor"):
        read_cursor(cursor, "price.asc", KEY_TEXT)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for kind in (KEY_TEXT, INSTANT, BigInteger()):
        try:
            key, id = read_cursor(f"c1~name.asc~{text}", "name.asc", kind)
        except MalformedRequest:
            continue
        assert isinstance(id, str)
        assert "\x00" not in str(key)


@pytest.mark.parametrize(
    "other",
    [
        list_fingerprint("name", True, {"tags": ("a",)}),
        list_fingerprint("price", False, {"tags": ("a",)}),
        list_fingerprint("name", False, {"tags": ("b",)}),
        list_fingerprint("name", False, {"tags": ("a",), "category": "x"}),
        list_fingerprint("name", False, {}),
    ],
)
def test_a_cursor_of_another_sort_direction_or_filter_is_refused(other: str) -> None:
    cursor = write_cursor(other, "key", new_id("prod"))
    with pytest.raises(MalformedRequest, match="another sort or filter"):
        read_cursor(cursor, list_fingerprint("name", False, {"tags": ("a",)}), KEY_TEXT)


def test_the_order_of_filters_does_not_change_the_list() -> None:
    assert list_fingerprint("name", False, {"a": "1", "b": "2"}) == list_fingerprint(
        "name", False, {"b": "2", "a": "1"}
    )
