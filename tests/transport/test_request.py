"""The headers of a request, as Starlette's own would have them."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from transport.request import IndexedRequest

RAW = [(b"accept", b"a/b"), (b"x-odd", b"caf\xe9"), (b"accept", b"c/d"), (b"x-empty", b"")]


@pytest.mark.parametrize("name", ["accept", "Accept", "X-ODD", "x-empty", "x-none"])
def test_headers_are_found_as_starlette_finds_them(name: str) -> None:
    scope = {"type": "http", "headers": RAW}
    ours, theirs = IndexedRequest(scope).headers, Request(scope).headers
    assert ours.get(name) == theirs.get(name)
    assert ours.get(name, "other") == theirs.get(name, "other")
    assert ours.getlist(name) == theirs.getlist(name)
    assert (name in ours) == (name in theirs)
    assert dict(ours) == dict(theirs)
