"""TLS before HTTP: certificates that can be replaced while connections are open, handshakes with a timeout, plain HTTP
refused.

uvicorn passes the listener to asyncio with TLS on: a connection is then visible only after its handshake, for which a
peer has 60 s, outside every limit. Here it is counted when it is accepted, and TLS starts with its first bytes.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from asyncio import BaseTransport
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from transport.protocols.connections import CONNECTIONS, Connections
from transport.protocols.error_responses import refusal
from transport.protocols.http import HttpProtocol

HANDSHAKE = 0x16
"""The first byte of a record that begins a handshake (RFC 8446, 5.1)."""

_log = logging.getLogger("gateway.tls")


class CertificateError(Exception):
    """The certificate cannot be used; the message names the file and is meant for a person."""


@dataclass(slots=True)
class Certificate:
    """A certificate (with its chain) and its key, both PEM files, and what is served with them now."""

    certificate: Path
    key: Path
    context: ssl.SSLContext | None = field(default=None, init=False, compare=False)

    def open(self) -> ssl.SSLContext:
        """The TLS context of new connections. Raises CertificateError; the previous one then stays in use."""
        self.context = self._read()
        return self.context

    def reload(self) -> None:
        """Read the files again; what is wrong with them is logged, and the old ones stay."""
        try:
            self.open()
        except CertificateError as error:
            _log.error("reloading the certificate failed: %s", error)
        else:
            _log.info("certificate reloaded from %s", self.certificate)

    def _read(self) -> ssl.SSLContext:
        for file in (self.certificate, self.key):
            _must_be_readable(file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except ssl.SSLError as error:
            raise CertificateError(self._reason(error)) from error
        return context

    def _reason(self, error: ssl.SSLError) -> str:
        if error.reason == "KEY_VALUES_MISMATCH":
            return f"The key in {self.key} does not belong to the certificate in {self.certificate}."
        return f"{self.certificate} and {self.key} must be a certificate and its key without a password, both as PEM."


def _must_be_readable(file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise CertificateError(f"Cannot read {file}: {error.strerror}.") from error


def _no_password() -> str:
    """OpenSSL would ask for it at the terminal, and wait."""
    return ""


class TlsProtocol(asyncio.Protocol):
    """The first bytes of a connection. TLS bytes are passed to TLS, with HTTP behind it."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        certificate: Certificate,
        http: Callable[..., HttpProtocol],
    ) -> None:
        """``http`` is the protocol that uvicorn would have created from the first four arguments."""
        make: Callable[[], HttpProtocol] = partial(
            http, config=config, server_state=server_state, app_state=app_state, _loop=_loop
        )
        self._make = make
        self._connections = server_state.connections
        self._certificate = certificate
        self._loop = _loop or asyncio.get_running_loop()
        self._registry: Connections = app_state.get(CONNECTIONS) or app_state.setdefault(CONNECTIONS, Connections())
        self._wire: asyncio.Transport
        self._shaking: asyncio.Task[None] | None = None
        self._early = bytearray()
        """Bytes that arrived through TLS before HTTP was connected."""
        self.address = ""

    def connection_made(self, transport: BaseTransport) -> None:
        """Register the connection, or close it: without TLS no response can be sent."""
        self._wire = transport  # type: ignore[assignment]  # of a stream
        peer = get_remote_addr(self._wire)
        self.address = peer[0] if peer else ""
        if self._registry.admit(self) is not None:
            self._wire.abort()
            return
        self._connections.add(self)  # type: ignore[arg-type]  # it is notified when the server stops, like the others

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        self._registry.forget(self)
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Begin TLS with the first bytes; what comes later, comes through it."""
        if self._shaking is not None:
            self._early += data
        elif data[0] == HANDSHAKE:
            self._shaking = self._loop.create_task(self._shake_hands())
            self._loop.call_soon(self._loop.call_soon, self._hand_in, data)
        else:
            message = "This port requires HTTPS. Use a URL that begins with https://."
            self._wire.write(refusal(HTTPStatus.BAD_REQUEST, message))
            self._wire.close()

    def _hand_in(self, data: bytes) -> None:
        """Pass TLS the bytes that were read already, before it reads by itself: it was connected by a callback of this
        same iteration of the loop.
        """
        tls: Any = self._wire.get_protocol()
        while data and tls is not self:
            room = tls.get_buffer(len(data))
            size = min(len(room), len(data))
            room[:size] = data[:size]
            tls.buffer_updated(size)
            data = data[size:]

    async def _shake_hands(self) -> None:
        certificate = self._certificate.context or self._certificate.open()
        seconds = self._registry.timeouts.head
        try:
            secured = await self._loop.start_tls(
                self._wire, self, certificate, server_side=True, ssl_handshake_timeout=seconds
            )
        except OSError as error:  # errors of TLS itself, too; the peer cannot be told, and scanners cause them all day
            _log.debug("TLS handshake with %s failed: %s", self.address, error)
            secured = None
        self.connection_lost(None)
        if secured is None or secured.is_closing():
            self._wire.abort()
            return
        protocol = self._make()
        secured.set_protocol(protocol)
        protocol.connection_made(secured)
        if self._early:
            protocol.data_received(bytes(self._early))

    def take_leave(self, reason: str) -> None:
        """The handshake timed out, or another connection needs the slot."""
        self._wire.abort()

    def is_peer_late(self) -> bool:
        """It always is."""
        return True

    def shutdown(self) -> None:
        """The server stops before the first request."""
        self._wire.abort()
