"""What is asked, byte for byte, and what must be equal in the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.load import Write

Q1 = """query Q1 { products(first: 50) { nodes { id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } } } } }"""
Q2 = """query Q2 { orders(first: 50) { nodes { id status paymentStatus createdAt total { minorUnits }
  customer { id email firstName lastName }
  items { id quantity price { minorUnits } product { id name sku } variant { id sku } } } } }"""
Q3 = """query Q3($id: ID!) { product(id: $id) { id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } } } }"""


Headers = Mapping[str, str]


Agree = Callable[[Any, Any], str]
"""Where the first contestant's answer, as compared, and another's differ; empty where they do not."""


def equal(one: Any, other: Any) -> str:
    """Where two answers differ that must be the same."""
    return "" if one == other else f"{one} {other}"


@dataclass(frozen=True, slots=True)
class Request:
    """How to ask, and what to compare of the answer."""

    write: Write
    compared: Callable[[Any], Any]
    agree: Agree = equal
    proof: bytes = b""
    """What every answer holds: those to changes, which succeed with 200 as well where they are refused."""


def data(answer: Any) -> Any:
    """The data of a GraphQL answer: all of it is compared."""
    return answer["data"]


def http(method: str, target: str, headers: Headers, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    named = {"Host": "127.0.0.1", **headers}
    if body:
        named |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def get(target: str, headers: Headers, compared: Callable[[Any], Any] = data) -> Request:
    """A GET, the same each time."""
    sent = http("GET", target, headers)
    return Request(lambda _: sent, compared)


def graphql(query: str, headers: Headers, variables: object = None, compared: Callable[[Any], Any] = data) -> Request:
    """A GraphQL request, the same each time."""
    sent = http("POST", "/graphql", headers, orjson.dumps({"query": query, "variables": variables or {}}))
    return Request(lambda _: sent, compared)
