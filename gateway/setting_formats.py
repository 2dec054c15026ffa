"""Formats of addresses in settings: origins of pages, and host and port."""

from __future__ import annotations

import re

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]+))?")
"""As browsers write it in ``Origin``: a name in ASCII (IDNs as ``xn--``), no path."""
_UNWRITTEN_PORTS = {"http": "80", "https": "443"}
LAST_PORT = 65_535


def check_origin(origin: str) -> None:
    """Check that a browser can send this origin. Raises ValueError: an entry without match would go unnoticed."""
    if "*" in origin:
        raise ValueError(f"{origin!r} would match nothing: list every origin in full, or only * for all")
    written = _ORIGIN.fullmatch(origin)
    if written is None:
        raise ValueError(f"{origin!r} is not an origin such as https://shop.example")
    if written["port"] == _UNWRITTEN_PORTS[written["scheme"]]:
        raise ValueError(f"{origin!r} would match nothing: browsers omit :{written['port']}")


def host_and_port(address: str) -> tuple[str, int]:
    """``127.0.0.1:9100`` or ``[::1]:9100``, split. Raises ValueError."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > LAST_PORT:
        raise ValueError("must be host:port, such as 127.0.0.1:9100")
    return host, int(port)
