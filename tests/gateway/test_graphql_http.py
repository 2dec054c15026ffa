"""GraphQL over HTTP: what is accepted, what is refused with which status, and in which media type."""

from __future__ import annotations

import re
from typing import Any

import httpx
import orjson
import pytest

from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from gateway.execution import StrawberryEngine
from gateway.graphql import GraphQLHttp, Operations
from gateway.settings import Settings
from tests.conftest import Ask, Client, Shop
from transport.negotiation import JSON, RESPONSE_JSON, preferred

QUERY = "{ shop { currency } }"
ANSWER = {"data": {"shop": {"currency": "GBP"}}}
NEW = {"Accept": RESPONSE_JSON}
TYPED = {"Content-Type": JSON}


async def post(rest: Client, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return await rest("POST", "/graphql", content=content, headers={**TYPED, **headers})


def code(answer: httpx.Response) -> str:
    body = answer.json()
    assert "data" not in body
    error = body["errors"][0]
    assert error["extensions"]["requestId"] == answer.headers["X-Request-Id"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_an_operation_is_answered_in_the_media_type_asked_for(ask: Ask, accept: str) -> None:
    answer = await ask(QUERY, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ([], JSON),
        (["*/*"], JSON),
        (["application/*"], JSON),
        ([f"{RESPONSE_JSON}, {JSON};q=0.9"], RESPONSE_JSON),
        ([f"{JSON};q=0.9, {RESPONSE_JSON}"], RESPONSE_JSON),
        ([f"{JSON}, {RESPONSE_JSON}"], JSON),
        ([f"{RESPONSE_JSON}, {JSON}"], RESPONSE_JSON),
        ([f"{RESPONSE_JSON};charset=utf-8"], RESPONSE_JSON),
        ([f"*/*, {JSON};q=0"], RESPONSE_JSON),
        ([f"{RESPONSE_JSON};q=0.1", JSON], JSON),
        ([RESPONSE_JSON.upper()], RESPONSE_JSON),
        (["text/event-stream, */*;q=0.5"], JSON),
        (["text/event-stream, multipart/mixed, application/graphql-response+json, application/json"], RESPONSE_JSON),
        (["text/html"], None),
        ([f"{JSON};q=0"], None),
        (["text/html;q=1, application/xml"], None),
    ],
)
def test_the_best_liked_media_type_wins(accept: list[str], media: str | None) -> None:
    assert preferred(accept) == media


async def test_an_answer_that_nobody_accepts_is_refused(ask: Ask) -> None:
    answer = await ask(QUERY, headers={"Accept": "text/html"})
    assert answer.status_code == 406
    assert code(answer) == "BAD_REQUEST"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
async def test_json_is_known_however_it_is_written(rest: Client, content_type: str) -> None:
    answer = await post(rest, {"query": QUERY}, **{"Content-Type": content_type})
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin1", ""],
)
async def test_other_content_types_are_refused(rest: Client, content_type: str) -> None:
    answer = await post(rest, {"query": QUERY}, **{"Content-Type": content_type})
    assert answer.status_code == 415
    assert code(answer) == "BAD_REQUEST"


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"7",
        b'"x"',
        b"[]",
        b'[{"query": "{ shop { id } }"}]',
        b"{",
        b"",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "{ shop { id } }", "variables": {"a": NaN}}',
        b'{"query": "{ shop { id } }", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b"{}",
        b'{"query": null}',
        b'{"query": 7}',
        b'{"query": "{ shop { id } }", "variables": []}',
        b'{"query": "{ shop { id } }", "variables": "{}"}',
        b'{"query": "{ shop { id } }", "extensions": 1}',
        b'{"query": "{ shop { id } }", "operationName": {}}',
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_a_body_that_is_no_graphql_request_is_400(rest: Client, body: bytes, accept: str) -> None:
    answer = await post(rest, body, Accept=accept)
    assert answer.status_code == 400
    assert code(answer) == "BAD_REQUEST"


async def test_a_body_over_the_limit_is_413(rest: Client) -> None:
    answer = await post(rest, b" " * 1_048_577)
    assert answer.status_code == 413
    assert code(answer) == "BAD_REQUEST"


@pytest.mark.parametrize("empty", [{}, {"variables": None}, {"operationName": None}, {"operationName": ""}])
async def test_what_is_not_said_may_be_null(rest: Client, empty: dict[str, Any]) -> None:
    assert (await post(rest, {"query": QUERY, **empty})).json() == ANSWER


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": QUERY},
        {"query": QUERY, "variables": "", "operationName": "", "extensions": ""},
        {"query": QUERY, "variables": "{}"},
        {"query": "query A { shop { currency } } query B { shop { id } }", "operationName": "A"},
        {"query": "query ($a: Boolean!) { shop { currency id @include(if: $a) } }", "variables": '{"a": false}'},
    ],
)
async def test_queries_may_be_sent_by_get(rest: Client, parameters: dict[str, str]) -> None:
    answer = await rest("GET", "/graphql", params=parameters)
    assert answer.json() == ANSWER


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"query": ""},
        {"query": QUERY, "variables": "[]"},
        {"query": QUERY, "variables": "{"},
        {"query": [QUERY, QUERY]},
    ],
)
async def test_a_get_that_cannot_be_read_is_400(rest: Client, parameters: dict[str, Any]) -> None:
    answer = await rest("GET", "/graphql", params=parameters)
    assert answer.status_code == 400
    assert code(answer) == "BAD_REQUEST"


async def test_a_get_too_long_is_414(rest: Client) -> None:
    answer = await rest("GET", "/graphql", params={"query": QUERY + " " * 20_000})
    assert answer.status_code == 414


async def test_mutations_are_not_sent_by_get(rest: Client, events: Any) -> None:
    query = 'mutation { createProduct(input: { name: "a", sku: "a", price: { amount: "1" } }) { product { id } } }'
    answer = await rest("GET", "/graphql", params={"query": query})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert code(answer) == "BAD_REQUEST"
    assert await events() == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD"])
async def test_other_methods_are_405(rest: Client, method: str) -> None:
    answer = await rest(method, "/graphql")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ shop { nothing } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { shop { id } } query B { shop { id } }", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("fragment A on Shop { id }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { node(id: $id) { id } }", {}, "BAD_USER_INPUT"),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": {}}, "BAD_USER_INPUT"),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": "x"}, "BAD_USER_INPUT"),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": 3_000_000_000}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_wrong_with_an_operation_is_told_before_it_runs(
    ask: Ask, query: str, variables: dict[str, Any], expected: str, statements: list[str]
) -> None:
    await ask(QUERY)
    statements.clear()
    new = await ask(query, variables, headers=NEW)
    old = await ask(query, variables)
    assert (new.status_code, old.status_code) == (400, 200)
    assert code(new) == code(old) == expected
    assert statements == []


async def test_an_argument_that_is_wrong_only_where_it_stands_is_told_there(ask: Ask) -> None:
    answer = (await ask("query ($ids: [ID!] = []) { nodes(ids: $ids) { id } }", {"ids": None})).json()
    assert answer["data"] is None
    assert answer["errors"][0]["path"] == ["nodes"]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_operation_is_chosen_by_its_name(rest: Client) -> None:
    query = "query A { shop { currency } } query B { shop { id } }"
    assert (await post(rest, {"query": query, "operationName": "A"})).json() == ANSWER
    answer = await post(rest, {"query": query, "operationName": "C"}, Accept=RESPONSE_JSON)
    assert answer.status_code == 400
    assert code(answer) == "OPERATION_RESOLUTION_FAILURE"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nonsense", "Basic abc"])
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_a_caller_without_a_key_is_challenged(http: httpx.AsyncClient, authorization: str, accept: str) -> None:
    headers = {"Accept": accept} | ({"Authorization": authorization} if authorization else {})
    answer = await http.post("/graphql", json={"query": QUERY}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"].startswith(accept)
    assert code(answer) == "UNAUTHENTICATED"


async def test_answers_are_not_kept_by_caches(ask: Ask) -> None:
    assert (await ask(QUERY)).headers["Cache-Control"] == "no-store"


async def test_introspection_is_answered(ask: Ask) -> None:
    answer = (await ask('{ __schema { queryType { name } } __type(name: "Money") { fields { name } } }')).json()
    assert answer["data"]["__schema"] == {"queryType": {"name": "Query"}}
    assert len(answer["data"]["__type"]["fields"]) == 3


async def test_without_the_database_the_answer_is_503_and_says_when_to_come_back(
    shop: Shop, settings: Settings
) -> None:
    away = Database(DatabaseOptions("postgresql://nobody@127.0.0.1:1/none"))
    await away.open()

    async def identify(_: object) -> Principal:
        return shop.live

    door = GraphQLHttp(identify, Operations(away, settings.keyring, StrawberryEngine(), EventLog(away)))
    mutation = 'mutation { revokeApiKey(input: { id: "key_1" }) { userErrors { code } } }'
    try:
        named = {"documentId": f"doc_{'0' * 26}"}
        for asked in ({"query": "{ products { nodes { id } } }"}, {"query": mutation}, named):
            answer = await through(door, asked)
            assert answer.status_code == 503
            assert re.fullmatch(r"[1-9][0-9]*", answer.headers["Retry-After"])
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    finally:
        await away.close()


async def test_what_nobody_foresaw_says_nothing_of_itself(database: Database, settings: Settings, caplog: Any) -> None:
    async def identify(_: object) -> Principal:
        raise LookupError("a secret of ours")

    operations = Operations(database, settings.keyring, StrawberryEngine(), EventLog(database))
    answer = await through(GraphQLHttp(identify, operations), {"query": QUERY})
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL", "requestId": "req_test"}
    assert "secret" not in answer.text
    assert "req_test" in caplog.text
    assert "a secret of ours" in caplog.text


async def through(door: GraphQLHttp, body: dict[str, Any]) -> httpx.Response:
    """One request through a door of the test's own, as the boundary would hand it on."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"request_id": "req_test"}
        await door(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return await client.post("/graphql", json=body)


async def test_a_name_in_the_variables_whose_letters_grow_when_lowered_is_refused_like_any_other(ask: Ask) -> None:
    query = "mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { id } } }"
    answer = await ask(query, {"input": {"\u0130": None}})
    assert answer.status_code in (200, 400)
    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"BAD_USER_INPUT"}
