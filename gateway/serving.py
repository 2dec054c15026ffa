"""Running the server: uvicorn around the application, in this process or in several."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import ExitStack, suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from domain.kernel.database import Database
from gateway.app import build, database_options
from gateway.connecting import database_url
from gateway.graphql import MESSAGE_MAX
from gateway.protocols import HttpProtocol, SocketProtocol
from gateway.settings import load_settings

DRAIN_SECONDS = 30
"""How long requests in flight may go on after SIGTERM."""
PING_SECONDS = 15.0
"""Between two pings of a WebSocket (RFC 6455, 5.5.2): proxies close what is quiet for longer, and a peer that is gone
is found out."""
PONG_SECONDS = 30.0
"""For its answer; it waits behind whatever the peer has not read yet."""


class AddressTakenError(Exception):
    """Somebody listens there already."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound before anything else is started. Raises AddressTakenError, naming the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressTakenError(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another port: `make run PORT=8001`, "
            f"or `gateway serve --port 8001`."
        ) from error
    listener.set_inheritable(True)
    return listener


def serve(listener: socket.socket, workers: int, log_level: str) -> None:
    """Serve until told to stop, then drain. One worker serves in this process; more are processes of their own."""
    config = configured("gateway.serving:application", factory=True, workers=workers, log_level=log_level)
    if workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        with suppress(KeyboardInterrupt):  # raised once more by uvicorn, after it has drained
            uvicorn.Server(config).run(sockets=[listener])


def configured(
    app: ASGIApp | str,
    *,
    http: type[HttpProtocol] = HttpProtocol,
    ws: type[SocketProtocol] = SocketProtocol,
    **options: Any,
) -> uvicorn.Config:
    """How every server of the gateway is set up."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=http,
        ws=ws,
        ws_max_size=MESSAGE_MAX,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,  # 40 KB a connection, and an amplifier for whoever sends zeros
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        **options,
    )


def application() -> ASGIApp:
    """The application over the settings of the environment, for a worker process.

    With the embedded database the worker is one more user of it: it is not stopped beneath a worker that outlives
    its parent.
    """
    settings = load_settings()
    held = ExitStack()
    url = held.enter_context(database_url(settings))
    return build(settings, Database(database_options(settings, url)), on_close=held.close)


def stop_on_sigterm() -> None:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that the embedded server is stopped too."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
