"""Host names that are written in two ways: ``bücher.example`` and ``xn--bcher-kva.example`` are one (RFC 5891)."""

from __future__ import annotations

import re

import idna

_HOST = re.compile(r"(?P<scheme>[A-Za-z]+)://(?P<host>[^/?#:@\s]*)")


def unicode_host(host: str) -> str:
    """The host, or the beginning of one, with its ``xn--`` labels as people read them; what is none stays."""
    return ".".join(map(_read_label, host.split("."))) if "xn--" in host.lower() else host


def with_ascii_host(url: str) -> str:
    """The URL with scheme and host in lower case and in ASCII, so that two ways to write a host are one.

    A host that has no such form stays.
    """
    found = _HOST.match(url)
    if found is None:
        return url
    scheme, host = found["scheme"].lower(), found["host"]
    return f"{scheme}://{_ascii_host(host)}{url[found.end() :]}"


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return host


def _read_label(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return idna.decode(label.lower())
    except (idna.IDNAError, UnicodeError):
        return label
