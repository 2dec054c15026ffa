"""Connections to Stripe: one HTTP session for all stores, and a client with the key of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.payments.ports import StripeCredentials
from gateway.adapters.stripe.library import API_VERSION

if TYPE_CHECKING:
    from aiohttp import ClientSession

MAX_NETWORK_RETRIES = 1
"""Repeats by the package after what broke, 409 and 5xx, with the same idempotency key. The reconciler does the rest."""
CONNECT_TIMEOUT = 3.0
"""Seconds until a connection counts as impossible."""


@dataclass(frozen=True, slots=True)
class StripeApi:
    """Stripe, for one store."""

    stripe: Any
    """The package."""
    v1: Any = field(repr=False)
    """The services of its client."""
    raw_cards: bool
    """Whether the account may send card numbers."""
    network_errors: tuple[type[Exception], ...]
    """What the HTTP client raises, which the package lets through where a body breaks."""


class StripeConnections:
    """Opens clients. ``close`` it at the end."""

    def __init__(self, api_url: str | None, request_timeout: float) -> None:
        """``api_url``: instead of Stripe's own hosts; ``request_timeout``: seconds for one HTTP request."""
        self._addresses = {} if api_url is None else {"api": api_url, "files": api_url}
        self._request_timeout = request_timeout
        self._session: ClientSession | None = None
        self._http: Any = None

    def open(self, stripe: Any, credentials: StripeCredentials) -> StripeApi:
        """A client with a store's key. It holds no connection of its own, and is not kept."""
        from aiohttp import ClientError  # noqa: PLC0415 - 10 MB, and loaded by the package that is passed

        client = stripe.StripeClient(
            credentials.secret_key,
            stripe_version=API_VERSION,
            base_addresses=self._addresses,
            http_client=self._http_client(stripe),
            max_network_retries=MAX_NETWORK_RETRIES,
        )
        return StripeApi(stripe, client.v1, credentials.raw_cards, (ClientError, OSError))

    async def close(self) -> None:
        """End every connection."""
        if self._session is not None:
            await self._session.close()

    def _http_client(self, stripe: Any) -> Any:
        """Made at the first use, which is when there is an event loop."""
        if self._http is None:
            from aiohttp import ClientSession, ClientTimeout, DummyCookieJar  # noqa: PLC0415 - as in ``open``

            timeout = ClientTimeout(total=self._request_timeout, sock_connect=CONNECT_TIMEOUT)
            self._session = ClientSession(cookie_jar=DummyCookieJar(), trust_env=False)
            self._http = stripe.AIOHTTPClient(timeout=timeout, session=self._session)
        return self._http
