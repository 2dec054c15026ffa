"""What webhooks need of the world outside: somebody who sends, somebody who knows GraphQL, somebody who counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.kernel.crypto import Keyring
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.webhooks.address_policy import AddressPolicy
from domain.webhooks.model import AttemptOutcome, DisableReason
from domain.webhooks.rights import Need

ATTEMPT_TIMEOUT = 10.0
"""Seconds for a whole attempt, from resolving the name to the last byte that is read."""
MAX_RESPONSE_BYTES = 4_096
"""Bytes of an answer that are read and kept."""


@dataclass(frozen=True, slots=True)
class DeliveryResponse:
    """What came of one attempt."""

    status: int | None
    """Of HTTP; None where no answer came."""
    body: str = ""
    """The beginning of the answer."""
    error: str | None = None
    """Why no answer came, or not all of it in time."""
    retry_after: float | None = None
    """Seconds that the receiver asks to wait."""
    refused: bool = False
    """Whether the address is not public, so that nobody was asked."""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has taken it: 2xx, all of it in time."""
        return self.error is None and self.status is not None and 200 <= self.status < 300


class HttpSender(Protocol):
    """Sends one request to whoever a URL names, if that is somebody public."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryResponse:
        """Never raises for what the other side does; answers within ``ATTEMPT_TIMEOUT``."""


class PayloadQueryError(Exception):
    """A query that was good when it was saved has failed; the message says why and may be shown."""


class PayloadQueryRunner(Protocol):
    """Says with a GraphQL document what of an event is sent."""

    def check(self, query: str, principal: Principal) -> None:
        """Raises ValidationFailed, naming ``query``, for what cannot run; Forbidden where the caller may not see it."""

    def needs(self, query: str, scopes: frozenset[str]) -> tuple[Need, ...]:
        """The needs of what the document answers to who holds ``scopes``; none of one that cannot run any more."""

    async def run(self, query: str, principal: Principal, event: Row, work: UnitOfWork | None = None) -> Any:
        """What the document makes of an event, as plain JSON. With ``work`` all is read in that transaction.

        Raises CannotShapeError.
        """


class DeliveryObserver(Protocol):
    """Is told how sending goes. Called in the event loop, so it returns at once."""

    def attempted(self, outcome: AttemptOutcome, seconds: float) -> None:
        """An attempt is over and written down; it took that long, the making of its body included."""

    def disabled(self, ending: DisableReason) -> None:
        """An endpoint was made inactive."""

    def in_flight_changed(self, count: int) -> None:
        """So many deliveries are in hand now."""


@dataclass(frozen=True, slots=True)
class WebhookDependencies:
    """What use cases of endpoints are handed."""

    keyring: Keyring
    """Encrypts their secrets."""
    guard: AddressPolicy
    shaper: PayloadQueryRunner
