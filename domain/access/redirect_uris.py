"""Which redirect URIs a client may register (RFC 6749, 3.1.2; RFC 8252, 7; RFC 9700, 4.1)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from domain.access.loopback import is_loopback
from domain.access.oauth_model import ClientType

_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""Those of a URI (RFC 3986, 2): what is left can stand in a header and in the text of an OAuth error."""
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""A domain name of the application's author, in reverse (RFC 8252, 7.1). ``javascript`` and ``data`` have no dot."""


def redirect_uri_problem(uri: str, client_type: ClientType) -> str | None:
    """Return what is wrong with a redirect URI of a client of this type; None if nothing is."""
    if not _CHARACTERS.fullmatch(uri):
        return "Must consist of the characters of a URI; encode all others with %."
    if "#" in uri:
        return "Must have no fragment."
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "Is not a valid URI."
    if parts.scheme in ("http", "https"):
        if not host or parts.username is not None or port == 0:
            return "Must have a host and no user name."
        if parts.scheme == "http" and not is_loopback(host):
            return "Must begin with `https://`; `http://` is for loopback addresses only."
        return None
    if client_type == ClientType.PUBLIC and _PRIVATE_SCHEME.fullmatch(parts.scheme) and uri.startswith(parts.scheme):
        return None
    return "Must be an `https` URI, or for a public client one of a private scheme such as `com.example.app:/`."
