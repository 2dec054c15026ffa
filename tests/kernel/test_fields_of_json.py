"""Reading free JSON, attributes and addresses of pictures: what a column could not hold is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import ErrorCode
from tests.kernel.test_fields import problems, read, refused

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    SCALARS | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@given(st.dictionaries(st.text("abc", min_size=1, max_size=64), JSON, max_size=5))
def test_json_is_kept_as_it_is(metadata: dict[str, Any]) -> None:
    assert read({"name": "x", "metadata": metadata}).metadata == orjson.loads(orjson.dumps(metadata))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], ErrorCode.INVALID),
        ("x", ErrorCode.INVALID),
        ({"": 1}, ErrorCode.TOO_SHORT),
        ({"k" * 65: 1}, ErrorCode.TOO_LONG),
        ({str(n): n for n in range(51)}, ErrorCode.TOO_LONG),
        ({"k": "x" * 16_384}, ErrorCode.TOO_LONG),
        ({"k": "a\x00b"}, ErrorCode.INVALID),
        ({"k": {"a\x00b": 1}}, ErrorCode.INVALID),
        ({"k": "\ud800"}, ErrorCode.INVALID),
        ({"k": {"\ud800": 1}}, ErrorCode.INVALID),
        ({"\ud800": 1}, ErrorCode.INVALID),
        ({"k": 2**64}, ErrorCode.INVALID),
        ({"k": Decimal("NaN")}, ErrorCode.INVALID),
        ({"k": Decimal("1E+400")}, ErrorCode.INVALID),
        ({"k": nested(400)}, ErrorCode.INVALID),
        ({1: 1}, ErrorCode.INVALID),
        ({"k": object()}, ErrorCode.INVALID),
    ],
)
def test_json_that_a_column_cannot_hold_is_refused(value: object, code: ErrorCode) -> None:
    assert refused(metadata=value) is code


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert read({"name": "x", "metadata": {"k": "\\u0000"}}).metadata == {"k": "\\u0000"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], ErrorCode.INVALID),
        ({"size": 7}, ErrorCode.INVALID),
        ({"size": None}, ErrorCode.INVALID),
        ({7: "x"}, ErrorCode.INVALID),
        ({"": "x"}, ErrorCode.TOO_SHORT),
        ({"k" * 51: "x"}, ErrorCode.TOO_LONG),
        ({"k": "x" * 256}, ErrorCode.TOO_LONG),
        ({str(n): "x" for n in range(21)}, ErrorCode.TOO_LONG),
        ({"k": "a\x00b"}, ErrorCode.INVALID),
    ],
)
def test_attributes_are_short_pairs_of_text(value: object, code: ErrorCode) -> None:
    assert refused(attributes=value) is code


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example",
        "http://x.example:8080/a?b#c",
        "https://x.example/" + "p" * 1_982,
        "https://xn--bcher-kva.example/ä",
        "https://x.example?q=1",
    ],
)
def test_an_absolute_address_of_the_web_is_accepted(url: str) -> None:
    assert read({"name": "x", "leaves": [url]}).leaves[0].url == url


@pytest.mark.parametrize(
    "url",
    [
        "x.example",
        "//x.example",
        "ftp://x.example",
        "javascript:alert(1)",
        "https://",
        "https://user:secret@x.example/",
        "https://x.example/a b",
        "https://x.example:port/",
        "https://x\n.example",
    ],
)
def test_what_is_no_such_address_is_refused(url: str) -> None:
    assert problems({"name": "x", "leaves": [url]}) == {("leaves", 0, "url"): ErrorCode.INVALID}


def test_an_address_of_more_than_2000_characters_is_refused() -> None:
    sent = {"name": "x", "leaves": ["https://x.example/" + "p" * 1_983]}
    assert problems(sent) == {("leaves", 0, "url"): ErrorCode.TOO_LONG}


@pytest.mark.parametrize(
    ("value", "code"),
    [("x", ErrorCode.INVALID), ({}, ErrorCode.INVALID), ([], ErrorCode.TOO_SHORT), (["x"] * 4, ErrorCode.TOO_LONG)],
)
def test_a_list_has_its_bounds(value: object, code: ErrorCode) -> None:
    assert refused(leaves=value) is code
