"""The grants and endpoints of Authlib that the server offers, bound to the rules of the domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, InvalidScopeError, scope_to_list
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from domain.access.oauth import ClientType, FoundToken, IssuedTokens, OAuthCode, OAuthRecords, TokenKind
from gateway.oauth.library import ClientView, LibraryRequest, LibraryServer

CONFIDENTIAL_METHODS = ["client_secret_basic", "client_secret_post"]
ALL_METHODS = [*CONFIDENTIAL_METHODS, "none"]


class CodeView:
    """An authorization code as the library asks about it."""

    code_challenge_method = "S256"

    def __init__(self, row: OAuthCode) -> None:
        self.row = row
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str | None:
        """The redirect URI of the authorization request; None if it named none."""
        return self.row.redirect_uri

    def get_scope(self) -> str:
        """What the user allowed."""
        return " ".join(self.row.scopes)


class TokenView:
    """A token as the library asks about it."""

    def __init__(self, found: FoundToken) -> None:
        self.found = found

    def check_client(self, client: ClientView) -> bool:
        """Whether it was issued to this client."""
        return self.found.grant.client_id == client.row.id

    def get_scope(self) -> str:
        """Its scopes."""
        return " ".join(self.found.token.scopes)

    def is_expired(self) -> bool:
        """Whether it cannot be used any more, for whatever reason."""
        return not self.found.is_active

    def is_revoked(self) -> bool:
        """As ``is_expired``."""
        return not self.found.is_active


class StrictCodeChallenge(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE (RFC 7636) by S256 only; a public client without a challenge is refused before a user is asked."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Raises InvalidRequestError for no challenge of a public client, and for any other method."""
        given = grant.request.payload.data
        if "code_challenge" not in given and grant.request.client.row.type == ClientType.PUBLIC:
            raise InvalidRequestError("A public client must send a 'code_challenge'.")
        if "code_challenge" in given and given.get("code_challenge_method") != "S256":
            raise InvalidRequestError("The 'code_challenge_method' must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class _TokenIssuer:
    """Tokens come from the domain, which stores them as it makes them."""

    request: LibraryRequest
    server: LibraryServer

    @property
    def records(self) -> OAuthRecords:
        """The rows of the client's store."""
        return self.server.records

    def save_token(self, token: Any) -> None:
        """It is stored already."""


class CodeGrant(_TokenIssuer, AuthorizationCodeGrant):  # type: ignore[misc]
    """The authorization code grant (RFC 6749, 4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS

    def generate_authorization_code(self) -> str:
        """Store a code for what the user allowed, as far as the user's role has it, and return it."""
        given = self.request.payload.data
        scopes = self.records.allowed(scope_to_list(self.request.scope))
        if not scopes:
            uri = given.get("redirect_uri") or self.request.client.get_default_redirect_uri()
            raise AccessDeniedError("The user has none of the requested scopes.", redirect_uri=uri)
        user_id = str(self.request.user)
        return self.records.add_code(
            self.request.client.row, user_id, scopes, given.get("redirect_uri"), given.get("code_challenge")
        )

    def save_authorization_code(self, code: str, request: LibraryRequest) -> None:
        """It is stored already."""

    def query_authorization_code(self, code: str, client: ClientView) -> CodeView | None:
        """A code that can be exchanged."""
        row = self.records.find_code(code, client.row)
        return None if row is None else CodeView(row)

    def authenticate_user(self, authorization_code: CodeView) -> str:
        """The id of the user."""
        return authorization_code.row.user_id

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """The first tokens of a new grant."""
        return _token_body(self.records.exchange_code(self.request.authorization_code.row))

    def delete_authorization_code(self, authorization_code: CodeView) -> None:
        """It stays, used up, so that a replay is noticed."""


class RefreshGrant(_TokenIssuer, RefreshTokenGrant):  # type: ignore[misc]
    """Refreshing with rotation (RFC 6749, 6; RFC 9700, 4.14.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> TokenView | None:
        """A refresh token of the client that can be used."""
        found = self.records.find_refresh_token(refresh_token, self.request.client.row)
        return None if found is None else TokenView(found)

    def authenticate_user(self, refresh_token: TokenView) -> str | None:
        """The id of the user; the domain has checked that it was not removed."""
        return refresh_token.found.grant.user_id

    def generate_token(self, scope: str = "", **_: Any) -> dict[str, Any]:
        """The next tokens of the grant."""
        scopes = _scopes(self.request.client, scope)
        return _token_body(self.records.rotate(self.request.refresh_token.found, scopes))

    def revoke_old_credential(self, refresh_token: TokenView) -> None:
        """The rotation has used it up."""


class OwnCredentialsGrant(_TokenIssuer, ClientCredentialsGrant):  # type: ignore[misc]
    """The client credentials grant (RFC 6749, 4.4), of confidential clients."""

    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def generate_token(self, scope: str | None = None, **_: Any) -> dict[str, Any]:
        """An access token of the client's own. Raises InvalidScopeError."""
        scopes = _scopes(self.request.client, scope)
        return _token_body(self.records.client_credentials(self.request.client.row, scopes))


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Revocation (RFC 7009): of either token it ends the grant, and so both."""

    CLIENT_AUTH_METHODS = ALL_METHODS

    def check_params(self, request: LibraryRequest, client: ClientView) -> None:
        """Raises InvalidRequestError without a token. The hint is not needed (RFC 7009, 2.1)."""
        if "token" not in request.form:
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> TokenView | None:
        """A token of the client's store."""
        found = self.server.records.find_token(token_string)
        return None if found is None else TokenView(found)

    def revoke_token(self, token: TokenView, request: LibraryRequest) -> None:
        """End its grant."""
        self.server.records.revoke(token.found)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """Introspection (RFC 7662), by confidential clients of their own tokens."""

    CLIENT_AUTH_METHODS = CONFIDENTIAL_METHODS
    check_params = Revocation.check_params
    query_token = Revocation.query_token

    def check_permission(self, token: TokenView, client: ClientView, request: LibraryRequest) -> bool:
        """Whether it is the client's own. Of all others it learns that they are not active (RFC 7662, 2.2)."""
        return token.check_client(client)

    def introspect_token(self, token: TokenView) -> dict[str, Any]:
        """What is said of an active token (RFC 7662, 2.2)."""
        row, grant = token.found.token, token.found.grant
        about: dict[str, Any] = {
            "active": True,
            "client_id": grant.client_id,
            "sub": grant.user_id or grant.client_id,
            "scope": " ".join(self.server.records.allowed(row.scopes)),
            "iat": _seconds(row.created_at),
            "exp": _seconds(row.expires_at),
        }
        return {**about, "token_type": "Bearer"} if row.kind == TokenKind.ACCESS else about


def build_server(records: OAuthRecords | None) -> LibraryServer:
    """The server of one request, with all that it offers. ``records``: None where no client is known."""
    server = LibraryServer(records)
    server.register_grant(CodeGrant, [StrictCodeChallenge(required=True)])
    server.register_grant(RefreshGrant)
    server.register_grant(OwnCredentialsGrant)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    return server


def _scopes(client: ClientView, scope: str | None) -> list[str]:
    allowed = client.get_allowed_scope(scope)
    if not allowed:
        raise InvalidScopeError()
    return allowed.split()


def _token_body(issued: IssuedTokens) -> dict[str, Any]:
    """The members of a token response (RFC 6749, 5.1)."""
    refresh = {} if issued.refresh is None else {"refresh_token": issued.refresh}
    return {
        "access_token": issued.access,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        **refresh,
        "scope": " ".join(issued.scopes),
    }


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
