"""The principal: the authenticated caller. Code below the transports never reads a header."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from domain.kernel.errors import Forbidden
from domain.kernel.rate_limits import Quota


class Plan(StrEnum):
    """The plan of an account."""

    FREE = "free"
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


class Mode(StrEnum):
    """Which of an account's two stores: real trade, or the sandbox."""

    LIVE = "live"
    TEST = "test"


AREAS = (
    "products",
    "orders",
    "customers",
    "inventory",
    "payments",
    "shipping",
    "analytics",
    "webhooks",
    "access",
)
SCOPES: tuple[str, ...] = tuple(f"{area}:{action}" for area in AREAS for action in ("read", "write"))


@dataclass(frozen=True, slots=True)
class Store:
    """The unit of data: every row belongs to one."""

    number: int
    """The internal key, carried by every row."""
    id: str
    account_id: str
    name: str
    mode: Mode
    currency: str
    plan: Plan
    quota: Quota | None = None
    """The rate limits of the store; None without any."""
    introspection: bool = False
    """Whether the account lets its live keys ask what the GraphQL schema is."""


@dataclass(frozen=True, slots=True)
class Storefront:
    """What a publishable key shows and who may use it: everybody who visits the shop has it."""

    origins: frozenset[str]
    """The pages and apps from which it works, as in the header ``Origin``."""
    metadata_keys: tuple[str, ...] = ()
    """The members of metadata that it shows."""
    address_limit: int = 600
    """Requests per minute from one client address."""
    client: str = field(default="", compare=False)
    """The client's address, or its network where addresses are plentiful; empty if it is not known."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A store, and what the caller may do in it."""

    store: Store
    scopes: frozenset[str]
    credential: str
    """The id of the key (or client) that called; ``system`` for the gateway itself."""
    expires_at: datetime | None = None
    """When the credential stops working (UTC)."""
    quota: Quota | None = None
    """The rate limits of the key itself, which narrow those of the store; None without any."""
    allowed_networks: tuple[tuple[IPv4Network | IPv6Network, ...], ...] = ()
    """Lists of networks: the caller's address must be on each."""
    storefront: Storefront | None = None
    """Set if the caller has a publishable key and so is shown what shoppers may see."""

    def has_scope(self, scope: str) -> bool:
        """Whether the caller has ``scope``."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises Forbidden, naming the missing scope."""
        if scope not in self.scopes:
            raise self.lacks(scope)

    def lacks(self, *scopes: str, purpose: str = "") -> Forbidden:
        """Build the refusal for want of any of ``scopes``. ``purpose``: the rest of its sentence."""
        credential = "access token" if self.credential.startswith("grant_") else "API key"
        needed = " or ".join(scopes)
        return Forbidden(f"The {credential} lacks the scope {needed}{purpose}.", missing_scope=scopes[0])
