"""Reads of the event log: events that have a position and are retained, oldest first.

Restricting them to what a caller may read is a filter: see ``check_filters``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Select, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.event_log import HORIZON, require_retained
from domain.kernel.events import EventRow
from domain.kernel.listing import FilterClause, Listing
from domain.kernel.listing.filters import one_of
from domain.kernel.listing.nested import NestedListing
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.tables import KEY_TEXT

_event = EventRow.__table__.c

_EVENTS = select(
    _event.id,
    _event.position,
    _event.type,
    _event.object_id,
    _event.sequence,
    _event.snapshot,
    _event.changed_fields,
    _event.created_at,
).where(_event.position > HORIZON.scalar_subquery())


def _of_types(statement: Select[Any]) -> Select[Any]:
    return statement.where(_event.type == any_(bindparam("types", type_=ARRAY(Text))))


def _of_object(statement: Select[Any]) -> Select[Any]:
    return statement.where(_event.object_id == bindparam("object_id", type_=KEY_TEXT))


def _after(statement: Select[Any]) -> Select[Any]:
    return statement.where(_event.position > bindparam("after_position", type_=BigInteger()))


async def _require_retained(db: Executor, values: Mapping[str, Any]) -> None:
    for value, parameter in (("after_position", "after"), ("after_key", "cursor")):
        if value in values:
            await require_retained(db, values[value], parameter)


_TYPES, _OBJECT, _AFTER = FilterClause(_of_types), FilterClause(_of_object), FilterClause(_after)

event_by_id = Read("event_by_id", _EVENTS, scope=None, store=_event.store_id, key=_event.id)
every_event_by_object = Read(
    "every_event_by_object",
    _EVENTS,
    scope=None,
    store=_event.store_id,
    key=_event.object_id,
    order=(_event.object_id, _event.position),
    many=True,
)
events = Listing(
    "events",
    _EVENTS,
    scope=None,
    store=_event.store_id,
    id=_event.id,
    sorts={"position": _event.position},
    default_sort="position",
    default_descending=False,
    filters={
        "types": lambda types: (_TYPES, {"types": [str(type) for type in types]}),
        "object_id": lambda object_id: (_OBJECT, {"object_id": object_id}),
        "object_ids": one_of("object_ids", _event.object_id, ("position",)),
        "after": lambda position: (_AFTER, {"after_position": position}),
    },
    kept=_require_retained,
)
events_by_object = NestedListing("events_by_object", events, _event.object_id)
