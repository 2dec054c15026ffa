"""The principal: the authenticated caller. Code below the transports never reads a header."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kernel.errors import Forbidden


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
    introspection: bool = False
    """Whether the account lets its live keys ask what the GraphQL schema is."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A store, and what the caller may do in it."""

    store: Store
    scopes: frozenset[str]
    credential: str
    """The id of the key (or client) that called; ``system`` for the gateway itself."""
    expires_at: datetime | None = None
    """When the credential stops working (UTC)."""

    def has_scope(self, scope: str) -> bool:
        """Whether the caller has ``scope``."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raises Forbidden, naming the missing scope."""
        if scope not in self.scopes:
            raise Forbidden(f"The API key lacks the scope {scope}.", missing_scope=scope)
