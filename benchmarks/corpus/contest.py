"""The operations of the corpus as requests to those who take part, with what must be alike in their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.corpus.leaves import SHARED_AT_LEAST, count, disagreement, leaves_of, shared
from benchmarks.corpus.operations import CorpusOperation, RestRequest, corpus
from benchmarks.corpus.values import Value, fill_in, shop_values
from benchmarks.environment import BenchEnvironment
from benchmarks.handwritten.pages import PAGES
from benchmarks.measurement import REST, Measurement
from benchmarks.requests import Agree, Headers, Request, equal, get, http
from benchmarks.servers import Server

PLACED = "create-order"
"""The one change that is written by hand as well."""
DONE = b'"userErrors":[]'


def gateway_corpus(stand: BenchEnvironment, server: Server, headers: Headers) -> list[Measurement]:
    """Every operation by GraphQL, and by REST where it says the same."""
    values, made = shop_values(stand.size), []
    for asked in corpus():
        made.append(Measurement(asked.name, server.name, server, graphql_request(asked, values, headers)))
        if asked.rest is not None:
            request = _rest_request(asked, asked.rest, values, headers)
            made.append(Measurement(asked.name, REST, server, request))
    return made


def limit_corpus(stand: BenchEnvironment, server: Server, headers: Headers, *, pages: bool) -> list[Measurement]:
    """What is written by hand: the order, and with ``pages`` the pages."""
    values, made = shop_values(stand.size), []
    for asked in corpus():
        if asked.name == PLACED:
            request = graphql_request(asked, values, headers, target="/orders", agree=_said_by_both(asked))
            made.append(Measurement(asked.name, server.name, server, request))
        elif pages and asked.name in PAGES:
            given = urlencode([("v", value) for value in fill_in(asked.variables, values, 0).values()])
            request = get(f"/pages/{asked.name}?{given}", headers, dict)
            made.append(Measurement(asked.name, server.name, server, request))
    return made


def order_request(stand: BenchEnvironment, headers: Headers) -> Request:
    """An order of three products, others each time, under a key of its own."""
    (asked,) = (each for each in corpus() if each.name == PLACED)
    return graphql_request(asked, shop_values(stand.size), headers)


def graphql_request(
    asked: CorpusOperation,
    values: Mapping[str, Value],
    headers: Headers,
    *,
    target: str = "/graphql",
    document: str | None = None,
    more: Mapping[str, Any] | None = None,
    agree: Agree = equal,
) -> Request:
    """The operation, or another document that says the same with its variables and ``more`` of them."""
    given = {"query": document or asked.document, "variables": {**asked.variables, **(more or {})}}

    def write(number: int) -> bytes:
        return http("POST", target, _with_key(asked, headers, number), orjson.dumps(fill_in(given, values, number)))

    return _request(asked, write, agree, DONE if asked.writes else b"")


def _rest_request(asked: CorpusOperation, rest: RestRequest, values: Mapping[str, Value], headers: Headers) -> Request:
    def write(number: int) -> bytes:
        target = fill_in(rest.target, values, number)
        body = b"" if rest.body is None else orjson.dumps(fill_in(rest.body, values, number))
        return http(rest.method, target, _with_key(asked, headers, number), body)

    return _request(asked, write, _said_by_both(asked), b"")


def _request(asked: CorpusOperation, write: Any, agree: Agree, proof: bytes) -> Request:
    """Reads are the same each time."""
    if not asked.writes:
        sent = write(0)
        return Request(lambda _: sent, dict, agree, proof)
    return Request(write, dict, agree, proof)


def _with_key(asked: CorpusOperation, headers: Headers, number: int) -> Headers:
    return {**headers, "Idempotency-Key": f"bench-{asked.name}-{number}"} if asked.once else headers


def same_leaves(asked: CorpusOperation) -> Agree:
    """As many leaves, and where both say the same they say it alike."""

    def agree(one: Any, other: Any) -> str:
        expected, found = leaves_of(one), leaves_of(other)
        if count(expected) != count(found):
            numbers = {
                path: (len(expected.get(path, ())), len(found.get(path, ()))) for path in expected.keys() | found
            }
            return f"leaves: { ({path: both for path, both in numbers.items() if both[0] != both[1]}) }"
        return disagreement(expected, found, asked.apart, asked.alike)

    return agree


def _said_by_both(asked: CorpusOperation) -> Agree:
    """Whatever both say is alike, and that is not little."""

    def agree(one: Any, other: Any) -> str:
        expected, found = leaves_of(one), leaves_of(other)
        if not asked.alike and (part := shared(expected, found)) < SHARED_AT_LEAST:
            return f"only {part:.0%} of the leaves are said by both: {sorted(expected)}, {sorted(found)}"
        return disagreement(expected, found, asked.apart, asked.alike)

    return agree
