"""What schemathesis is told of our GraphQL: values of the scalars it does not know, right and wrong, and what an answer
may be. It calls every error a failure of the server; most of what it makes up deserves one."""

from __future__ import annotations

from typing import Any

import schemathesis
from graphql import ValueNode
from hypothesis import strategies as st
from schemathesis.graphql import nodes

_ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)


def _values(*right: Any, wrong: Any = _ANY_TEXT) -> st.SearchStrategy[ValueNode]:
    return (st.sampled_from(right) | wrong).map(nodes.String)


schemathesis.graphql.scalar("URL", _values("https://images.example.com/1.jpg", "http://a", "ftp://a", "https://"))
schemathesis.graphql.scalar("Currency", _values("GBP", "gbp", "EUR", "XXX"))
schemathesis.graphql.scalar("Cursor", _values("e1.1", "e1.0", "e1.-1", "e9.1", "c1~a"))
schemathesis.graphql.scalar("DateTime", _values("2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2100-02-30"))
schemathesis.graphql.scalar("Decimal", _values("1.00", "0.001", "1e300", "-1", wrong=_NUMBERS.map(str)))
schemathesis.graphql.scalar("Base64", _values("JVBERi0xLjcK", "", "JVBERi0xLjcK=", "TWluZQ"))
schemathesis.graphql.scalar("BigInt", st.integers(-(2**64), 2**64).map(nodes.Int))
schemathesis.graphql.scalar(
    "JSON",
    st.recursive(
        st.none().map(lambda _: nodes.Null) | st.integers().map(nodes.Int) | _ANY_TEXT.map(nodes.String),
        lambda inner: st.lists(inner, max_size=3).map(nodes.List),
        max_leaves=5,
    ),
)

FORESEEN = {"BAD_USER_INPUT", "CONFLICT", "CURSOR_EXPIRED", "GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"}
"""What a caller with every scope may be told of a request that is GraphQL."""
LIVE_ONLY = "updatePaymentSettings"
"""What the test store, to which the requests are sent, forbids everybody: it pays with the sandbox."""


@schemathesis.check
def errors_are_foreseen(ctx: Any, response: Any, case: Any) -> None:
    """An answer is a result of GraphQL; its errors, if any, are of the caller's making and say which."""
    assert response.status_code == 200, response.text
    body = response.json()
    assert body.keys() <= {"data", "errors", "extensions"}
    errors = body.get("errors", ())
    codes = {error["extensions"]["code"] for error in errors}
    assert codes <= FORESEEN or [each["path"] for each in errors] == [[LIVE_ONLY]], codes
    assert body.get("data") or codes
