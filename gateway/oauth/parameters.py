"""The parameters of OAuth requests, read strictly before the library sees them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request

MAX_BODY_BYTES = 64 * 1024
MAX_PARAMETERS = 50
FORM = "application/x-www-form-urlencoded"
_PLAIN = re.compile(r"[!#-\[\]-~]*")
"""Characters of ids, types and URIs. Others cannot stand in the description of an error (RFC 6749, 5.2)."""
_SHAPES: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("client_id", "grant_type", "redirect_uri"), _PLAIN),
    **dict.fromkeys(("response_type", "scope"), re.compile(r"[ !#-\[\]-~]*")),
    "state": re.compile(r"[ -~]*"),
}
"""What a parameter may consist of (RFC 6749, appendix A)."""


class OAuthRequestError(Exception):
    """A request that is refused before its client is known."""

    def __init__(self, description: str, error: str = "invalid_request", status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.error = error
        self.status = status


async def read_form(request: Request) -> dict[str, str]:
    """The parameters of a form. Raises OAuthRequestError (413, 415), and as ``parse_parameters``."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthRequestError(f"The body must be {FORM}.", status=415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise OAuthRequestError(f"The body must have at most {MAX_BODY_BYTES:,} bytes.", status=413)
    return parse_parameters(body.decode("ascii", "replace"))


def parse_parameters(text: str) -> dict[str, str]:
    """The parameters of a form or a query, those without a value left out (RFC 6749, 3.1).

    Raises OAuthRequestError if one is repeated (the same section), or has other characters than RFC 6749 allows.
    """
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise OAuthRequestError(f"The parameters must be UTF-8, and at most {MAX_PARAMETERS}.") from None
    for name, value in pairs:
        if name in found:
            raise OAuthRequestError("A parameter is included more than once.")
        if name in _SHAPES and not _SHAPES[name].fullmatch(value):
            raise OAuthRequestError(f"The parameter {name} contains an invalid character.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def client_id_of(authorization: str | None, parameters: Mapping[str, str]) -> str:
    """The client that a request names, by HTTP Basic or in its form; empty if none.

    Raises OAuthRequestError for a header that cannot be read, for two ways at once (RFC 6749, 2.3), or two clients.
    """
    if authorization is None:
        return parameters.get("client_id", "")
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        decoded = ""
    name, separator, _ = decoded.partition(":")
    client_id = unquote(name)
    if not separator or not _PLAIN.fullmatch(client_id):
        raise OAuthRequestError("The Authorization header must be HTTP Basic.", "invalid_client", 401)
    if "client_secret" in parameters or parameters.get("client_id", client_id) != client_id:
        raise OAuthRequestError("Authenticate the client in one way only.")
    return client_id
