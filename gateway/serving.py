"""Running the server: uvicorn around the application, in this process or in several."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import ExitStack, suppress
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from domain.kernel.database import Database
from gateway.app import build, database_options
from gateway.connecting import database_url
from gateway.settings import load_settings

DRAIN_SECONDS = 30
"""How long requests in flight may go on after SIGTERM."""


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
    config = uvicorn.Config(
        "gateway.serving:application",
        factory=True,
        workers=workers,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_level=log_level,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    if workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        with suppress(KeyboardInterrupt):  # raised once more by uvicorn, after it has drained
            uvicorn.Server(config).run(sockets=[listener])


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
