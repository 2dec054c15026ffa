"""The issuer: the URL that names this authorization server (RFC 8414), and what its metadata says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from domain.kernel.errors import Unavailable
from domain.kernel.principal import SCOPES
from gateway.client_address import is_loopback

METADATA_PATH = "/.well-known/oauth-authorization-server"
AUTHORIZE_PATH = "/oauth/authorize"
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
REVOKE_PATH = "/oauth/revoke"
INTROSPECT_PATH = "/oauth/introspect"


class Issuer:
    """Tells the issuer: ``GATEWAY_PUBLIC_URL``, or on a loopback address the one that the client used."""

    def __init__(self, public_url: str | None) -> None:
        self._public_url = public_url

    def of(self, request: Request) -> str:
        """The issuer, without a slash at its end.

        Raises Unavailable where it is not set and the request's host is not this machine: a host that a client may
        choose freely must not name the server to others.
        """
        if self._public_url is not None:
            return self._public_url
        host = request.headers.get("host", "")
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            name = ""
        if name != "localhost" and not is_loopback(name):
            raise Unavailable("OAuth needs GATEWAY_PUBLIC_URL to be set.")
        return f"{request.url.scheme}://{host}"


def metadata(issuer: str) -> dict[str, Any]:
    """The metadata of the server (RFC 8414, 2)."""
    confidential = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "revocation_endpoint": issuer + REVOKE_PATH,
        "introspection_endpoint": issuer + INTROSPECT_PATH,
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": [*confidential, "none"],
        "revocation_endpoint_auth_methods_supported": [*confidential, "none"],
        "introspection_endpoint_auth_methods_supported": confidential,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
