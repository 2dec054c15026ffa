"""Commands for events: ``gateway events``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from typing import Annotated

import typer

from domain import access, events
from domain.events import EventDocument, EventType
from domain.kernel.database import Database
from domain.kernel.event_log import Checkpoint, EventLog
from domain.kernel.principal import Mode, Store
from gateway.cli.console import run, stores_or_exit
from rest_compat.get_handler import encode_document

events_app = typer.Typer(no_args_is_help=True, help="Read events.")


@events_app.command("tail")
def tail_events(
    account: Annotated[str, typer.Option(help="The name of the account.")],
    mode: Annotated[Mode, typer.Option(help="The store of the account.")] = Mode.LIVE,
    type: Annotated[list[EventType] | None, typer.Option(help="Event type to print. Repeatable. Default: all.")] = None,
    after: Annotated[
        str | None, typer.Option(help="Continue after this event cursor. Default: new events only.")
    ] = None,
) -> None:
    """Print the events of a store as JSON lines until Ctrl-C."""

    async def follow(database: Database) -> None:
        stores = await stores_or_exit(database, account)
        async with aclosing(event_lines(database, stores[mode], type, after)) as lines:
            async for line in lines:
                typer.echo(line)

    run(follow)


async def event_lines(
    database: Database, store: Store, types: Iterable[EventType] | None, after: str | None
) -> AsyncGenerator[str]:
    """Follow the events of the store after a cursor, or from now on, as REST documents, one JSON line each.

    Reads the log itself, so it sees what any server on this database writes, a fifth of a second later. Raises
    MalformedRequest (no event cursor), CursorExpired.
    """
    log, operator = EventLog(database), access.system_principal(store)
    reading = asyncio.create_task(log.run())
    try:
        stream = events.follow(log, events.select_events(operator, types), after)
        async with aclosing(stream) as rows:
            async for row in rows:
                if not isinstance(row, Checkpoint):
                    yield encode_document(EventDocument.of_row(row, operator)).decode()
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
