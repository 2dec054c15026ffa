"""uvicorn's protocols, with what they lack for connections that stay: patience that ends, and leave to say goodbye.

- ``patience.py``  what both have in common
- ``http.py``      HTTP/1.1
- ``tls.py``       TLS before HTTP, and its certificate
- ``framing.py``   where a request ends, and what has no end that two readers agree on
- ``refusals.py``  answers to what never becomes a request
- ``connections.py`` how many connections there may be, and how long each may keep the server waiting
- ``sockets.py``   WebSocket
- ``waiting.py``   a queue and an event for one who waits

They are half private to uvicorn: its version is pinned, and only this package knows them.
"""

from transport.protocols.connections import CONNECTIONS, Connections, ConnectionTimeouts, file_room, raise_file_limit
from transport.protocols.http import HttpProtocol
from transport.protocols.server_config import ServerConfig
from transport.protocols.slow_clients import LIVE
from transport.protocols.tls import Certificate, CertificateError, TlsProtocol
from transport.protocols.websocket import SocketProtocol, text_frame

__all__ = [
    "CONNECTIONS",
    "LIVE",
    "Certificate",
    "CertificateError",
    "ConnectionTimeouts",
    "Connections",
    "HttpProtocol",
    "ServerConfig",
    "SocketProtocol",
    "TlsProtocol",
    "file_room",
    "raise_file_limit",
    "text_frame",
]
