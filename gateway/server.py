"""Running the server: uvicorn around the application, in this process or in several."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import mark_process_dead
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from domain.kernel.database import Database
from gateway.app import build
from gateway.database_setup import database_options, database_url
from gateway.graphql import MAX_MESSAGE_BYTES
from gateway.setting_formats import host_and_port
from gateway.settings import Settings, load_settings, secrets_of
from gateway.telemetry import telemetry
from gateway.telemetry.exposition import metrics_server, own_registry, shared_directory, shared_registry
from gateway.telemetry.logs import configure_logging
from transport.protocols import Certificate, HttpProtocol, ServerConfig, SocketProtocol, raise_file_limit

DRAIN_SECONDS = 30
"""How long requests in flight may go on after the end of listening."""
HEALTH_CHECK_SECONDS = 20
"""How long the parent waits for a sign of a worker, which gives none before it has loaded. After uvicorn's 5 s, workers
of a slow machine would be replaced for ever."""
LISTENER_COUNT = 8
"""uvloop accepts one connection in a turn of its loop for each descriptor that listens. While a process is overloaded a
turn takes some 8 ms, so that a health check would wait for seconds behind the connections of a flood: with one
descriptor 950 of them took 7 s. The price is 4 µs for each connection.
"""
PING_SECONDS = 15.0
"""Between two pings of a WebSocket (RFC 6455, 5.5.2): proxies close what is quiet for longer, and a peer that is gone
is found out."""
PONG_SECONDS = 30.0
"""Timeout of a response, which waits behind all bytes that the peer has not read yet."""


class AddressTakenError(Exception):
    """The address is in use."""

    @classmethod
    def at(cls, host: str, port: int, error: OSError, advice: str) -> AddressTakenError:
        """Name the address and the reason, with ``advice`` for what to do."""
        return cls(f"Cannot listen on {host}:{port}: {error.strerror}. {advice}")


ANOTHER_PORT = "Choose another port: `make run PORT=8001`, or `gateway serve --port 8001`."


def bind_listener(host: str, port: int) -> socket.socket:
    """A socket, bound before anything else is started. Raises AddressTakenError, naming the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressTakenError.at(host, port, error, ANOTHER_PORT) from error
    listener.set_inheritable(True)
    return listener


def listeners_of(listener: socket.socket) -> list[socket.socket]:
    """The listener, and more descriptors of the same. The server closes them all."""
    return [listener, *(listener.dup() for _ in range(LISTENER_COUNT - 1))]


@contextmanager
def metrics_endpoint(settings: Settings, registry: CollectorRegistry) -> Generator[None]:
    """Metrics can be read on the address that is set for them. Raises AddressTakenError."""
    if settings.metrics_address is None:
        yield
        return
    host, port = host_and_port(settings.metrics_address)
    with ExitStack() as stack:
        try:
            stack.enter_context(metrics_server(host, port, registry))
        except OSError as error:
            raise AddressTakenError.at(host, port, error, "Change GATEWAY_METRICS_ADDRESS.") from error
        yield


def serve(listener: socket.socket, workers: int, settings: Settings, certificate: Certificate | None = None) -> None:
    """Serve until stopped, then drain. One worker serves in this process; several are processes of their own.

    With a certificate, by TLS only; SIGHUP reloads it. Raises AddressTakenError for the address of the metrics.
    """
    configure_logging(settings.log_level, secrets_of(settings))
    raise_file_limit()
    with ExitStack() as stack:
        registry = shared_registry(stack.enter_context(shared_directory())) if workers > 1 else own_registry()
        stack.enter_context(metrics_endpoint(settings, registry))
        if workers > 1:
            config = _config("gateway.server:application", workers, settings.log_level, certificate)
            Workers(config, listeners_of(listener)).run()
        else:
            with suppress(KeyboardInterrupt):  # raised once more by uvicorn, after it has drained
                config = _config(partial(application, registry), 1, settings.log_level, certificate)
                uvicorn.Server(config).run(sockets=listeners_of(listener))


def server_config(
    app: ASGIApp | Callable[[], ASGIApp] | str,
    *,
    http: type[HttpProtocol] = HttpProtocol,
    ws: type[SocketProtocol] = SocketProtocol,
    certificate: Certificate | None = None,
    **options: Any,
) -> uvicorn.Config:
    """How every server of the gateway is set up."""
    config = ServerConfig(
        app,
        loop="uvloop",
        http=http,
        ws=ws,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,  # 40 KB per connection, and an amplifier for an attacker who sends zeros
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_worker_healthcheck=HEALTH_CHECK_SECONDS,
        **options,
    )
    config.certificate = certificate
    return config


def _config(
    factory: str | Callable[[], ASGIApp], workers: int, log_level: str, certificate: Certificate | None
) -> uvicorn.Config:
    # With its level unset, uvicorn would prepare lines of a level that is off.
    return server_config(factory, factory=True, workers=workers, log_level=log_level, certificate=certificate)


def application(registry: CollectorRegistry | None = None) -> ASGIApp:
    """The application over the settings of the environment, for a process that serves.

    ``registry``: where its metrics go, unless it is one of several, which leave webhooks to `gateway worker`. With the
    embedded database the worker is one more user of it: it is not stopped beneath a worker that outlives its parent.
    """
    settings = load_settings()
    access = configure_logging(settings.log_level, secrets_of(settings))
    held = ExitStack()
    url = held.enter_context(database_url(settings))
    database = Database(database_options(settings, url))
    process_telemetry = telemetry(access, registry)
    return build(settings, database, process_telemetry, held.close, sends_webhooks=registry is not None)


class Workers(Multiprocess):
    """The worker processes, seen from their parent."""

    def terminate_all(self) -> None:
        """Close the listener here, too: otherwise it would go on accepting connections without a server."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        """Let each read the certificate again; uvicorn would replace them all, and end what is open."""
        if not isinstance(self.config, ServerConfig) or self.config.certificate is None:
            super().handle_hup()
            return
        for process in self.processes:
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, signal.SIGHUP)

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
