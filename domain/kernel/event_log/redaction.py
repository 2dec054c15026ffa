"""Taking a person out of what the log stored. Events stay, with their type, order and changed fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import text

from domain.kernel.use_cases.personal_data import Replacement
from domain.kernel.use_cases.unit_of_work import Signal, UnitOfWork

REDACTED_FIELD = "erased_at"
"""The changed field of an event that reports an erasure. A process that keeps older events in memory drops them."""


@dataclass(frozen=True, slots=True)
class EventsRedacted(Signal):
    """The events of these objects were redacted; data derived from them must be, too."""

    object_ids: Sequence[str]


_REDACT = text("SELECT gateway_redact_events(:object_ids, CAST(:blanks AS jsonb))")


async def redact_events(work: UnitOfWork, object_ids: Sequence[str], blanks: Mapping[str, Replacement]) -> None:
    """Blank these members in the snapshots of the objects' events, as the last step of the transaction. Without any,
    only data derived from the events is redacted.

    One statement for any number of objects. Nothing else alters events: a function of the database does it, for the
    store of the caller only. From this step to the commit, the events of this store get no positions; those of other
    stores do. Lock the objects beforehand, so that none of them gets another event meanwhile.
    """

    async def redact() -> None:
        await work.emit(EventsRedacted(object_ids))
        if not blanks:
            return
        values = {"object_ids": list(object_ids), "blanks": orjson.dumps(blanks).decode()}
        await work.session.execute(_REDACT, values)

    if object_ids:
        work.postpone(redact)
