"""Authlib's authorization server over the rows of one store. It calls synchronously: see ``with_oauth_records``.

The library validates requests and words the responses; which codes and tokens are good is decided in the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from domain.access import hash_secret
from domain.access.oauth import ClientType, OAuthClient, OAuthRecords, in_order
from domain.kernel.principal import SCOPES

_ANY_URL = "https://gateway.invalid/"
"""The library insists on an address with TLS. Whether a request was private is the edge's to decide."""


@dataclass(frozen=True, slots=True)
class LibraryResponse:
    """What the library answers. ``body``: of a JSON object, or None for a redirect."""

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]


class LibraryRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """The parameters of a request, each once, as the library reads them."""

    def __init__(self, method: str, headers: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        super().__init__(method, _ANY_URL, headers=headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> Mapping[str, str]:
        """The parameters."""
        data: Mapping[str, str] = self.payload.data
        return data


class ClientView(ClientMixin):  # type: ignore[misc]
    """A client as the library asks about it."""

    def __init__(self, row: OAuthClient) -> None:
        self.row = row

    def get_client_id(self) -> str:
        """The id."""
        return self.row.id

    def get_default_redirect_uri(self) -> str | None:
        """The redirect URI of requests that name none, if only one is registered."""
        return self.row.redirect_uris[0] if len(self.row.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The requested scopes, all of the client's if none is named; None if one is not the client's."""
        requested = set((scope or "").split()) or set(self.row.scopes)
        return " ".join(in_order(requested)) if requested <= set(self.row.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered, character by character (RFC 9700, 4.1.3)."""
        return redirect_uri in self.row.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the client's. What is compared are hashes, so the time tells nothing of the secret."""
        return self.row.secret_hash is not None and hash_secret(client_secret) == self.row.secret_hash

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A confidential client must present its secret, everywhere; a public one has none."""
        return (method == "none") == (self.row.type == ClientType.PUBLIC)

    def check_response_type(self, response_type: str) -> bool:
        """Codes only, and where there is something to redirect to."""
        return response_type == "code" and bool(self.row.redirect_uris)

    def check_grant_type(self, grant_type: str) -> bool:
        """Client credentials of confidential clients, the others where there is a redirect URI."""
        if grant_type == "client_credentials":
            return self.row.type == ClientType.CONFIDENTIAL
        return bool(self.row.redirect_uris)


class LibraryServer(AuthorizationServer):  # type: ignore[misc]
    """The authorization server of one request. ``records``: None where no client is known."""

    def __init__(self, records: OAuthRecords | None) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self._records = records

    @property
    def records(self) -> OAuthRecords:
        """The rows of the client's store."""
        assert self._records is not None, "without a client nothing is granted"  # noqa: S101 - a programming error
        return self._records

    def query_client(self, client_id: str) -> ClientView | None:
        """A client that has not been revoked."""
        row = None if self._records is None else self._records.client(client_id)
        return None if row is None else ClientView(row)

    def create_oauth2_request(self, request: LibraryRequest) -> LibraryRequest:
        """The request itself."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Any) -> LibraryResponse:
        """The response, to be written by the caller."""
        return LibraryResponse(status, body if isinstance(body, dict) else None, dict(headers))


__all__ = ["ClientView", "LibraryRequest", "LibraryResponse", "LibraryServer", "OAuth2Error"]
