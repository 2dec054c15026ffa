"""Commands of exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.events.commands import Types, cursor_text
from domain.kernel.fields import UNSET, Json, Metadata, Text, Unset
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO

MAX_QUERY_CHARACTERS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class StartBulkExport:
    """Export what a query selects, with all pages of its connections, as JSON Lines from one snapshot of the store.
    Requires the scopes of the query."""

    query: Annotated[
        str,
        Text(
            min=1,
            max=MAX_QUERY_CHARACTERS,
            description="A GraphQL query whose root fields are connections. Connections may be nested in the nodes of "
            "others. Arguments that select a page (`first`, `after`, `last`, `before`) are ignored.",
            example="{ orders { nodes { id number events { nodes { id type } } } } }",
        ),
    ]
    variables: Annotated[
        Json | Unset, Metadata(description="The values of the variables of the query.", example={})
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class StartEventExport:
    """Export a range of the event log as JSON Lines, oldest first: on each line an event as `GET /v2/events/{id}`
    returns it. Contains only events that the API key may read."""

    types: Types = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    after: Annotated[str | Unset, cursor_text("Export only events after this event cursor.")] = UNSET
    until: Annotated[
        str | Unset, cursor_text("Export only events up to and including this event cursor.", "e1.4200")
    ] = UNSET
