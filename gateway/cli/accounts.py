"""Commands for accounts and API keys: ``gateway accounts``, ``gateway keys``."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from domain import access
from domain.access.commands import MAX_OVERLAP, CreateApiKey, RevokeApiKey, RollApiKey
from domain.kernel.database import Database
from domain.kernel.fields import UNSET
from domain.kernel.principal import Mode, Plan, Store
from gateway.cli.console import all_rows, out, run, store_of, stores_of, stores_or_exit
from gateway.demo.load import open_account

accounts_app = typer.Typer(no_args_is_help=True, help="Manage accounts. Each has a live and a test store.")
keys_app = typer.Typer(no_args_is_help=True, help="Manage API keys.")


@accounts_app.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="The name of the account.")],
    plan: Annotated[Plan, typer.Option(help="The plan of the account.")] = Plan.FREE,
    currency: Annotated[
        str, typer.Option(help="Currency of both stores, as an ISO 4217 code. Cannot be changed later.")
    ] = "usd",
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Leave the test store empty.")] = False,
) -> None:
    """Create an account with a live and a test store. The test store gets sample data."""

    async def create(database: Database) -> dict[Mode, Store]:
        return await open_account(database, name, plan=plan, currency=currency.upper(), sample=not no_sample)

    for mode, store in run(create).items():
        out.print(f"{mode.value:5} {store.id}")


@accounts_app.command("introspection")
def set_introspection(
    name: Annotated[str, typer.Argument(help="The name of the account.")],
    allowed: Annotated[Literal["on", "off"], typer.Argument(help="Whether live keys may introspect.")],
) -> None:
    """Allow or forbid introspection with the live keys of an account. Running servers notice within two seconds."""

    async def change(database: Database) -> bool:
        async with database.admin_transaction() as administration:
            return await access.allow_introspection(administration, name, allowed=allowed == "on")

    if not run(change):
        raise typer.BadParameter(f"there is no account {name}")
    out.print(f"Introspection with live keys of {name} is {allowed}.", markup=False)


@accounts_app.command("limits")
def set_limits(
    name: Annotated[str, typer.Argument(help="The name of an account on the enterprise plan.")],
    hour: Annotated[int | None, typer.Option(min=1, help="Requests per hour. Default: those of the plan.")] = None,
    day: Annotated[int | None, typer.Option(min=1, help="Requests per day. Default: those of the plan.")] = None,
) -> None:
    """Set the rate limits of each store of an enterprise account. Running servers notice within two seconds."""

    async def change(database: Database) -> bool:
        async with database.admin_transaction() as administration:
            return await access.set_account_limits(administration, name, hourly=hour, daily=day)

    if not run(change):
        raise typer.BadParameter(f"there is no account {name}")
    figures = (f"{'the figure of the plan' if each is None else format(each, ',')}" for each in (hour, day))
    out.print("Requests of each store per hour: {}; per day: {}.".format(*figures), markup=False)


@accounts_app.command("addresses")
def set_addresses(
    name: Annotated[str, typer.Argument(help="The name of an account on the enterprise plan.")],
    allow: Annotated[
        list[str] | None,
        typer.Option(help="An address or network (CIDR) from which its keys work; repeatable. Default: everywhere."),
    ] = None,
) -> None:
    """Set from where the API keys of an enterprise account work. Running servers notice within two seconds."""

    async def change(database: Database) -> bool:
        async with database.admin_transaction() as administration:
            return await access.set_account_addresses(administration, name, allow or ())

    if not run(change):
        raise typer.BadParameter(f"there is no account {name}")
    out.print(f"Keys of {name} work from {', '.join(allow or ('everywhere',))}.", markup=False)


@accounts_app.command("list")
def list_accounts() -> None:
    """List all accounts with their plans and stores."""

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
    account: Annotated[str, typer.Option(help="The name of the account.")],
    mode: Annotated[Mode, typer.Option(help="The store: live or test.")],
    scopes: Annotated[
        str | None,
        typer.Option(help="Scopes, comma-separated, such as products:read,products:write; or all. Of a secret key."),
    ] = None,
    name: Annotated[str, typer.Option(help="The name of the key.")] = "command line",
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Create a publishable key that works from this page (https://shop.example); repeatable."),
    ] = None,
    metadata_key: Annotated[
        list[str] | None, typer.Option(help="A key of metadata that a publishable key shows; repeatable.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the key.")] = False,
    opens: Annotated[
        bool, typer.Option("--create-account", help="Create the account (free plan, usd) if it does not exist.")
    ] = False,
) -> None:
    """Create an API key and print it. It cannot be shown again."""

    async def create(database: Database) -> access.IssuedKey:
        stores = await stores_of(database, account)
        if stores is None and not opens:
            raise typer.BadParameter(f"there is no account named {account!r}; use --create-account to create it")
        if stores is None:
            stores = await open_account(database, account, plan=Plan.FREE, currency="USD", sample=True)
        caller = access.system_principal(stores[mode])
        command = CreateApiKey(
            name=name,
            type=access.KeyType.PUBLISHABLE if origin else access.KeyType.SECRET,
            scopes=UNSET if scopes is None else tuple(scope.strip() for scope in scopes.split(",")),
            origins=tuple(origin or ()),
            metadata_keys=tuple(metadata_key or ()),
        )
        async with database.transaction(caller) as work:
            return await access.create_key(work, caller, command)

    _print_issued(run(create), quiet=quiet)


@keys_app.command("list")
def list_keys(account: Annotated[str, typer.Option(help="The name of the account.")]) -> None:
    """List the API keys of both stores of an account, newest first: with their scopes, publishable ones with their
    origins."""

    async def read(database: Database) -> list[str]:
        lines = []
        for mode, store in (await stores_or_exit(database, account)).items():
            async for key in all_rows(database, store, access.reads.keys):
                state = "revoked" if key.revoked_at else f"last used {key.last_used_at or 'never'}"
                if not key.revoked_at and key.rotation_due_at <= database.clock():
                    state += f", roll it: {(database.clock() - key.created_at).days} days old"
                terms = " ".join(key.origins or key.scopes)
                lines.append(f"{key.id}  {mode.value:4}  {key.hint}  {key.name}  {state}  {terms}")
        return lines

    for line in run(read):
        out.print(line, markup=False)


@keys_app.command("roll")
def roll_key(
    key_id: Annotated[str, typer.Argument(help="The id of the key (key_…).")],
    account: Annotated[str, typer.Option(help="The name of the account.")],
    overlap: Annotated[
        int, typer.Option(min=0, max=MAX_OVERLAP, help="Seconds for which the old key stays valid.")
    ] = 86_400,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the new key.")] = False,
) -> None:
    """Replace an API key and print the new one. It cannot be shown again and takes over the webhooks of the old key."""

    async def roll(database: Database) -> access.IssuedKey:
        caller = access.system_principal(await store_of(database, account, access.reads.key_by_id, key_id, "key"))
        async with database.transaction(caller) as work:
            return await access.roll_key(work, caller, RollApiKey(id=key_id, overlap_seconds=overlap))

    _print_issued(run(roll), quiet=quiet)


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The id of the key (key_…).")],
    account: Annotated[str, typer.Option(help="The name of the account.")],
    webhooks: Annotated[
        access.LeftWebhooks, typer.Option(help="What happens to the webhooks that the key created.")
    ] = access.LeftWebhooks.KEEP,
) -> None:
    """Revoke an API key and the keys it created. Running servers notice within two seconds."""

    async def revoke(database: Database) -> access.RevokedKey:
        caller = access.system_principal(await store_of(database, account, access.reads.key_by_id, key_id, "key"))
        async with database.transaction(caller) as work:
            return await access.revoke_key(work, caller, RevokeApiKey(id=key_id, webhooks=webhooks))

    revoked = run(revoke)
    left = "disabled" if webhooks is access.LeftWebhooks.DISABLE else "kept"
    out.print(f"{key_id} is revoked.")
    out.print(f"Keys revoked with it: {revoked.key_count}; webhooks {left}: {revoked.webhook_count}.")


def _print_issued(issued: access.IssuedKey, *, quiet: bool) -> None:
    out.print(issued.secret if quiet else f"{issued.id}  {' '.join(issued.key.scopes)}\n{issued.secret}", markup=False)
