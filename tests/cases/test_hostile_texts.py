"""Texts made to hurt, in every place of both surfaces that takes one."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from domain.kernel.validation import MAX_FOLDED_LENGTH, fold, index_key
from rest_compat import ENDPOINTS
from rest_compat.actions import StreamAction
from rest_compat.endpoint import Endpoint
from schema.strawberry_internals import field_of
from tests.cases.input_places import Field, body_places, fields_with_arguments, query_parameters
from tests.cases.listed_things import ids, till
from tests.conftest import Client
from tests.contract.operations import OF_TEST_STORES
from tests.contract.test_made_up_inputs import FORESEEN, JSON, path_of

__all__ = ["ids", "till"]

MARKS = "\u0345" * 100_000
HOSTILE = {
    "combining marks": MARKS,
    "as many as are allowed": "\u0345\u0301" * 127,
    "lone surrogates": "a\udfff\ud800",  # in this order they are no pair, which JSON would read as one character
    "NUL": "a\x00b",
}
ENDED = (200, 201, 202, 204, 400, 404, 405, 409, 414, 422)
CPU_SECONDS = 0.75
"""Of one request: a hundred times what it takes, a tenth of what NFKC takes for MARKS."""
ADDRESS_MAX = 10_000
"""Characters that an address holds of them: 60,000 bytes, as many as a request's head may have."""
FIELDS = list(fields_with_arguments())
NOT_TEXTUAL = {"Int", "Boolean", "list", "object"}
"""Where no text is read: what is sent there is refused by its type."""
CONTENT = {**JSON, "Accept": "application/json"}


def sent(value: Any) -> bytes:
    """As JSON: marks as they are, lone surrogates escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text.encode() if text.isprintable() or "\ud800" not in text else json.dumps(value).encode()


class Watch:
    """How long the thread that answers, which is this one, is at work."""

    def __enter__(self) -> Watch:
        self._begun = time.thread_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.thread_time() - self._begun


async def check(client: Client, label: str, method: str, path: str, **options: Any) -> httpx.Response:
    """The answer to a hostile request, which is foreseen and cheap."""
    with Watch() as watch:
        answer = await client(method, path, **options)
    assert answer.status_code in ENDED, (label, answer.status_code, answer.text[:500])
    assert watch.seconds < CPU_SECONDS, (label, watch.seconds)
    return answer


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.label)
async def test_c1_b7_no_text_of_graphql_is_looked_into_before_its_length(
    rest: Client, till: Client, ids: Mapping[str, str], field: Field
) -> None:
    """Every argument and every field of an input at any depth, from the schema itself.

    Taken out to see it fail: the limit in ``fold`` together with the rules of arguments (``schema/argument_rules.py``):
    product.sku took 25 s of CPU; ``_check_cursor``: surrogates in ``after`` of nested lists were INTERNAL.
    """
    door = "/graphql/stream" if field.kind == "subscription" else "/graphql"
    headers = {**JSON, "Accept": "text/event-stream"} if field.kind == "subscription" else CONTENT
    client = till if OF_TEST_STORES & set(getattr(field_of(field.field), "scopes", ())) else rest
    for place in field.places():
        if place.scalar in NOT_TEXTUAL:
            continue
        for what, text in HOSTILE.items():
            if field.kind == "subscription" and what.startswith("as many") and place.name == "filter.where.eq":
                continue  # a condition like any other: the stream goes on
            query, variables = field.operation({place.path[0]: place.build(text)}, ids)
            content = sent({"query": query, "variables": variables})
            label = f"{field.label} {place.name}: {what}"
            answer = await check(client, label, "POST", door, content=content, headers=headers)
            assert '"INTERNAL"' not in answer.text, (label, answer.text[:500])
            assert answer.status_code == 400 or what != "lone surrogates", (label, answer.text[:500])
            if field.kind != "subscription":
                codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
                assert codes <= FORESEEN | {"GRAPHQL_VALIDATION_FAILED"}, (label, answer.text[:500])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_c1_b7_no_text_of_rest_is_looked_into_before_its_length(
    rest: Client, till: Client, ids: Mapping[str, str], endpoint: Endpoint
) -> None:
    """Every id in a path, every parameter, every text of a body at any depth and every member that can only be echoed.

    Taken out to see it fail: the lengths in ``unchanged.py`` (a read-only member of a PUT was folded whole). In an
    address, bytes that are no text are read as U+FFFD, so that only a body can hold a surrogate.
    """
    options: dict[str, Any] = {"content": b"{}", "headers": JSON} if endpoint.body else {}
    client = till if endpoint.scope in OF_TEST_STORES else rest
    for what, text in HOSTILE.items():
        short = text[:ADDRESS_MAX]
        wire = quote(short.encode(errors="surrogatepass"), safe="")
        for name in endpoint.ids:
            path = path_of(endpoint, ids, **{name: wire})
            answer = await check(client, f"{endpoint.name} {name}: {what}", endpoint.method, path, **options)
            assert answer.status_code in (400, 404, 405, 422), (endpoint.name, name, what, answer.text[:300])
        for spec in query_parameters(endpoint):
            label = f"{endpoint.name} ?{spec.name}: {what}"
            query = urlencode({spec.name: short}, errors="surrogatepass")
            # A stream whose parameters are accepted goes on; to HEAD it is answered by what stands before it.
            method = "HEAD" if isinstance(endpoint.action, StreamAction) else endpoint.method
            await check(client, label, method, f"{path_of(endpoint, ids)}?{query}")
        for place in body_places(endpoint):
            label = f"{endpoint.name} {place.name}: {what}"
            for value in (text, {text: text}):
                content = sent(place.build(value))
                path = path_of(endpoint, ids)
                answer = await check(client, label, endpoint.method, path, content=content, headers=JSON)
                if what == "lone surrogates":
                    is_taken = answer.status_code < 400 and '"status":"refused"' not in answer.text
                    assert not is_taken, (label, answer.text[:300])


@pytest.mark.parametrize("refused", [fold, index_key])
def test_c1_what_is_longer_than_any_stored_text_is_not_folded(refused: Any) -> None:
    """Taken out to see it fail: the limit in ``fold``."""
    assert refused("\u0345" * MAX_FOLDED_LENGTH)
    with pytest.raises(ValueError, match="cannot fold"):
        refused("\u0345" * (MAX_FOLDED_LENGTH + 1))
