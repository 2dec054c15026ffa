"""What access has to tell the other areas, in the same transaction. None of it is in the log."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.use_cases.unit_of_work import Signal


@dataclass(frozen=True, slots=True)
class KeyInvalidated(Signal):
    """A key was revoked, or given an earlier end; whoever remembers it must ask again."""

    key_id: str


@dataclass(frozen=True, slots=True)
class KeyRolled(Signal):
    """A key has a successor, to which belongs from now on what the old one made."""

    key_id: str
    successor_id: str


@dataclass(slots=True)
class KeysRevoked(Signal):
    """Keys were revoked; whoever keeps webhooks of theirs counts them, and disables them when told to."""

    key_ids: tuple[str, ...]
    disables_webhooks: bool
    webhook_count: int = 0
    """How many active ones there were; set by whoever keeps them."""


@dataclass(frozen=True, slots=True)
class StoreOpened(Signal):
    """A store has just been made; the transaction's own store is meant."""


@dataclass(frozen=True, slots=True)
class DocumentsChanged(Signal):
    """A trusted document was registered or removed; whoever remembers those of the store must look again."""

    store: int
    """Its number."""
