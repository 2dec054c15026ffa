"""Running the server: uvicorn around the application, in this process or in several."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from types import FrameType

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import mark_process_dead
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from domain.kernel.database import Database
from gateway.app import build, database_options
from gateway.connecting import database_url
from gateway.settings import Settings, host_and_port, load_settings, secrets_of
from gateway.telemetry import telemetry
from gateway.telemetry.exposition import metrics_server, own_registry, shared_directory, shared_registry
from gateway.telemetry.logs import configure_logging

DRAIN_SECONDS = 30
"""How long requests in flight may go on after the end of listening."""
LAST_WORDS = 0.2
"""Seconds that an idle connection stays open after that."""


class AddressTakenError(Exception):
    """Somebody listens there already."""


ANOTHER_PORT = "Choose another port: `make run PORT=8001`, or `gateway serve --port 8001`."


def listen(host: str, port: int, advice: str = ANOTHER_PORT) -> socket.socket:
    """A socket bound before anything else is started. Raises AddressTakenError, naming the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressTakenError(f"Cannot listen on {host}:{port}: {error.strerror}. {advice}") from error
    listener.set_inheritable(True)
    return listener


def serve(listener: socket.socket, workers: int, settings: Settings) -> None:
    """Serve until told to stop, then drain. One worker serves in this process; more are processes of their own.

    Raises AddressTakenError for the address of the metrics.
    """
    configure_logging(settings.log_level, secrets_of(settings))
    with ExitStack() as stack:
        registry = shared_registry(stack.enter_context(shared_directory())) if workers > 1 else own_registry()
        if settings.metrics_address is not None:
            host, port = host_and_port(settings.metrics_address)
            own = stack.enter_context(listen(host, port, "GATEWAY_METRICS_ADDRESS names another."))
            stack.enter_context(metrics_server(own, registry))
        if workers > 1:
            Workers(_config("gateway.serving:application", workers, settings.log_level), [listener]).run()
        else:
            with suppress(KeyboardInterrupt):  # raised once more by uvicorn, after it has drained
                uvicorn.Server(_config(partial(application, registry), 1, settings.log_level)).run(sockets=[listener])


def _config(factory: str | Callable[[], ASGIApp], workers: int, log_level: str) -> uvicorn.Config:
    return uvicorn.Config(
        factory,
        factory=True,
        workers=workers,
        loop="uvloop",
        http=PatientProtocol,
        lifespan="on",
        log_config=None,
        log_level=log_level,  # unset, uvicorn would prepare lines of a level that is off
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def application(registry: CollectorRegistry | None = None) -> ASGIApp:
    """The application over the settings of the environment, for a process that serves.

    ``registry``: where its metrics go, unless it is one of several. With the embedded database the worker is one more
    user of it: it is not stopped beneath a worker that outlives its parent.
    """
    settings = load_settings()
    access = configure_logging(settings.log_level, secrets_of(settings))
    held = ExitStack()
    url = held.enter_context(database_url(settings))
    return build(settings, Database(database_options(settings, url)), telemetry(access, registry), held.close)


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that, when the server stops, answers what is already on its way.

    uvicorn closes an idle connection the moment it stops. One that was accepted a millisecond ago counts as idle, and
    so does one whose next request waits in the socket: their clients would see a reset.
    """

    def shutdown(self) -> None:
        """Close after the answer, or, without a request, in a moment."""
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            self.loop.call_later(LAST_WORDS, super().shutdown)
        else:
            super().shutdown()


class Workers(Multiprocess):
    """The worker processes, seen from their parent."""

    def terminate_all(self) -> None:
        """Let go of the listener too: held here, it would go on taking connections that nobody answers."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died; what they measured of themselves is no longer true."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]


def stop_on_sigterm() -> None:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that the embedded server is stopped too."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
