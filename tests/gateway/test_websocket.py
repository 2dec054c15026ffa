"""GraphQL over WebSocket: what is said, the rules, and every code with which a socket closes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.conftest import MakeKey, MakeProduct, Shop
from tests.gateway.conftest import EVENTS, Serving, Talk, talking

OpenSocket = Callable[..., AbstractAsyncContextManager[Talk]]
CREATE = """mutation ($input: CreateProductInput!) {
  createProduct(input: $input) { product { id } userErrors { code } } }"""
NEW = {"name": "Red mug", "sku": "MUG-1", "price": {"amount": "5.00"}}


async def test_a_query_is_one_response_and_a_completion(open_socket: OpenSocket, key: str) -> None:
    async with open_socket(key) as talk:
        await talk.ask("{ __typename }", id="ü\n")
        assert await talk.hear() == {"id": "ü\n", "type": "next", "payload": {"data": {"__typename": "Query"}}}
        assert await talk.hear() == {"id": "ü\n", "type": "complete"}


async def test_a_mutation_is_one_transaction_and_repeats_under_its_key(
    open_socket: OpenSocket, key: str, events: Any
) -> None:
    async with open_socket(key) as talk:
        answers = []
        for id in "12":
            await talk.ask(CREATE, id, variables={"input": NEW}, extensions={"idempotencyKey": "once"})
            answers.append((await talk.hear())["payload"])
            assert (await talk.hear())["type"] == "complete"
        assert answers[0]["data"] == answers[1]["data"]
        assert [answer.get("extensions") for answer in answers] == [None, {"idempotentReplayed": True}]
        other = {**NEW, "name": "Blue mug"}
        await talk.ask(CREATE, "3", variables={"input": other}, extensions={"idempotencyKey": "once"})
        refused = await talk.hear()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "CONFLICT")
        await talk.ask(CREATE, "4", variables={"input": NEW}, extensions={"idempotencyKey": 7})
        assert (await talk.hear())["payload"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert [event["type"] for event in await events()] == ["product.created"]


async def test_what_cannot_run_is_an_error_message_and_the_socket_stays(open_socket: OpenSocket, key: str) -> None:
    async with open_socket(key) as talk:
        for query, code in (
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nosuchfield }", "GRAPHQL_VALIDATION_FAILED"),
            ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
            ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "LIMIT_EXCEEDED"),
            ('subscription { events(after: "nonsense") { id } }', "BAD_USER_INPUT"),
        ):
            await talk.ask(query)
            message = await talk.hear()
            assert (message["type"], message["id"]) == ("error", "1")
            assert message["payload"][0]["extensions"]["code"] == code, message
            assert message["payload"][0]["extensions"]["requestId"].startswith("req_")
        await talk.ask("{ __typename }")
        assert (await talk.hear())["type"] == "next"


async def test_a_caller_without_the_scope_is_refused(open_socket: OpenSocket, shop: Shop, make_key: MakeKey) -> None:
    async with open_socket(await make_key(shop.live, "orders:read")) as talk:
        for query in ("{ products { nodes { id } } }", "subscription { events(types: [PRODUCT_CREATED]) { id } }"):
            await talk.ask(query)
            message = await talk.hear()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")


async def test_events_arrive_and_resume_after_a_cursor(
    open_socket: OpenSocket, key: str, make_product: MakeProduct
) -> None:
    async with open_socket(key) as talk:
        await talk.ask(EVENTS)
        await asyncio.sleep(0.3)
        for _ in range(3):
            await make_product()
        seen = [(await talk.hear())["payload"]["data"]["events"]["cursor"] for _ in range(3)]
        await talk.say({"id": "1", "type": "complete"})
        await talk.ask(EVENTS, variables={"after": seen[0]})
        again = [(await talk.hear())["payload"]["data"]["events"]["cursor"] for _ in range(2)]
    assert again == seen[1:]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("{oops", "not valid JSON"),
        ("[1]", "JSON object"),
        ("null", "JSON object"),
        ("7", "JSON object"),
        ("", "JSON body is required"),
        ('{"type": "ping", "type": "ping"}', "twice"),
        ('{"type": "ping", "payload": {"n": NaN}}', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        (b'{"type": "ping"}', "text frames"),
        ({"id": "x"}, "type:"),
        ({"type": 7}, "type:"),
        ({"type": "nope"}, "'nope'"),
        ({"type": "connection_ack"}, "'connection_ack'"),
        ({"type": "ping", "payload": []}, "payload:"),
        ({"type": "pong", "payload": "x"}, "payload:"),
        ({"type": "complete"}, "id:"),
        ({"type": "subscribe", "payload": {"query": "{ __typename }"}}, "id:"),
        ({"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}, "id:"),
        ({"type": "subscribe", "id": 7, "payload": {"query": "{ __typename }"}}, "id:"),
        ({"type": "subscribe", "id": "x" * 201, "payload": {"query": "{ __typename }"}}, "id:"),
        ({"type": "subscribe", "id": "1"}, "payload:"),
        ({"type": "subscribe", "id": "1", "payload": None}, "payload:"),
        ({"type": "subscribe", "id": "1", "payload": {}}, "query:"),
        ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, "query:"),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}, "variables:"),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "extensions": 1}}, "extensions:"),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}}, "operationName:"),
    ],
)
async def test_a_message_that_is_none_closes_4400_and_says_why(
    open_socket: OpenSocket, key: str, message: Any, reason: str
) -> None:
    async with open_socket(key) as talk:
        await talk.say(message)
        code, why = await talk.ended()
    assert code == 4400
    assert reason in why, why


async def test_the_order_of_messages_is_kept(open_socket: OpenSocket, key: str) -> None:
    async with open_socket() as talk:
        await talk.say({"type": "ping"})  # welcome at any time
        assert await talk.hear() == {"type": "pong"}
        await talk.ask("{ __typename }")
        assert (await talk.ended())[0] == 4401
    async with open_socket(key) as talk:
        await talk.say({"type": "connection_init"})
        assert await talk.ended() == (4429, "Too many initialisation requests")
    async with open_socket(key) as talk:
        await talk.ask(EVENTS, id="a")
        await talk.ask("{ __typename }", id="a")
        assert await talk.ended() == (4409, "Subscriber for a already exists")


async def test_pings_are_answered_with_what_they_carry(open_socket: OpenSocket, key: str) -> None:
    async with open_socket(key) as talk:
        await talk.say({"type": "ping", "payload": {"a": [1, 1.5, None, "ü"]}})
        assert await talk.hear() == {"type": "pong", "payload": {"a": [1, 1.5, None, "ü"]}}
        await talk.say('{"type": "ping", "payload": {"n": %s}}' % ("9" * 100))
        assert await talk.hear() == {"type": "pong"}
        await talk.say({"type": "pong", "payload": None})
        await talk.say({"type": "complete", "id": "unknown"})
        await talk.ask("{ __typename }")
        assert (await talk.hear())["type"] == "next"


async def test_a_client_that_does_not_say_who_it_is_is_closed_after_five_seconds(open_socket: OpenSocket) -> None:
    begun = time.monotonic()
    async with open_socket() as talk:
        assert await talk.ended() == (4408, "Connection initialisation timeout")
    assert 4.5 < time.monotonic() - begun < 6


async def test_other_sub_protocols_are_not_acceptable(gateway: Serving) -> None:
    for offered in (None, ["mqtt"], ["graphql-ws"]):
        async with talking(gateway.socket_url, subprotocols=offered) as talk:
            code, reason = await talk.ended()
            assert (code, reason[:26]) == (4406, "Subprotocol not acceptable")
    async with talking(gateway.socket_url, subprotocols=["mqtt", "graphql-transport-ws"]) as talk:
        assert talk.wire.subprotocol == "graphql-transport-ws"


async def test_messages_have_at_most_a_mebibyte(open_socket: OpenSocket, key: str) -> None:
    for size, ends in ((1_048_576, False), (1_048_577, True), (8_000_000, True)):
        async with open_socket(key) as talk:
            empty = '{"id":"1","type":"subscribe","payload":{"query":"{ __typename }","operationName":"A#"}}'
            await talk.say(empty.replace("#", "#" * (size - len(empty) + 1)))
            if ends:
                assert (await talk.ended())[0] == 1009
            else:
                assert (await talk.hear())["type"] == "error"


async def test_a_message_in_endless_parts_is_too_big_too(open_socket: OpenSocket, key: str) -> None:
    async def parts() -> Any:
        while True:
            yield ""
            await asyncio.sleep(0)

    async with open_socket(key) as talk:
        with pytest.raises(Exception, match="1009"):
            async with asyncio.timeout(10):
                await talk.wire.send(parts())


async def test_a_hundred_subscriptions_are_live_and_the_next_is_refused(open_socket: OpenSocket, key: str) -> None:
    async with open_socket(key) as talk:
        for number in range(100):
            await talk.ask(EVENTS, id=f"s{number}")
        await talk.ask(EVENTS, id="one more")
        refused = await talk.hear()
        assert (refused["type"], refused["id"]) == ("error", "one more")
        failure = refused["payload"][0]
        assert failure["message"] == "The operation exceeds the limit of live subscriptions: 101, at most 100 allowed."
        assert failure["extensions"]["code"] == "LIMIT_EXCEEDED"
        await talk.ask("{ __typename }", id="a query")
        assert [(await talk.hear())["type"] for _ in range(2)] == ["next", "complete"]
        await talk.say({"id": "s7", "type": "complete"})
        await talk.ask(EVENTS, id="one more")
        await talk.ask("{ __typename }", id="another")
        assert (await talk.hear())["id"] == "another"


async def test_what_is_kept_for_operations_under_way_is_limited(open_socket: OpenSocket, key: str) -> None:
    async with open_socket(key) as talk:
        for number in range(3):
            await talk.ask(EVENTS, id=f"s{number}", variables={"after": None, "pad": "x" * 900_000})
        refused = await talk.hear()
        assert refused["id"] == "s2"
        assert "characters of operations at once" in refused["payload"][0]["message"]


async def test_completing_stops_the_work_at_once(
    open_socket: OpenSocket, key: str, make_product: MakeProduct, gateway: Serving
) -> None:
    async with open_socket(key) as talk:
        await talk.ask(EVENTS)
        await talk.ask("{ products(first: 5) { totalCount nodes { variants { id } } } }", id="2")
        await talk.say({"id": "1", "type": "complete"})
        await talk.say({"id": "2", "type": "complete"})
        await talk.say({"type": "ping"})
        while (await talk.hear()) != {"type": "pong"}:
            pass
        await make_product()
        await asyncio.sleep(0.5)
        await talk.say({"type": "ping"})
        assert await talk.hear() == {"type": "pong"}
