"""The end of a request: ambiguities that the parser leaves open are decided here.

Two parties that disagree about the end of a request read the body of one as another request (request smuggling). llhttp
refuses most ambiguities: Content-Length with Transfer-Encoding or twice, folded lines, bare CR or LF, blanks before a
colon, invalid chunk sizes. The rest is refused here (RFC 9112, 2.3, 3.2, 6.1 and 6.3), and an upgrade is accepted only
for a WebSocket (RFC 9110, 7.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

Headers = Sequence[tuple[bytes, bytes]]

VERSIONS = frozenset({"1.0", "1.1"})
SOCKET_PATHS = frozenset({b"/graphql"})
"""Where WebSockets are opened."""
MAX_HOST_BYTES = 300
"""A name has at most 253 characters (RFC 1035), a port six more."""
_HOST = re.compile(rb"(?:[a-z0-9._~!$&'()*+,;=%-]*|\[[0-9a-f:.]+\])(?::[0-9]{0,5})?", re.IGNORECASE)
_ABSOLUTE = re.compile(rb"https?://(?P<host>[^/?#]*)(?P<rest>[^#]*)", re.IGNORECASE)


class FramingError(Exception):
    """The end of the request is ambiguous or unknown. The message is sent to the client."""


def check_framing(method: bytes, version: str, headers: Headers) -> None:
    """Check a complete head. Raises FramingError."""
    if version not in VERSIONS:
        raise FramingError("Only HTTP/1.0 and HTTP/1.1 are supported.")
    if method == b"CONNECT":
        raise FramingError("CONNECT is not supported. This server is not a proxy.")
    hosts = 0
    for name, value in headers:
        if name == b"host":
            hosts += 1
            if not _is_host(value):
                raise FramingError("The Host header must be a host with an optional port.")
        elif name == b"transfer-encoding" and (version == "1.0" or value.strip().lower() != b"chunked"):
            raise FramingError("The only supported Transfer-Encoding is `chunked`, in HTTP/1.1.")
    if hosts != 1 and (hosts or version != "1.0"):
        raise FramingError("Send exactly one Host header.")


def _is_host(value: bytes) -> bool:
    return len(value) <= MAX_HOST_BYTES and _is_short_host(value)


@lru_cache(maxsize=1_000)
def _is_short_host(value: bytes) -> bool:
    return _HOST.fullmatch(value.strip()) is not None


def split_target(url: bytes) -> tuple[bytes, bytes] | None:
    """Authority and origin form of a target in absolute form, ``http://host/path``; None for any other.

    Its authority replaces the Host header (RFC 9112, 3.2.2). Raises FramingError when it is none.
    """
    absolute = _ABSOLUTE.fullmatch(url)
    if absolute is None:
        return None
    host, rest = absolute["host"], absolute["rest"]
    if not host or not _is_host(host):
        raise FramingError("The request target is not a valid URL.")
    return host, rest if rest.startswith(b"/") else b"/" + rest


def is_socket_handshake(method: bytes, url: bytes, version: str, headers: Headers) -> bool:
    """Whether a request that offers an upgrade becomes a WebSocket; if not, the offer is ignored.

    Raises FramingError for an invalid WebSocket request: on another path, by another method than GET, or with a body.
    Another reader would read what follows as frames.
    """
    if _tokens(headers, b"upgrade") != [b"websocket"]:
        return False
    if url.partition(b"?")[0] not in SOCKET_PATHS:
        raise FramingError("WebSockets are available at /graphql only.")
    if method != b"GET" or version != "1.1":
        raise FramingError("Open a WebSocket by GET and HTTP/1.1.")
    if any(name == b"transfer-encoding" or (name == b"content-length" and int(value)) for name, value in headers):
        raise FramingError("A WebSocket request must not have a body.")
    return True


def _tokens(headers: Headers, wanted: bytes) -> list[bytes]:
    values = (value for name, value in headers if name == wanted)
    return [token.strip().lower() for value in values for token in value.split(b",")]


def head_without_upgrade(method: bytes, url: bytes, version: str, headers: Headers) -> bytes:
    """The head once more, as if no upgrade had been offered."""
    return head(method, url, version, ((name, value) for name, value in headers if name != b"upgrade"))


def head(method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The bytes of a head that has been read."""
    lines = [b"%s %s HTTP/%s" % (method, url, version.encode()), *(b"%s: %s" % each for each in headers)]
    return b"\r\n".join([*lines, b"", b""])
