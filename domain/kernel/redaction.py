"""Taking a person out of what the log stored. Events stay, with their type, order and changed fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from domain.kernel.work import Signal, Work

REDACTED = "erased_at"
"""The changed field of an event that reports an erasure: whoever keeps older events in memory drops them."""


@dataclass(frozen=True, slots=True)
class EventsRedacted(Signal):
    """The events of an object say less than they did; so must whatever was made from them."""

    object_id: str


_REDACT = text("SELECT gateway_redact_events(:object_id, CAST(:forgotten AS jsonb))")


async def redact_events(work: Work, object_id: str, forgotten: Mapping[str, Any]) -> None:
    """Let the snapshots of one object's events say ``forgotten`` in place of what they said under these names.

    Events are never altered otherwise: the database's own function does it, for the caller's store alone. Lock every
    row that the transaction needs first, since positions wait until it ends.
    """
    await work.flush()
    await work.session.execute(_REDACT, {"object_id": object_id, "forgotten": orjson.dumps(forgotten).decode()})
    await work.react(EventsRedacted(object_id))
