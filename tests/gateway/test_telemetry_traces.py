"""Traces: spans of requests, operations and statements, in the caller's trace; nothing of it where nobody asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncGenerator, Generator

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from domain.kernel.database import Database, DatabaseOptions
from gateway.app import build
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.telemetry.tracing import Tracing
from tests.conftest import Client, MakeKey, Shop
from tests.gateway.collector import Collector, collecting
from tests.gateway.server_process import serving

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
QUERY = 'query Shelf { products(search: "private words", first: 1) { nodes { id variants { sku } } } }'


@pytest.fixture
def collector() -> Generator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def memory() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def traced(
    settings: Settings, database: Database, memory: InMemorySpanExporter
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of an application whose spans end in ``memory``."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    telemetry = Telemetry(tracing=Tracing(provider))
    transport = httpx.ASGITransport(build(settings, database, telemetry), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def parent_of(span: ReadableSpan) -> int | None:
    return None if span.parent is None else span.parent.span_id


async def test_a_request_is_a_span_of_the_callers_trace_with_what_it_did_below(
    traced: httpx.AsyncClient, memory: InMemorySpanExporter, shop: Shop, make_key: MakeKey
) -> None:
    client = Client(traced, await make_key(shop.live))
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    answer = await client("POST", "/graphql", json={"query": QUERY}, headers=headers)
    spans = memory.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in spans} == {TRACE}
    *_, request = spans
    assert (request.name, request.kind, parent_of(request)) == ("POST /graphql", SpanKind.SERVER, int(PARENT, 16))
    assert request.attributes is not None
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "gateway.surface": "graphql",
        "gateway.request_id": answer.headers["x-request-id"],
        "gateway.store_id": shop.live.store.id,
        "gateway.credential_id": request.attributes["gateway.credential_id"],
    }
    [operation] = [span for span in spans if span.name == "GraphQL query"]
    assert parent_of(operation) == request.context.span_id
    assert dict(operation.attributes or {}) == {"graphql.operation.type": "query", "graphql.operation.name": "Shelf"}
    statements = [span for span in spans if span.kind is SpanKind.CLIENT]
    assert len(statements) >= 2  # who calls; which products
    within = [span for span in statements if parent_of(span) == operation.context.span_id]
    assert within
    for span in within:
        assert span.start_time is not None
        assert span.end_time is not None
        assert operation.start_time is not None
        assert operation.end_time is not None
        assert operation.start_time <= span.start_time <= span.end_time <= operation.end_time + 1_000_000
    assert not any("private" in str(span.to_json()) for span in spans)


async def test_a_write_is_traced_from_begin_to_commit(
    traced: httpx.AsyncClient, memory: InMemorySpanExporter, shop: Shop, make_key: MakeKey
) -> None:
    client = Client(traced, await make_key(shop.live))
    product = {"name": "Private words", "sku": "MUG", "price": 5}
    assert (await client("POST", "/v2/products", json=product)).status_code == 201
    spans = memory.get_finished_spans()
    names = [span.name for span in spans if span.kind is SpanKind.CLIENT]
    assert names.index("BEGIN") < names.index("INSERT") < names.index("COMMIT")
    assert not any("Private" in str(span.to_json()) for span in spans)


async def test_a_trace_begins_here_when_the_caller_has_none_or_a_bad_one(
    traced: httpx.AsyncClient, memory: InMemorySpanExporter
) -> None:
    for headers in ({}, {"traceparent": "00-zz-1-01"}, {"traceparent": f"00-{'0' * 32}-{PARENT}-01"}):
        await traced.get("/v2/products", headers=headers)
    spans = memory.get_finished_spans()
    assert len({span.context.trace_id for span in spans}) == 3
    assert all(span.parent is None and (span.attributes or {})["gateway.error_codes"] for span in spans)
    assert {span.status.status_code for span in spans} == {StatusCode.UNSET}


async def test_only_failures_of_ours_are_errors_of_a_span(settings: Settings, memory: InMemorySpanExporter) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    away = Database(DatabaseOptions("postgresql://root@127.0.0.1:1/none"))
    await away.open()
    application = build(settings, away, Telemetry(tracing=Tracing(provider)))
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/v2/products", headers={"Authorization": "Bearer live_" + "x" * 43})
    await away.close()
    assert answer.status_code == 503
    *_, request = memory.get_finished_spans()
    assert request.status.status_code is StatusCode.ERROR


async def test_spans_reach_a_collector_and_log_lines_name_the_trace(
    collector: Collector, database_url: str, shop: Shop, make_key: MakeKey
) -> None:
    key = await make_key(shop.live)
    async with (
        serving(database_url, OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint) as server,
        server.client(key) as client,
    ):
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        answer = await client.post("/graphql", json={"query": QUERY}, headers=headers)
        assert await server.stop() == 0
        [line] = server.lines(request_id=answer.headers["x-request-id"])
    assert line["trace_id"] == TRACE
    ours = [(service, span) for service, span in collector.spans() if span.trace_id.hex() == TRACE]
    assert {service for service, _ in ours} == {"commerce-gateway"}
    assert {"POST /graphql", "GraphQL query"} <= {span.name for _, span in ours}


async def test_a_collector_that_is_away_delays_nobody(database_url: str, shop: Shop, make_key: MakeKey) -> None:
    key = await make_key(shop.live)
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SERVICE_NAME": "shop"}
    async with serving(database_url, **settings) as server, server.client(key) as client:
        for _ in range(20):
            assert (await client.get("/v2/products?limit=1")).elapsed.total_seconds() < 2
        assert await server.stop() == 0


def test_nothing_of_opentelemetry_is_loaded_where_nobody_traces() -> None:
    program = (
        "import sys, gateway.server, gateway.cli; from gateway.telemetry import telemetry;"
        "from gateway.telemetry.logs import configure_logging; telemetry(configure_logging('info'));"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert ran.stdout.strip() == "[]"
