"""The event log in GraphQL: its list, one event, and the live stream."""

from __future__ import annotations

import strawberry

import resolvers.events
from domain import events
from domain.events.commands import EventFilter, EventStreamFilter
from schema.event_interface import Event
from schema.fields import listing, lookup, subscription
from schema.relay import Connection


@strawberry.type(description="A page of events.")
class EventConnection(Connection[Event]):
    """A page of the event log."""


@strawberry.type
class EventsQuery:
    """Queries of events."""

    event: Event | None = lookup(
        resolvers.events.event,
        events.reads.event_by_id,
        description="Fetch an event. Null if it does not exist or the API key may not read it.",
        sees=events.may_read,
        seen_by=("type",),
    )
    events: EventConnection = listing(
        events.reads.events,
        description="List events, oldest first. Contains only events that the API key may read.",
        filter=EventFilter,
        check_filters=events.check_filters,
    )


@strawberry.type
class EventsSubscription:
    """Subscriptions to events."""

    events: Event = subscription(
        resolvers.events.follow,
        filter=EventStreamFilter,
        description="Receive events live. With `after`, missed events are sent first, without gaps or duplicates.",
    )
