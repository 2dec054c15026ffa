"""What is asked, byte for byte, and what must be equal in the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.environment import BenchEnvironment
from benchmarks.load import Write
from benchmarks.shop import customer_id, variant_id

Q1 = """query Q1 { products(first: 50) { nodes { id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } } } } }"""
Q2 = """query Q2 { orders(first: 50) { nodes { id status paymentStatus createdAt total { minorUnits }
  customer { id email firstName lastName }
  items { id quantity price { minorUnits } product { id name sku } variant { id sku } } } } }"""
Q3 = """query Q3($id: ID!) { product(id: $id) { id name sku status createdAt price { minorUnits }
  variants { id sku attributes price { minorUnits } } } }"""
CREATE_ORDER = """mutation CreateOrder($input: CreateOrderInput!) { createOrder(input: $input) { userErrors { code }
  order { id number status total { minorUnits } createdAt items { id quantity price { minorUnits } } } } }"""
DOCUMENT = """id name description sku status price { amount currency } categories { slug } tags metadata version
  createdAt updatedAt images { id url alt position createdAt } variants { id sku price { amount } overridesPrice
  attributes image { id } createdAt updatedAt cost { amount } inventory }"""
"""What REST writes of a product, as a selection."""
LIST = f"query List {{ products(first: 50) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ {DOCUMENT} }} }} }}"
GET = f"query Get($id: ID!) {{ product(id: $id) {{ {DOCUMENT} }} }}"


Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """How to ask, and what to compare of the answer."""

    write: Write
    compared: Callable[[Any], Any]


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


def create_order(stand: BenchEnvironment, target: str, headers: Headers) -> Request:
    """An order of three products, others each time, under a key of its own."""

    def write(number: int) -> bytes:
        bought = [1 + (number * 3 + line) % stand.size.products for line in range(3)]
        items = [{"variantId": variant_id(product, line), "quantity": 1} for line, product in enumerate(bought)]
        buyer = customer_id(1 + number % stand.size.customers)
        variables = {"input": {"customerId": buyer, "shippingMethod": "standard", "items": items}}
        body = orjson.dumps({"query": CREATE_ORDER, "variables": variables})
        return http("POST", target, {**headers, "Idempotency-Key": f"bench-{number}"}, body)

    return Request(write, _without_what_is_new)


def _without_what_is_new(answer: Any) -> Any:
    """Ids, numbers and times differ from order to order."""
    made = answer["data"]["createOrder"]
    lines = [{**line, "id": ...} for line in made["order"]["items"]]
    return {**made, "order": {**made["order"], "id": ..., "number": ..., "createdAt": ..., "items": lines}}


def named(products: list[Any]) -> list[Any]:
    """Which products and variants, with what is written alike on both surfaces."""
    return [
        (each["id"], each["sku"], [(v["id"], v["attributes"], v["inventory"]) for v in each["variants"]])
        for each in products
    ]
