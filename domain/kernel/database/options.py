"""Where the database is, as whom the gateway works there, and how long it waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.clock import Clock, system_clock
from domain.kernel.use_cases.unit_of_work import SignalHandlers

OWNER_ROLE = "gateway_owner"
APP_ROLE = "gateway_app"
SYSTEM_ROLE = "gateway_system"
STOREFRONT_ROLE = "gateway_storefront"
"""Sees views of the catalog alone, which have what shoppers may see."""
STOREFRONT_SCHEMA = "storefront"
"""Where these views are."""

READ_TIMEOUT = 10.0
"""Timeout of a read in the database, in seconds."""
WRITE_TIMEOUT = 30.0
"""Timeout of a whole writing transaction, in seconds: the scan of the sequencer reaches back 60."""
POOL_WAIT = 2.0
"""Seconds to wait for a free connection; a pool that overflows is worse than one that waits."""

StatementListener = Callable[[str], None]
"""Told the text of every statement sent; for tests."""


Listener = Callable[[Any], None]
"""Told a signal after the fact: it may drop what it remembers, it cannot fail the transaction."""


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Where the database is and how much of it to use."""

    url: str
    """``postgresql://…``; its login is a member of the three roles."""
    system_url: str | None = None
    """A separate login for the system role, if wanted."""
    replica_url: str | None = None
    """A physical standby, for reports; its login as that of ``url``."""
    replica_max_lag: float = 30.0
    """Seconds that it may be behind."""
    read_connections: int = 10
    write_connections: int = 10
    system_connections: int = 4
    """For the gateway's own business: the sequencer, webhooks, maintenance."""
    storefront_connections: int = 10
    """For reads with publishable keys."""
    identity_connections: int = 2
    """Connections for identifying callers, independent of the load of the system pool."""
    read_timeout: float = READ_TIMEOUT
    write_timeout: float = WRITE_TIMEOUT
    observer: StatementListener | None = None
    reactions: SignalHandlers = field(default_factory=dict)
    clock: Clock = system_clock
