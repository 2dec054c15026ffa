"""Counting tokens before parsing counts what parsing would."""

from __future__ import annotations

import pytest
from graphql import Lexer, Source, TokenKind
from hypothesis import given
from hypothesis import strategies as st

from gateway.graphql.limits import more_tokens_than

TOKENS = [
    *"!$&()[]{}:=@|",
    "...",
    "name",
    "_Name9",
    "-12",
    "0.5e+10",
    '"text"',
    '""',
    '"a \\" b { c }"',
    '"""block"""',
    '""""""',
    '"""a "quoted" \n \\""" { b } """',
]
BETWEEN = [" ", ",", "\n", "\ufeff", "# a { comment }\n", '#"\r\n', "\t"]


def lexed(text: str) -> int:
    """How many tokens parsing finds."""
    lexer, count = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


@given(st.lists(st.tuples(st.sampled_from(TOKENS), st.lists(st.sampled_from(BETWEEN), min_size=1)), min_size=1))
def test_every_token_is_counted_once(parts: list[tuple[str, list[str]]]) -> None:
    text = "".join(token + "".join(between) for token, between in parts)
    assert lexed(text) == len(parts)
    assert not more_tokens_than(len(parts), text)
    assert more_tokens_than(len(parts) - 1, text)


@pytest.mark.parametrize("text", ["{a{b}}", "{a(b:[1,2],c:{d:$e})@f...g...on H{i}}", "query($a:[Int!]!=[]){b(c:-1.5)}"])
def test_tokens_need_nothing_between_them(text: str) -> None:
    count = lexed(text)
    assert not more_tokens_than(count, text)
    assert more_tokens_than(count - 1, text)


@pytest.mark.parametrize("text", ['"' * 100_001, '"""' + "x " * 100_000, '"\\' * 100_000, "#" * 400_000, "-" * 400_000])
def test_broken_documents_are_counted_in_one_pass(text: str) -> None:
    assert more_tokens_than(10**6, text) is False
