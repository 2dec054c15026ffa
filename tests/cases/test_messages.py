"""What is said of wrong inputs: in the names of the surface that was asked, and of what would be right."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.kernel import errors
from domain.kernel.fields import Text
from rest_compat import ENDPOINTS
from rest_compat.actions import StreamAction
from rest_compat.endpoint import Endpoint
from tests.cases.input_places import (
    Field,
    body_places,
    camel_names,
    fields_with_arguments,
    query_parameters,
    snake_names,
)
from tests.cases.listed_things import ids
from tests.conftest import Ask, Client
from tests.contract.test_made_up_inputs import JSON, path_of

__all__ = ["ids"]

FIELDS = list(fields_with_arguments())
WRONG: Mapping[str, Any] = {
    "null": None,
    "number": 1.5,
    "huge": 10**14,
    "long": "x" * 20_001,
    "odd": "a,b / c",
    "object": {"ab": None, "cd": [True], "price": 1.5},
}
PYTHON = re.compile(
    r"\b(None|True|False|dict|tuple|str|int|NoneType|Decimal\(|instance|Unset|StrEnum|Traceback)\b|<class|\{'|\['"
)
ERRORS = {each.__name__ for each in vars(errors).values() if isinstance(each, type)} | {"InvalidValueError"}
NOT_NAMES = re.compile(r"'[^']*'|\"[^\"]*\"|\b(?:prod|var|img|cat|wh|cust|addr|ord|item|dord|key|whk)_\w*")
"""Values that are quoted back, and ids."""


def names_of_rest(message: str) -> list[str]:
    """The names in a message of GraphQL that only REST or Python has."""
    bare = NOT_NAMES.sub("", message)
    return [word for word in re.findall(r"\w+", bare) if word in snake_names()] + PYTHON.findall(bare)


def names_of_graphql(message: str) -> list[str]:
    """The names in a message of REST that only GraphQL or Python has."""
    bare = NOT_NAMES.sub("", message)
    return [word for word in re.findall(r"\w+", bare) if word in camel_names()] + PYTHON.findall(bare)


def names_of_both(message: str) -> list[str]:
    """The names in a message that only one of the surfaces has."""
    return names_of_rest(message) + names_of_graphql(message)


def graphql_problems(answer: Any) -> Iterator[tuple[str, Any]]:
    """Every message of an answer, with the field it blames."""
    for error in answer.get("errors", ()):
        yield error["message"], None
        for problem in error["extensions"].get("problems", ()):
            yield problem["message"], problem["field"]
    for payload in (answer.get("data") or {}).values():
        if isinstance(payload, dict):
            for problem in payload.get("userErrors", ()):
                yield problem["message"], problem["field"]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.label)
async def test_a12_graphql_speaks_graphql(rest: Client, ids: Mapping[str, str], field: Field) -> None:
    """Every wrong value in every place of every argument.

    Taken out to see it fail: ``with_names`` in ``resolvers/wire_format.py``; ``reword_error`` in ``_prepare``.
    """
    door = "/graphql/stream" if field.kind == "subscription" else "/graphql"
    for place in field.places():
        for what, value in WRONG.items():
            query, variables = field.operation({place.path[0]: place.build(value)}, ids)
            if field.kind == "subscription" and what not in {"number", "long"}:
                continue  # it may be right, and then the stream goes on
            content = json.dumps({"query": query, "variables": variables})
            answer = (await rest("POST", door, content=content, headers=JSON)).text
            said = json.loads(answer.partition("data: ")[2].partition("\n")[0] or "{}") if "event:" in answer else None
            for message, blamed in graphql_problems(json.loads(answer) if said is None else said):
                assert not names_of_rest(message), (place.name, what, message)
                assert not any("_" in str(step) for step in blamed or ()), (place.name, what, blamed)
                assert "right form" not in message, (place.name, what)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_a12_rest_speaks_rest(rest: Client, ids: Mapping[str, str], endpoint: Endpoint) -> None:
    """Every wrong value in every parameter and every place of a body.

    Taken out to see it fail: ``with_names`` in ``transport/errors.py`` (backquotes were left).
    """
    method = "HEAD" if isinstance(endpoint.action, StreamAction) else endpoint.method
    for what, value in WRONG.items():
        for spec in query_parameters(endpoint):
            query = urlencode({spec.name: json.dumps(value) if not isinstance(value, str) else value, "colour": "red"})
            await self_spoken(rest, endpoint, f"{spec.name}: {what}", method, f"?{query}")
        for place in body_places(endpoint):
            content = json.dumps(place.build(value))
            await self_spoken(rest, endpoint, f"{place.name}: {what}", method, "", content=content, headers=JSON)


async def self_spoken(rest: Client, endpoint: Endpoint, label: str, method: str, query: str, **options: Any) -> None:
    answer = await rest(method, path_of(endpoint, IDS) + query, **options)
    if answer.status_code < 400 or not answer.content:
        return
    error = answer.json()["error"]
    for message, blamed in [(error["message"], ""), *((each["message"], each["field"]) for each in error["details"])]:
        assert not names_of_graphql(message), (label, message)
        assert not re.search(r"[a-z][A-Z]", blamed), (label, blamed)
        assert "`" not in message, (label, message)
        assert "right form" not in message, (label, message)


IDS: dict[str, str] = {}
"""Of nothing that is there, but well-formed: what is wrong with an input is said before that."""


SOURCES = {
    "domain": names_of_both,
    "resolvers": names_of_both,
    "schema": names_of_rest,
    "rest_compat": names_of_graphql,
}


def messages_of(path: Path) -> Iterator[str]:
    """The texts, without what is filled in, that a module makes errors of or names ``message``."""
    for node in ast.walk(ast.parse(path.read_text())):
        given: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.partition(".")[0] in ERRORS or called.endswith("Error"):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Assign) and "message" in ast.unparse(node.targets[0]):
            given = [node.value]
        for value in given:
            texts = ast.walk(value) if value is not None else ()
            yield " ".join(
                each.value
                for each in texts
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and " " in each.value
            )


@pytest.mark.parametrize("folder", SOURCES)
def test_a12_no_message_in_the_source_bears_a_name_of_one_surface(folder: str) -> None:
    """Those too that no wrong input reaches: refusals of states and conflicts. What both surfaces read names fields in
    backquotes, which each replaces.

    Fails when the refusal of a completed draft (``domain/orders/service/drafts.py``) says order_id or orderId.
    """
    found = [
        (path.name, message, names)
        for path in sorted(Path(folder).rglob("*.py"))
        for message in messages_of(path)
        if (names := SOURCES[folder](re.sub("`[a-z0-9_]+`", "", message)))
    ]
    assert found == []
    assert sum(1 for path in Path(folder).rglob("*.py") for message in messages_of(path) if message) > 5


@pytest.mark.parametrize("folder", ["domain", "resolvers", "schema"])
def test_no_message_of_an_error_names_a_route(folder: str) -> None:
    """Clients of GraphQL read it too. Fails when a refusal of ``processor_of`` names the settings by their path."""
    modules = sorted(Path(folder).rglob("*.py"))
    assert [(path.name, message) for path in modules for message in messages_of(path) if "/v2/" in message] == []


def test_a16_every_pattern_is_described() -> None:
    """Of every text that has one. Taken out to see it fail: a ``form``."""
    for endpoint in ENDPOINTS:
        rules = [spec.rule for spec in query_parameters(endpoint)] + [each.rule for each in body_places(endpoint)]
        for rule in rules:
            if isinstance(rule, Text) and rule.pattern is not None:
                assert rule.form or rule.words, (endpoint.name, rule)


PRODUCT = {"name": "Mug", "sku": "MUG", "price": 5}
WEBHOOK = {"url": "https://hooks.example.com/", "events": ["*"]}
WAREHOUSE = {"name": "Leeds", "country": "GB"}


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("products", {**PRODUCT, "price": "199.99"}, "Must be a JSON number such as 199.99, not a string."),
        ("products", {**PRODUCT, "price": 10**13 + 1}, "Must be at most 10,000,000,000,000.00."),
        ("products", {**PRODUCT, "status": "activ"}, "Unknown status activ. Did you mean active?"),
        ("products", {**PRODUCT, "prise": 1}, "Unknown field. Did you mean price?"),
        ("products", {**PRODUCT, "colour": "red"}, "Unknown field."),
        ("products", {**PRODUCT, "sku": "a/b"}, "Must be text without slashes, with at most one blank between words, "
         "such as HEADPHONE-001."),
        ("products", {**PRODUCT, "images": ["x"]}, "Must be an absolute http or https URL without blanks, "
         "such as https://example.com/a.jpg."),
        ("webhooks", {**WEBHOOK, "events": ["order.creatd"]}, "Unknown event type order.creatd. Did you mean "
         "order.created?"),
        ("access/keys", {"name": "k", "scopes": ["product:read"]}, "Unknown scope product:read. Did you mean "
         "products:read?"),
        ("warehouses", {**WAREHOUSE, "country": "USA"}, "Must be an ISO 3166-1 alpha-2 code of two letters, such "
         "as US for USA."),
        ("warehouses", {**WAREHOUSE, "country": "Germany"}, "Must be an ISO 3166-1 alpha-2 code of two letters, such "
         "as DE for DEU."),
    ],
)  # fmt: skip
async def test_a16_a_message_says_what_is_right(rest: Client, path: str, body: Any, message: str) -> None:
    """Taken out to see it fail: ``nearest`` answering None; each ``form``."""
    answer = await rest("POST", f"/v2/{path}", json=body)
    assert answer.status_code == 422
    assert [detail["message"] for detail in answer.json()["error"]["details"]] == [message]


GRAPHQL_PRODUCT = {"name": "Mug", "sku": "MUG", "price": {"amount": 5}}


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("createProduct", {**GRAPHQL_PRODUCT, "sku": "a/b"}, "Must be text without slashes, with at most one blank "
         "between words, such as HEADPHONE-001."),
        ("createProduct", {**GRAPHQL_PRODUCT, "price": {"amount": 10**13 + 1}},
         "Must be at most 10,000,000,000,000.00."),
        ("createProduct", {**GRAPHQL_PRODUCT, "images": [{"url": "x"}]}, "Must be an absolute http or https URL "
         "without blanks, such as https://example.com/a.jpg."),
        ("createWebhook", {"url": "x y", "events": ["*"]}, "Must be an absolute http or https URL without blanks, "
         "such as https://example.com/a.jpg."),
        ("createWebhook", {**WEBHOOK, "events": ["order.creatd"]}, "Unknown event type order.creatd. Did you mean "
         "order.created?"),
        ("createApiKey", {"name": "k", "scopes": ["product:read"]}, "Unknown scope product:read. Did you mean "
         "products:read?"),
        ("createWarehouse", {**WAREHOUSE, "country": "USA"}, "Must be an ISO 3166-1 alpha-2 code of two letters, such "
         "as US for USA."),
    ],
)  # fmt: skip
async def test_a16_graphql_says_what_is_right(ask: Ask, name: str, given: Any, message: str) -> None:
    """The same of user errors, and of what a scalar refuses. Fails when ``nearest`` answers None, and without each
    ``form``."""
    type_ = f"{name[0].upper()}{name[1:]}Input"
    query = f"mutation ($i: {type_}!) {{ {name}(input: $i) {{ userErrors {{ message field }} }} }}"
    answer = (await ask(query, {"i": given})).json()
    said = [problem[0] for problem in graphql_problems(answer)]
    assert message in " ".join(said), answer
    assert "invalid format" not in " ".join(said)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("sort=nam", "INVALID", "Unknown sort nam. Did you mean name?"),
        ("order=dsc", "INVALID", "Unknown order dsc. Did you mean desc?"),
        ("status=activ", "INVALID", "Unknown status activ. Did you mean active?"),
        ("statu=active", "UNKNOWN_FIELD", "Unknown query parameter. Did you mean status?"),
        ("limit=201", "TOO_LARGE", "Must be at most 200."),
        ("cursor=x", "INVALID", "Invalid cursor."),
    ],
)
async def test_a16_a_parameter_says_what_is_right(rest: Client, query: str, code: str, message: str) -> None:
    """Taken out to see it fail: as above."""
    answer = await rest("GET", f"/v2/products?{query}")
    detail = answer.json()["error"]["details"][0]
    assert (answer.status_code, detail["code"], detail["message"]) == (400, code, message)


@pytest.mark.parametrize(
    ("arguments", "code", "field", "message"),
    [
        ('after: "x"', "INVALID", "after", "Invalid cursor."),
        ('last: 1, before: "x"', "INVALID", "before", "Invalid cursor."),
        ("first: 201", "TOO_LARGE", "first", "Must be between 0 and 200, not 201."),
        ("last: -1", "TOO_SMALL", "last", "Must be between 0 and 200, not -1."),
    ],
)
async def test_a12_a_window_is_blamed_by_its_own_names(
    ask: Ask, arguments: str, code: str, field: str, message: str
) -> None:
    """Of the store's lists and of nested ones. Taken out to see it fail: ``cursor_name`` of windows."""
    answer = (await ask(f"{{ products({arguments}) {{ nodes {{ id }} }} }}")).json()
    problem = {"code": code, "field": [field], "message": message}
    assert answer["errors"][0]["extensions"]["problems"] == [problem]
    assert answer["errors"][0]["message"] == f"{field}: {message}"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"name": None}, "not to be null"),
        ({"name": {"a": None}}, "String cannot represent a non string value: an object"),
        ({"name": 1.5}, "String cannot represent a non string value: a number with a fraction"),
        ({"status": "ACTIV"}, "Did you mean 'ACTIVE'?"),
        ({"nam": "x"}, "unknown field 'nam'. Did you mean 'name'?"),
    ],
)
async def test_a16_variables_that_do_not_fit_say_what_would(ask: Ask, variables: Any, said: str) -> None:
    """Taken out to see it fail: ``reword_error``."""
    query = "mutation ($i: CreateProductInput!) { createProduct(input: $i) { product { id } } }"
    given = {"name": "Mug", "sku": "MUG", "price": {"amount": 5}, **variables}
    answer = (await ask(query, {"i": given})).json()
    assert said in answer["errors"][0]["message"]


async def test_a14_a_price_is_limited_as_openapi_and_graphql_say(rest: Client, ask: Ask) -> None:
    """Taken out to see it fail: LARGEST_MAJOR in ``Amount`` and in the document."""
    document = (await rest("GET", "/v2/openapi.json")).json()
    most = document["components"]["schemas"]["CreateProduct"]["properties"]["price"]["maximum"]
    assert most == 10**13
    assert (await rest("POST", "/v2/products", json={**PRODUCT, "price": most})).status_code == 201
    beyond = {**PRODUCT, "sku": "B"}
    content = json.dumps(beyond).replace('"price": 5', f'"price": {most}.01')
    answer = await rest("POST", "/v2/products", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["details"][0]["code"]) == (422, "TOO_LARGE")
    query = '{ __type(name: "CreateProductInput") { inputFields { name description } } }'
    fields = {
        field["name"]: field["description"] for field in (await ask(query)).json()["data"]["__type"]["inputFields"]
    }
    assert "10,000,000,000,000" in fields["price"]


@pytest.mark.parametrize(
    ("path", "once", "twice"),
    [
        ("products", "status=active,draft", "status=active&status=draft"),
        ("products", "tags=a,b", "tags=a&tags=b"),
        ("customers", "status=active,archived", "status=active&status=archived"),
        ("orders", "status=pending,shipped,cancelled", "status=pending,shipped&status=cancelled"),
        ("events", "types=order.created,product.created", "types=order.created&types=product.created"),
    ],
)
async def test_wish_a_list_may_be_given_by_repeating_its_name(
    rest: Client, ids: Mapping[str, str], path: str, once: str, twice: str
) -> None:
    """Taken out to see it fail: the comma in ``read_parameters`` (DUPLICATE)."""
    first, second = [await rest("GET", f"/v2/{path}?{query}") for query in (once, twice)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.status_code == 200
    refused = await rest("GET", f"/v2/{path}?limit=1&limit=2")
    assert refused.json()["error"]["details"][0]["code"] == "DUPLICATE"
