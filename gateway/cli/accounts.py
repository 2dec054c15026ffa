"""Commands for accounts and API keys: ``gateway accounts``, ``gateway keys``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from domain import access
from domain.access.commands import MAX_OVERLAP, CreateApiKey, RevokeApiKey, RollApiKey
from domain.kernel.database import Database
from domain.kernel.principal import Mode, Plan, Store
from gateway.cli.console import all_rows, out, run, store_of, stores_of, stores_or_exit
from gateway.demo.load import open_account

accounts_app = typer.Typer(no_args_is_help=True, help="Merchants, each with a live and a test store.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys.")


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
        async with database.admin_transaction() as administration:
            return await access.allow_introspection(administration, name, allowed=allowed == "on")

    if not run(change):
        raise typer.BadParameter(f"there is no account {name}")
    out.print(f"Introspection with live keys of {name} is {allowed}.", markup=False)


@accounts_app.command("list")
def list_accounts() -> None:
    """All accounts by name, with their plans and stores."""

    async def read(database: Database) -> list[access.OpenedAccount]:
        async with database.admin_transaction() as administration:
            return await access.every_account(administration)

    for account in run(read):
        stores = [f"{mode.value} {store.id}" for mode, store in sorted(account.stores.items())]
        currency = next((store.currency.lower() for store in account.stores.values()), "")
        line = (account.id, account.name, account.plan.value, currency, f"{account.created_at:%Y-%m-%d}", *stores)
        out.print("  ".join(line), markup=False)


@keys_app.command("create")
def create_key(  # noqa: PLR0917 - one each for the options
    account: Annotated[str, typer.Option(help="The account's name.")],
    mode: Annotated[Mode, typer.Option(help="Which of its stores.")],
    scopes: Annotated[str, typer.Option(help="Comma separated, such as products:read,products:write; or all.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "command line",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the key alone.")] = False,
    opens: Annotated[
        bool, typer.Option("--create-account", help="Open the account (free plan, usd) when it isn't there.")
    ] = False,
) -> None:
    """Make a key and print it: the only time it is shown."""

    async def create(database: Database) -> access.IssuedKey:
        stores = await stores_of(database, account)
        if stores is None and not opens:
            raise typer.BadParameter(f"there is no account named {account!r}; --create-account opens it")
        if stores is None:
            stores = await open_account(database, account, plan=Plan.FREE, currency="USD", sample=True)
        caller = access.system_principal(stores[mode])
        command = CreateApiKey(name=name, scopes=tuple(scope.strip() for scope in scopes.split(",")))
        async with database.transaction(caller) as work:
            return await access.create_key(work, caller, command)

    _print_issued(run(create), quiet=quiet)


@keys_app.command("list")
def list_keys(account: Annotated[str, typer.Option(help="The account's name.")]) -> None:
    """The keys of both stores of an account, newest first, without their secrets."""

    async def read(database: Database) -> list[str]:
        lines = []
        for mode, store in (await stores_or_exit(database, account)).items():
            async for key in all_rows(database, store, access.reads.keys):
                state = "revoked" if key.revoked_at else f"last used {key.last_used_at or 'never'}"
                lines.append(f"{key.id}  {mode.value:4}  {key.hint}  {key.name}  {state}  {' '.join(key.scopes)}")
        return lines

    for line in run(read):
        out.print(line, markup=False)


@keys_app.command("roll")
def roll_key(
    key_id: Annotated[str, typer.Argument(help="The key's id (key_…).")],
    account: Annotated[str, typer.Option(help="The account's name.")],
    overlap: Annotated[int, typer.Option(min=0, max=MAX_OVERLAP, help="Seconds for which it still works.")] = 86_400,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the new key alone.")] = False,
) -> None:
    """Make a key's successor and print it: the only time it is shown. It takes over the old one's webhooks and keys."""

    async def roll(database: Database) -> access.IssuedKey:
        caller = access.system_principal(await store_of(database, account, access.reads.key_by_id, key_id, "key"))
        async with database.transaction(caller) as work:
            return await access.roll_key(work, caller, RollApiKey(id=key_id, overlap_seconds=overlap))

    _print_issued(run(roll), quiet=quiet)


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id (key_…).")],
    account: Annotated[str, typer.Option(help="The account's name.")],
    webhooks: Annotated[
        access.LeftWebhooks, typer.Option(help="What becomes of the webhooks that it made.")
    ] = access.LeftWebhooks.KEEP,
) -> None:
    """End a key, and the keys that it made: at once in this process, within two seconds in a running server."""

    async def revoke(database: Database) -> access.RevokedKey:
        caller = access.system_principal(await store_of(database, account, access.reads.key_by_id, key_id, "key"))
        async with database.transaction(caller) as work:
            return await access.revoke_key(work, caller, RevokeApiKey(id=key_id, webhooks=webhooks))

    revoked = run(revoke)
    left = "disabled" if webhooks is access.LeftWebhooks.DISABLE else "kept"
    out.print(f"{key_id} is revoked.")
    out.print(f"Keys ended with it: {revoked.key_count}; webhooks {left}: {revoked.webhook_count}.")


def _print_issued(issued: access.IssuedKey, *, quiet: bool) -> None:
    out.print(issued.secret if quiet else f"{issued.id}  {' '.join(issued.key.scopes)}\n{issued.secret}", markup=False)
