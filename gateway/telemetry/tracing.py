"""OpenTelemetry: a span for each request, for the GraphQL operation in it and for each statement of the database.

Imported only when an exporter is configured. The SDK reads the standard ``OTEL_*`` variables itself: sampler, service
name, headers, limits. Documents, variables and values of parameters never become attributes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from threading import Thread
from time import perf_counter, time_ns

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gateway.telemetry.request_record import RequestRecord

Headers = Iterable[tuple[bytes, bytes]]

FLUSH_SECONDS = 5
"""How long the spans of the last requests are waited for at the end."""


class Tracing:
    """The tracer of one process."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("commerce-gateway")
        self._propagator = TraceContextTextMapPropagator()

    @classmethod
    def exporting(cls) -> Tracing:
        """Sends spans to ``OTEL_EXPORTER_OTLP_ENDPOINT``, by OTLP over HTTP, in batches from a thread."""
        provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def begin(self, headers: Headers, facts: RequestRecord) -> RequestSpans:
        """The span of a request; it continues the caller's trace (W3C ``traceparent``)."""
        parent = self._propagator.extract(headers, Context(), _HEADERS)
        attributes = {"http.request.method": facts.method, "gateway.request_id": facts.request_id}
        span = self._tracer.start_span(facts.method, parent, SpanKind.SERVER, attributes)
        return RequestSpans(self._tracer, span)

    def close(self) -> None:
        """Send what is left, for at most five seconds."""
        closing = Thread(target=self._provider.shutdown, name="last spans", daemon=True)  # may retry for a minute
        closing.start()
        closing.join(FLUSH_SECONDS)


class RequestSpans:
    """The spans of one request."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))
        self.trace_id = f"{span.get_span_context().trace_id:032x}"

    def end(self, facts: RequestRecord) -> None:
        """The response was sent."""
        context.detach(self._token)
        self._span.update_name(f"{facts.method} {facts.place.route}")
        self._span.set_attributes({"http.route": facts.place.route, "gateway.surface": facts.place.surface})
        if facts.status is not None:
            self._span.set_attribute("http.response.status_code", facts.status)
        if facts.principal is not None:
            self._span.set_attribute("gateway.store_id", facts.principal.store.id)
            self._span.set_attribute("gateway.credential_id", facts.principal.credential)
        if facts.errors:
            self._span.set_attribute("gateway.error_codes", facts.errors)
        if facts.status is None or facts.status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    @contextmanager
    def operation(self, kind: str, name: str | None) -> Generator[None]:
        """A span around the execution of a GraphQL operation."""
        attributes = {"graphql.operation.type": kind, **({} if name is None else {"graphql.operation.name": name})}
        with self._tracer.start_as_current_span(f"GraphQL {kind}", attributes=attributes, record_exception=False):
            yield

    def statement(self, text: str, begun: float, ended: float) -> None:
        """A span for a statement that has ended; times are ``perf_counter`` seconds."""
        now, wall = perf_counter(), time_ns()
        attributes = {"db.system.name": "postgresql", "db.query.text": text}
        name = text.lstrip().partition(" ")[0].upper()
        start = wall - int((now - begun) * 1e9)
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes, start_time=start)
        span.end(wall - int((now - ended) * 1e9))


class _Headers(Getter[Headers]):
    def get(self, carrier: Headers, key: str) -> list[str] | None:
        wanted = key.encode()
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: Headers) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_HEADERS = _Headers()


def _resource() -> Resource:
    """Says which service this is, unless ``OTEL_SERVICE_NAME`` or ``OTEL_RESOURCE_ATTRIBUTES`` does."""
    found = Resource.create()
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return found.merge(Resource({SERVICE_NAME: "commerce-gateway"}))
    return found
