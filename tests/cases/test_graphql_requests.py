"""GraphQL requests that are valid, or are refused, whatever they hold: never an internal error."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from graphql import execute, get_named_type, parse

from schema import schema
from schema.strawberry_internals import core_schema
from tests.conftest import Ask, Client, MakeProduct

LONE = "\ud800"


def asked_with_null(text: str) -> Any:
    """What graphql-core says of the operation with ``{"t": null}``, in the words of GraphQL."""
    result: Any = execute(core_schema(schema), parse(text), variable_values={"t": None})
    return result.errors[0].message.replace("to be None", "to be null")


@pytest.mark.parametrize("word", ["include", "skip"])
@pytest.mark.parametrize(
    "selection",
    [
        "shop @{word}(if: $t) {{ name }}",
        "... @{word}(if: $t) {{ shop {{ name }} }}",
        "shop {{ name @{word}(if: $t) }}",
        "shop {{ id ... @{word}(if: $t) {{ name }} }}",
        "shop {{ ...F @{word}(if: $t) }}",
    ],
)
async def test_d4_null_for_a_directive_is_a_request_error(ask: Ask, word: str, selection: str) -> None:
    """Taken out: GraphQLError in ``_prepare``. Then it is INTERNAL."""
    text = "query ($t: Boolean = true) { " + selection.format(word=word) + " }"
    text += " fragment F on Shop { name }" if "...F" in text else ""
    answer = (await ask(text, {"t": None})).json()
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "Argument 'if' has invalid value: Expected variable '$t' provided to non-null type " + (
        "'Boolean!' not to be null."
    )
    if selection.startswith(("... ", "shop @")):
        assert error["message"] == asked_with_null(text)
    assert "data" in (await ask(text, {"t": True})).json()
    assert "data" in (await ask(text)).json()


@pytest.mark.parametrize("name", ["variables", "extensions", "operationName", "documentId"])
async def test_d5_null_in_the_parameters_of_a_get_is_as_absent(rest: Client, name: str) -> None:
    """Taken out: ``null`` in ``asking._json``. Then ``variables`` and ``extensions`` are refused."""
    text = "null" if name in ("variables", "extensions") else ""
    got = await rest("GET", "/graphql", params={"query": "{ shop { id } }", name: text})
    assert got.json()["data"]["shop"]["id"]
    posted = await rest("POST", "/graphql", json={"query": "{ shop { id } }", name: None})
    assert posted.json() == got.json()


TEXTS = ("node(id: $x) { id }", "products(search: $x) { nodes { id } }", "products(after: $x) { nodes { id } }")
PLACES: tuple[dict[str, Any], ...] = (
    *({"query": f"query ($x: {'ID!' if 'node' in text else 'String'}) {{ {text} }}", "variables": {"x": LONE}}
      for text in TEXTS),
    {"query": "query ($x: JSON) { shop { id } }", "variables": {"y": [{"a": {LONE: 1}}], "x": None}},
    {"query": "{ shop { id } }", "operationName": LONE},
    {"query": "{ shop { id } } # " + LONE},
    {"query": '{ product(id: """' + LONE + '""") { id } }'},
    {"query": "{ shop { id } }", "extensions": {"a": [LONE]}},
    {"query": "{ shop { id } }", "documentId": LONE},
)  # fmt: skip


@pytest.mark.parametrize("request_", PLACES, ids=range(len(PLACES)))
async def test_b7_lone_surrogates_are_refused_where_they_enter(rest: Client, request_: dict[str, Any]) -> None:
    """Taken out: ``_check_text``. Then some of them are INTERNAL, with a traceback."""
    headers = {"Content-Type": "application/json"}
    answer = await rest("POST", "/graphql", content=json.dumps(request_).encode(), headers=headers)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] in ("BAD_REQUEST", "BAD_USER_INPUT")
    assert "Unicode" in error["message"]


async def test_b7_every_argument_refuses_lone_surrogates(rest: Client) -> None:
    """Each text argument of each root field, in a variable; and what is no text is still taken.

    Fails without ``_check_text``.
    """
    known = core_schema(schema)
    assert known.query_type is not None
    headers = {"Content-Type": "application/json"}
    for name, field in known.query_type.fields.items():
        for argument, each in field.args.items():
            if get_named_type(each.type).name not in ("ID", "String", "Cursor"):
                continue
            below = (
                ""
                if get_named_type(field.type).name in known.type_map
                and not hasattr(get_named_type(field.type), "fields")
                else "{ __typename }"
            )
            text = f"query ($x: {each.type}) {{ {name}({argument}: $x) {below} }}"
            body = json.dumps({"query": text, "variables": {"x": LONE}}).encode()
            answer = await rest("POST", "/graphql", content=body, headers=headers)
            assert answer.status_code == 400, (name, argument)
    numbers = {"query": "{ shop { id } }", "variables": {"a": 10**30, "b": 1.5, "c": [None, True]}}
    answer = await rest("POST", "/graphql", content=json.dumps(numbers).encode(), headers=headers)
    assert answer.json()["data"]["shop"]["id"]


QUERY = {"query": "{ shop { id } }"}
CREATION = {"query": 'mutation { createCategory(input: {name: "A"}) { category { id } } }'}
FOLLOWING = {"query": "subscription { events { id } }"}


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "status"),
    [
        ("X-Query-Cost", "POST", "/graphql", QUERY, 200),
        ("X-Client-Name", "POST", "/graphql", QUERY, 200),
        ("X-Client-Name", "GET", "/v2/products", None, 200),
        ("Idempotency-Key", "POST", "/graphql", CREATION, 400),
        ("Idempotency-Key", "POST", "/v2/categories", {"name": "A"}, 400),
        ("Last-Event-ID", "POST", "/graphql/stream", FOLLOWING, 200),
        ("Last-Event-ID", "GET", "/v2/events/stream", None, 400),
    ],
)
async def test_b7_bytes_that_are_no_text_in_headers_are_no_internal_error(
    rest: Client, name: str, method: str, path: str, body: Any, status: int
) -> None:
    """Headers are read as Latin-1, in which any byte is a character; then they are validated.

    Fails when ``transport.request`` decodes headers as UTF-8 (500), and when ``IdempotentRequest`` takes characters
    other than visible ASCII (the category is created).
    """
    headers = {name: b"\xed\xa0\x80\xff"}
    answer = await rest(method, path, headers=headers, **({} if body is None else {"json": body}))
    assert answer.status_code == status, answer.text
    assert "INTERNAL" not in answer.text


async def test_d15_a_cursor_of_the_log_is_one_scalar(ask: Ask, make_product: MakeProduct) -> None:
    """Taken out: the case of CURSOR_PATTERN in ``schema.inputs._type``. Then the variable does not fit ``after``."""
    await make_product()
    text = "query ($c: Cursor!) { events(filter: {after: $c}) { nodes { id } } }"
    assert "data" in orjson.loads((await ask(text, {"c": "e1.0"})).content)
    refused = orjson.loads((await ask(text, {"c": "nonsense"})).content)
    assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    known = core_schema(schema)
    of_the_log = [
        str(get_named_type(each.type))
        for type_ in known.type_map.values()
        for name, field in getattr(type_, "fields", {}).items()
        for argument, each in [*getattr(field, "args", {}).items(), (name, field)]
        if argument == "since" or (type_.name == "Subscription" and argument == "after")
    ]
    assert of_the_log
    assert set(of_the_log) == {"Cursor"}
