"""The exposition of metrics: on a separate address, or with a token on ``/metrics`` of the gateway.

One process keeps its metrics in memory. Several keep them in files of a directory that their parent creates
(prometheus_client's multiprocess mode), and the process that is scraped adds them up; counters of a dead worker stay in
the sum, its gauges are left out.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import socket
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, Metric, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.kernel.errors import Unauthenticated
from rest_compat.routing import Resource

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that makes prometheus_client keep its values in files; it is read on import."""
METRICS_PATH = "/metrics"

Render = Callable[[], bytes]


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
        content = await asyncio.to_thread(generate_latest, registry)  # reads files where there are several workers
        return Response(content, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"})

    return [Route(METRICS_PATH, Resource({"GET": metrics}))]


@contextmanager
def metrics_server(listener: socket.socket, registry: CollectorRegistry) -> Generator[None]:
    """Serve ``/metrics`` on a bound socket, from a thread: it responds even if the event loop is blocked."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] != METRICS_PATH or environ["REQUEST_METHOD"] != "GET":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"GET /metrics\n"]
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)])
        return [generate_latest(registry)]

    server = _Server(listener)
    server.set_app(answer)
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(WSGIRequestHandler):
    timeout = 10
    """Seconds that a silent connection may keep its thread."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: a line for every scrape adds nothing."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = listener.getsockname()[:2]
        self.setup_environ()
        self.server_activate()
