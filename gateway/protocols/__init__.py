"""uvicorn's protocols, with what they lack for connections that stay: patience that ends, and leave to say goodbye.

- ``patience.py``  what both have in common
- ``http.py``      HTTP/1.1
- ``sockets.py``   WebSocket
- ``waiting.py``   a queue and an event for one who waits

They are half private to uvicorn: its version is pinned, and only this package knows them.
"""

from gateway.protocols.http import HttpProtocol
from gateway.protocols.patience import LIVE
from gateway.protocols.sockets import SocketProtocol, text_frame

__all__ = ["LIVE", "HttpProtocol", "SocketProtocol", "text_frame"]
