"""The exposition of metrics: on a separate address, or with a token on ``/metrics`` of the gateway.

One process keeps its metrics in memory. Several keep them in files of a directory that their parent creates
(prometheus_client's multiprocess mode), and the process that is scraped adds them up; counters of a dead worker stay in
the sum, its gauges are left out.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

from prometheus_client import (
    CollectorRegistry,
    Metric,
    PlatformCollector,
    ProcessCollector,
    make_wsgi_app,
    start_http_server,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.kernel.errors import Unauthenticated
from transport.resource import Resource

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that makes prometheus_client keep its values in files; it is read on import."""
METRICS_PATH = "/metrics"


def own_registry() -> CollectorRegistry:
    """For the metrics of one process that serves alone, itself included."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


def shared_registry(directory: str) -> CollectorRegistry:
    """Reads the sums of all workers from the files in ``directory``."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, directory)  # type: ignore[no-untyped-call]
    registry.register(_Workers(directory))
    return registry


@contextmanager
def shared_directory() -> Generator[str]:
    """A directory for the metrics of worker processes started inside; gone afterwards, with what was counted."""
    with TemporaryDirectory(prefix="gateway-metrics-") as directory:
        os.environ[MULTIPROCESS_VARIABLE] = directory
        try:
            yield directory
        finally:
            del os.environ[MULTIPROCESS_VARIABLE]


class _Workers(Collector):
    """CPU, memory and files of each live worker, labelled by ``pid``."""

    def __init__(self, directory: str) -> None:
        self._directory = Path(directory)

    def collect(self) -> Iterable[Metric]:
        """The families of ProcessCollector, with one sample a worker."""
        families: dict[str, Metric] = {}
        for file in sorted(self._directory.glob("gauge_livesum_*.db")):
            pid = file.stem.rpartition("_")[2]
            for found in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                for sample in found.samples:
                    family.add_sample(sample.name, {"pid": pid}, sample.value)
        return families.values()


def metrics_routes(registry: CollectorRegistry, token: SecretStr | None, tell: Callable[[], None]) -> list[BaseRoute]:
    """``/metrics`` for requests with ``token`` as a bearer token; without a token there is no such path.

    ``tell``: brings the metrics up to date.
    """
    if token is None:
        return []
    expected = f"Bearer {token.get_secret_value()}".encode()

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise Unauthenticated("Send the metrics token as `Authorization: Bearer <token>`.")
        tell()
        render, content_type = choose_encoder(request.headers.get("accept", ""))
        content = await asyncio.to_thread(render, registry)  # reads files where there are several workers
        return Response(content, headers={"Content-Type": content_type, "Cache-Control": "no-store", "Vary": "Accept"})

    return [Route(METRICS_PATH, Resource({"GET": metrics}))]


@contextmanager
def metrics_server(host: str, port: int, registry: CollectorRegistry) -> Generator[None]:
    """Serve ``/metrics`` on an address of its own, from a thread: it responds even if the event loop is blocked.

    Raises OSError if it cannot listen there.
    """
    server, thread = start_http_server(port, host, registry)
    server.RequestHandlerClass = _Handler
    server.set_app(_at_metrics_path(make_wsgi_app(registry)))  # prometheus_client's own responds at every path
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _at_metrics_path(metrics: Callable[..., Any]) -> Callable[..., Any]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == METRICS_PATH and environ["REQUEST_METHOD"] == "GET":
            return metrics(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"GET /metrics\n"]

    return answer


class _Handler(WSGIRequestHandler):
    timeout = 10
    """Seconds that a silent connection may keep its thread."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: a line for every scrape adds nothing."""
