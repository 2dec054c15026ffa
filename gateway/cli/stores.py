"""Accounts, the keys to their stores, and what happens there."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, Literal

import typer

from domain import access
from domain.access.commands import CreateApiKey, RevokeApiKey
from domain.kernel.database import Database
from domain.kernel.principal import Mode, Plan, Store
from domain.webhooks import EventType
from gateway.cli.console import every_row, out, run, stores_of, stores_or_exit
from gateway.demo.load import open_account
from gateway.tailing import tail

accounts_app = typer.Typer(no_args_is_help=True, help="Merchants, each with a live and a test store.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys.")
events_app = typer.Typer(no_args_is_help=True, help="What happens in a store.")


@accounts_app.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="The merchant's name.")],
    plan: Annotated[Plan, typer.Option(help="What the account pays for.")] = Plan.FREE,
    currency: Annotated[str, typer.Option(help="ISO 4217; both stores speak it, for good.")] = "usd",
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Leave the test store empty.")] = False,
) -> None:
    """Open an account with its two stores; the test store gets a small sample shop."""

    async def create(database: Database) -> dict[Mode, Store]:
        return await open_account(database, name, plan=plan, currency=currency.upper(), sample=not no_sample)

    for mode, store in run(create).items():
        out.print(f"{mode.value:5} {store.id}")


@accounts_app.command("introspection")
def set_introspection(
    name: Annotated[str, typer.Argument(help="The merchant's name.")],
    allowed: Annotated[Literal["on", "off"], typer.Argument(help="Whether live keys may introspect.")],
) -> None:
    """Let live keys of an account introspect the GraphQL schema, or not; test keys always may. Within two seconds."""

    async def change(database: Database) -> bool:
        async with database.administering() as administration:
            return await access.allow_introspection(administration, name, allowed=allowed == "on")

    if not run(change):
        raise typer.BadParameter(f"there is no account {name}")
    out.print(f"Introspection with live keys of {name} is {allowed}.", markup=False)


@keys_app.command("create")
def create_key(
    account: Annotated[str, typer.Option(help="The account's name; opened (free plan, usd) when it isn't there.")],
    mode: Annotated[Mode, typer.Option(help="Which of its stores.")],
    scopes: Annotated[str, typer.Option(help="Comma separated, such as products:read,products:write; or all.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the key alone.")] = False,
) -> None:
    """Make a key and print it: the only time it is shown."""

    async def create(database: Database) -> access.IssuedKey:
        stores = await stores_of(database, account)
        if stores is None:
            stores = await open_account(database, account, plan=Plan.FREE, currency="USD", sample=True)
        caller = access.operator(stores[mode])
        command = CreateApiKey(name=name, scopes=tuple(scope.strip() for scope in scopes.split(",")))
        async with database.writing(caller) as work:
            return await access.create_key(work, caller, command)

    issued = run(create)
    out.print(issued.secret if quiet else f"{issued.id}  {' '.join(issued.key.scopes)}\n{issued.secret}", markup=False)


@keys_app.command("list")
def list_keys(account: Annotated[str, typer.Option(help="The account's name.")]) -> None:
    """The keys of both stores of an account, newest first, without their secrets."""

    async def read(database: Database) -> list[str]:
        lines = []
        for mode, store in (await stores_or_exit(database, account)).items():
            async for key in every_row(database, store, access.reads.keys):
                state = "revoked" if key.revoked_at else f"last used {key.last_used_at or 'never'}"
                lines.append(f"{key.id}  {mode.value:4}  {key.hint}  {key.name}  {state}  {' '.join(key.scopes)}")
        return lines

    for line in run(read):
        out.print(line, markup=False)


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id (key_…).")],
    account: Annotated[str, typer.Option(help="The account's name.")],
) -> None:
    """End a key: at once in this process, within two seconds in a running server."""

    async def revoke(database: Database) -> None:
        for store in (await stores_or_exit(database, account)).values():
            async with database.reading(store) as reader:
                found = await access.reads.key_by_id.for_key(reader, key_id)
            if found is not None:
                caller = access.operator(store)
                async with database.writing(caller) as work:
                    await access.revoke_key(work, caller, RevokeApiKey(id=key_id))
                return
        raise typer.BadParameter(f"{account} has no key {key_id}")

    run(revoke)
    out.print(f"{key_id} is revoked.")


@events_app.command("tail")
def tail_events(
    account: Annotated[str, typer.Option(help="The account's name.")],
    mode: Annotated[Mode, typer.Option(help="Which of its stores.")] = Mode.LIVE,
    type: Annotated[list[EventType] | None, typer.Option(help="Only these; may be given again.")] = None,
    after: Annotated[str | None, typer.Option(help="The cursor of the last event seen; else from now on.")] = None,
) -> None:
    """Print a store's events as a running server places them in the log, a JSON document a line, until Ctrl-C."""

    async def follow(database: Database) -> None:
        stores = await stores_or_exit(database, account)
        async with aclosing(tail(database, stores[mode], type, after)) as lines:
            async for line in lines:
                typer.echo(line)

    run(follow)
