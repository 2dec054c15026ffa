"""Signals of access to other areas, in the same transaction. They are not in the event log."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.use_cases.unit_of_work import Signal


@dataclass(frozen=True, slots=True)
class KeyInvalidated(Signal):
    """A key was revoked, or its expiry moved forward. Caches of authenticated keys must drop it."""

    key_id: str


@dataclass(frozen=True, slots=True)
class KeyRolled(Signal):
    """A key was rolled. What the old key created belongs to its successor from now on."""

    key_id: str
    successor_id: str


@dataclass(slots=True)
class KeysRevoked(Signal):
    """Keys were revoked. The handler counts their active webhooks, and disables them if ``disables_webhooks``."""

    key_ids: tuple[str, ...]
    disables_webhooks: bool
    webhook_count: int = 0
    """The number of active webhooks; set by the handler."""


@dataclass(frozen=True, slots=True)
class StoreOpened(Signal):
    """The store of this transaction has just been created."""


@dataclass(frozen=True, slots=True)
class DocumentsChanged(Signal):
    """A trusted document was registered or removed. Caches of the store's trusted documents must be refreshed."""

    store: int
    """The number of the store."""
