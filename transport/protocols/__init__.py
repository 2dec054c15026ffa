"""uvicorn's protocols with what they lack for long-lived connections: timeouts and graceful closing.

- ``slow_clients.py``     cuts off peers that read too slowly
- ``http.py``             HTTP/1.1
- ``tls.py``              TLS before HTTP, and its certificate
- ``framing.py``          where a request ends; refuses ambiguous requests
- ``error_responses.py``  responses to bytes that never become a request
- ``connections.py``      limits of connections, and timeouts of each
- ``websocket.py``        WebSocket
- ``single_waiter.py``    a queue and an event for one waiter
- ``server_config.py``    the configuration of uvicorn

They use internals of uvicorn: its version is pinned, and only this package knows them.
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
