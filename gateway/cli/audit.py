"""Commands for the audit log: ``gateway audit``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from domain import access
from domain.access.documents import AuditDocument
from domain.access.list_filters import AuditEntryFilter
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest, ValidationFailed, with_names
from domain.kernel.fields import read_command, refuse_reversed
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from domain.kernel.principal import Mode, Store
from gateway.cli.console import run, stores_or_exit
from rest_compat.get_handler import encode_document
from rest_compat.wire_format import WIRE_FORMAT

POLL_SECONDS = 1.0
MAX_LINES = 200
_OPTIONS = {
    "action": "--action",
    "actor": "--actor",
    "object_id": "--object",
    "created_from": "--from",
    "created_to": "--to",
}
audit_app = typer.Typer(no_args_is_help=True, help="Read the audit log.")


@audit_app.command("tail")
def tail_audit_log(  # noqa: PLR0917 - one each for the options
    account: Annotated[str, typer.Option(help="The name of the account.")],
    mode: Annotated[Mode, typer.Option(help="The store of the account.")] = Mode.LIVE,
    action: Annotated[
        list[str] | None, typer.Option(help="Action to print, such as key.created. Repeatable. Default: all.")
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(help="Id of an API key, grant, client or user, or system. Repeatable. Default: all."),
    ] = None,
    object: Annotated[
        list[str] | None, typer.Option(help="Id of what was changed or exported. Repeatable. Default: all.")
    ] = None,
    created_from: Annotated[str | None, typer.Option("--from", help="Time or day (UTC) of the first entry.")] = None,
    created_to: Annotated[str | None, typer.Option("--to", help="Time or day (UTC) of the last entry.")] = None,
    lines: Annotated[int, typer.Option(min=0, max=MAX_LINES, help="Number of past entries to begin with.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", help="Print new entries until Ctrl-C.")] = False,
) -> None:
    """Print the latest entries of the audit log of a store as JSON lines, oldest first."""
    given = {
        "action": action,
        "actor": actor,
        "object_id": object,
        "created_from": created_from,
        "created_to": created_to,
    }
    filters = _read_filters({name: value for name, value in given.items() if value})

    async def tail(database: Database) -> None:
        stores = await stores_or_exit(database, account)
        async for line in audit_lines(database, stores[mode], filters, lines, follow=follow):
            typer.echo(line)

    run(tail)


async def audit_lines(
    database: Database, store: Store, filters: Mapping[str, Any], count: int, *, follow: bool
) -> AsyncGenerator[str]:
    """The latest ``count`` entries that match as REST documents, one JSON line each; with ``follow``, new ones every
    second. ``filters``: those of the list.
    """
    operator = access.system_principal(store)
    latest: datetime | None = None
    printed: set[str] = set()
    rows = await _newest(database, store, filters, max(count, 1))
    for row in reversed(rows):
        latest, printed = row.created_at, {*printed, row.id}
        if count:
            yield encode_document(AuditDocument.of_row(row, operator)).decode()
    while follow:
        await asyncio.sleep(POLL_SECONDS)
        since = {} if latest is None else {"created_from": latest}
        for row in reversed(await _newest(database, store, {**filters, **since}, MAX_LINES)):
            if row.id not in printed:
                latest, printed = row.created_at, {*printed, row.id}
                yield encode_document(AuditDocument.of_row(row, operator)).decode()


def _read_filters(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The filters, with the limits of the list. Raises BadParameter."""
    try:
        read = read_command(AuditEntryFilter, given, WIRE_FORMAT, "")
        filters = {name: getattr(read, name) for name in given}
        refuse_reversed(filters, "created_from", "created_to")
    except (ValidationFailed, MalformedRequest) as refused:
        problem = refused.problems[0]
        message = with_names(problem.message, _OPTIONS.__getitem__)
        raise typer.BadParameter(f"{_OPTIONS[str(problem.path[0])]}: {message}") from refused
    return filters


async def _newest(database: Database, store: Store, filters: Mapping[str, Any], count: int) -> list[Any]:
    """Entries, the newest first."""
    async with database.read_connection(store) as db:
        page = await access.reads.audit_log.page(db, Query(Window(count, None), filters))
    return list(page.rows)
