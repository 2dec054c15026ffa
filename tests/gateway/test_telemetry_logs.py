"""Log lines: JSON, one for each request, with nothing secret in them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Generator
from typing import Any

import pytest
import structlog

from gateway.telemetry.access_log import AccessLog
from gateway.telemetry.logs import configure_logging
from gateway.telemetry.masking import MASK, make_masker
from gateway.telemetry.request_record import RequestRecord, RouteLabels
from tests.conftest import MakeKey, Shop
from tests.gateway.server_process import serving

NAMED = "query Shelf { products(first: 1) { nodes { id } } }"


@pytest.fixture
def sink() -> Generator[io.StringIO]:
    """Where a test sends the log lines of this process; everything is as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def written(sink: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sink.getvalue().splitlines()]


async def test_each_request_is_one_line_that_names_it_and_nothing_private(
    database_url: str, shop: Shop, make_key: MakeKey
) -> None:
    key = await make_key(shop.live)
    async with serving(database_url) as server, server.client(key) as client:
        listed = await client.get("/v2/products?search=private-words")
        asked = await client.post("/graphql", json={"query": NAMED})
        wrong = await client.post("/graphql", json={"query": "{ nothing }"})
        missing = await client.get("/v2/products/prod_private")
        unknown = await client.get("/v2/products", headers={"Authorization": "Bearer live_wrong"})
        await server.stop()
        lines = {line["request_id"]: line for line in server.lines(event="request")}
        everything = server.written

    assert len(lines) == 5  # probes are for debugging
    who = {"credential": lines[listed.headers["x-request-id"]]["credential"], "store": shop.live.store.id}
    assert who["credential"].startswith("key_")

    def told(response: Any) -> dict[str, Any]:
        line = lines[response.headers["x-request-id"]]
        assert line.pop("timestamp").endswith("Z")
        assert 0 < line.pop("duration_ms") < 10_000
        assert line.pop("db_ms") >= 0
        line.pop("statements")
        return line

    shared = {"logger": "gateway.access", "event": "request", "level": "info"}
    rest = {**shared, "surface": "rest", "method": "GET"}
    graph = {**shared, **who, "surface": "graphql", "method": "POST", "route": "/graphql", "status": 200}
    named = {"operation": "Shelf", "operation_kind": "query"}
    for response, expected in (
        (listed, {**rest, **who, "route": "/v2/products", "status": 200}),
        (asked, {**graph, **named}),
        (wrong, {**graph, "errors": ["GRAPHQL_VALIDATION_FAILED"]}),
        (missing, {**rest, **who, "route": "/v2/products/{id}", "status": 404, "errors": ["not_found", "NOT_FOUND"]}),
        (unknown, {**rest, "route": "/v2/products", "status": 401, "errors": ["authentication_error"]}),
    ):
        line = told(response)
        line.pop("request_id")
        assert line == expected
    assert "private" not in everything


def of_its_own(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those of deliveries: other tests leave some behind, whose endpoints' secrets this server cannot read."""
    return [line for line in lines if not line["logger"].startswith("gateway.webhooks")]


async def test_a_level_that_is_off_is_silent_and_failures_of_ours_are_errors(
    database_url: str, shop: Shop, make_key: MakeKey
) -> None:
    key = await make_key(shop.live)
    async with serving(database_url, GATEWAY_LOG_LEVEL="error") as server, server.client(key) as client:
        assert (await client.get("/v2/products")).status_code == 200
        assert (await client.get("/v2/products/prod_1")).status_code == 404
        await server.stop()
        assert of_its_own(server.lines()) == []


async def test_every_line_of_a_server_is_json_and_libraries_go_the_same_way(database_url: str) -> None:
    async with serving(database_url) as server:
        await server.stop()
        first, *lines = server.written.splitlines()
    assert first.startswith("Serving on http://")  # for whoever typed the command
    told = of_its_own([json.loads(line) for line in lines])
    assert {"uvicorn.error"} == {line["logger"] for line in told}
    assert all({"timestamp", "level", "event"} <= line.keys() for line in told)


def test_nothing_is_made_for_a_level_that_is_off(sink: io.StringIO) -> None:
    lines = AccessLog(configure_logging("error", stream=sink))

    class Untouchable(RequestRecord):
        @property
        def request_id(self) -> str:
            raise AssertionError("a field of a line that nobody reads")

        @request_id.setter
        def request_id(self, value: str) -> None:
            """Set by the dataclass."""

    facts = Untouchable("req_1", "GET")
    facts.place, facts.status = RouteLabels("/v2/products", "rest"), 200
    lines.write([facts], 0.0)
    assert sink.getvalue() == ""
    facts.status = 500
    with pytest.raises(AssertionError):
        lines.write([facts], 0.0)


def test_lines_of_libraries_carry_the_request_and_their_traceback_in_one_line(sink: io.StringIO) -> None:
    configure_logging("info", stream=sink)
    key = "live_" + "k" * 43
    try:
        local_secret = "whsec_" + "c2VjcmV0" * 4
        raise RuntimeError(f"cannot read {key}", len(local_secret))
    except RuntimeError:
        logging.getLogger("library").exception("it failed: %s", key)
    logging.getLogger("library").debug("not now")
    [line] = written(sink)
    assert line["logger"] == "library"
    assert line["event"] == f"it failed: live_{MASK}"
    assert "Traceback" in line["exception"]
    assert f"RuntimeError: ('cannot read live_{MASK}'" in line["exception"]
    assert "c2VjcmV0c2Vj" not in sink.getvalue()  # values of local variables are not shown


def test_what_json_cannot_say_is_still_a_line(sink: io.StringIO) -> None:
    lines = configure_logging("info", stream=sink)
    lines.write([{"event": "odd", "surrogate": "\ud800", "object": object, "number": float("nan"), "a b": {1: 2}}])
    [line] = written(sink)
    assert line["event"] == "odd"
    assert line["surrogate"] == "\ud800"


def test_a_terminal_gets_text_for_people() -> None:
    program = (
        "import os, sys; from gateway.telemetry.logs import configure_logging;"
        "sys.stderr = type('T', (type(sys.stderr),), {'isatty': lambda s: True})(sys.stderr.buffer);"
        "lines = configure_logging('info'); lines.write([dict(event='request', status=200, key='test_' + 'x' * 43)])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "request" in ran.stderr
    assert "200" in ran.stderr
    assert "{" not in ran.stderr
    assert "x" * 43 not in ran.stderr


KNOWN = "a-secret-known-by-heart"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("live_" + "a" * 43, f"live_{MASK}"),
        ("key=test_Ab-_" + "9" * 40 + ".", f"key=test_{MASK}."),
        ("sk_live_" + "4" * 24, f"sk_live_{MASK}"),
        ("whsec_" + "A/+=" * 10, f"whsec_{MASK}"),
        ("postgresql://root:hunter2@db/x?a=b", f"postgresql://root:{MASK}@db/x?a=b"),
        ("redis://:hunter2@cache:6379", f"redis://:{MASK}@cache:6379"),
        ("authorization: Bearer abc.def-ghi", f"authorization: Bearer {MASK}"),
        ("Basic dXNlcjpwYXNzd29yZA==", f"Basic {MASK}"),
        ("k1:" + "A" * 43 + "=", f"k1:{MASK}"),
        ("card 4242 4242 4242 4242!", f"card {MASK}!"),
        ("card 4242-4242-4242-4242", f"card {MASK}"),
        ("378282246310005", MASK),
        (f"<{KNOWN}>", f"<{MASK}>"),
        # what must be left alone
        ("req_01m850fb73ez087118dngjyhta key_01m850df7zeh2tmvnws8a67c9m", None),
        ("http://127.0.0.1:8000/v2/products?at=12:00", None),
        ("2026-11-23T20:10:05.244647Z", None),
        ("4242 4242 4242 4241, 1234567890123", None),  # the check digit does not fit
        ("live_store test_store livestream", None),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, masked: str | None) -> None:
    redact = make_masker([KNOWN, "short"])
    assert redact(text) == (text if masked is None else masked)
    assert redact(f"before {text} after") == f"before {text if masked is None else masked} after"
