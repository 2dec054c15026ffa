"""The events of a range, as an export writes them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.events import EventDocument, payload_of
from domain.jobs.execution import JobFailedError
from domain.jobs.operations import ExportedObject
from domain.kernel.errors import CursorExpired
from domain.kernel.event_log import HORIZON, require_retained
from domain.kernel.events import EventRow
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import INSTANT

BATCH_SIZE = 100
"""Events that are read at a time: at most 6 MB."""
ALL_POSITIONS = 2**63 - 1

_event = EventRow.__table__.c
_BATCH = compile_select(
    select(
        _event.id,
        _event.position,
        _event.type,
        _event.object_id,
        _event.sequence,
        _event.snapshot,
        _event.changed_fields,
        _event.created_at,
    )
    .where(
        _event.store_id == STORE,
        _event.position > bindparam("position", type_=BigInteger()),
        _event.position <= bindparam("until", type_=BigInteger()),
        _event.position > HORIZON.scalar_subquery(),
        _event.type == any_(bindparam("types", type_=ARRAY(Text))),
        _event.created_at >= bindparam("created_from", type_=INSTANT),
        _event.created_at <= bindparam("created_to", type_=INSTANT),
    )
    .order_by(_event.position)
    .limit(bindparam("limit", type_=Integer())),
    "exported_event",
)


async def exported_events(
    parameters: Mapping[str, Any], principal: Principal, snapshot: Executor
) -> AsyncGenerator[ExportedObject]:
    """The events of a job's range, oldest first. Raises JobFailedError (the first of them were dropped while the job
    waited), Unavailable."""
    if parameters["after"]:
        await _require_first(snapshot, parameters["after"])
    values = {
        "until": parameters["until"],
        "types": parameters["types"],
        "created_from": datetime.fromisoformat(parameters["created_from"]),
        "created_to": datetime.fromisoformat(parameters["created_to"]),
        "limit": BATCH_SIZE,
    }
    position = parameters["after"]
    while rows := await snapshot.rows(_BATCH, {**values, "position": position}):
        for row in rows:
            yield ExportedObject(row.type, payload_of(EventDocument.of_row(row, principal)))
        position = rows[-1].position


async def _require_first(snapshot: Executor, after: int) -> None:
    """Raises JobFailedError unless the events after a cursor are stored: a file without them would look whole."""
    try:
        await require_retained(snapshot, after)
    except CursorExpired as error:
        raise JobFailedError(str(error)) from None
