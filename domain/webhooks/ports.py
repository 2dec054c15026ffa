"""Ports of webhooks: sending HTTP requests, running payload queries, observing deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.kernel.crypto import Keyring
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.address_policy import AddressPolicy
from domain.webhooks.body_scopes import Need
from domain.webhooks.model import AttemptOutcome, DisableReason

ATTEMPT_TIMEOUT = 10.0
"""Seconds for a whole attempt, from resolving the name to the last byte that is read."""
MAX_RESPONSE_BYTES = 4_096
"""Bytes of a response that are read and stored."""


@dataclass(frozen=True, slots=True)
class DeliveryResponse:
    """The response to one attempt, or why there is none."""

    status: int | None
    """The HTTP status; None if there was no response."""
    body: str = ""
    """The beginning of the response body."""
    error: str | None = None
    """Why there was no response, or no complete one in time."""
    retry_after: float | None = None
    """Seconds to wait, as requested by the receiver."""
    refused: bool = False
    """Whether nothing was sent because the address is not public."""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver accepted it: a complete 2xx response in time."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


class HttpSender(Protocol):
    """Sends one request to a URL, if it resolves to public addresses."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryResponse:
        """Send a POST. Never raises for failures of the receiver; returns within ``ATTEMPT_TIMEOUT``."""


class PayloadQueryError(Exception):
    """A payload query that was valid when saved has failed. The message says why and may be shown to callers."""


class PayloadQueryRunner(Protocol):
    """Runs payload queries: GraphQL subscriptions whose result is sent as ``data.object``."""

    def check(self, query: str, principal: Principal) -> None:
        """Check a query. Raises ValidationFailed (field ``query``), Forbidden (fields the caller may not read)."""

    def needs(self, query: str, scopes: frozenset[str]) -> tuple[Need, ...]:
        """List the needs of the result for a holder of ``scopes``; none for a query that is no longer valid."""

    async def run(self, query: str, principal: Principal, event: Row, work: UnitOfWork | None = None) -> Any:
        """Run a query for an event and return the result as plain JSON. With ``work``, in that transaction.

        Raises PayloadQueryError.
        """


class DeliveryObserver(Protocol):
    """Observes deliveries. Called in the event loop, so its methods must return immediately."""

    def attempted(self, outcome: AttemptOutcome, seconds: float) -> None:
        """Called when an attempt has been saved. ``seconds``: its duration, including building the body."""

    def disabled(self, reason: DisableReason) -> None:
        """Called when an endpoint was deactivated."""

    def in_flight_changed(self, count: int) -> None:
        """Called with the new number of deliveries in flight."""


@dataclass(frozen=True, slots=True)
class WebhookDependencies:
    """Dependencies of the use cases of endpoints."""

    keyring: Keyring
    """Encrypts the secrets."""
    address_policy: AddressPolicy
    query_runner: PayloadQueryRunner
