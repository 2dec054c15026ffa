"""The command line: ``gateway --help``. What the dashboard of the hosted platform does, an operator does here."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing, contextmanager
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

import rest_compat.openapi
import schema as graphql_schema
from domain import access
from domain.access.commands import CreateApiKey, RevokeApiKey
from domain.kernel.database import Database, RoleError
from domain.kernel.errors import DomainError
from domain.kernel.listing import Query
from domain.kernel.paging import MAX_LIMIT, Window
from domain.kernel.principal import Mode, Plan, Store
from domain.kernel.sql import Row
from domain.migrations import MigrationError
from domain.webhooks import EventType
from gateway.connecting import CannotServeError, connected, database_url, migrate, run_prepare
from gateway.demo.keys import demo_keys, made_encryption_key
from gateway.demo.load import load_demo, open_account, open_demo
from gateway.demo.rows import demo_products
from gateway.demo.sources import told
from gateway.embedded_postgres import EmbeddedPostgresError
from gateway.serving import AddressTakenError, listen, serve, stop_on_sigterm
from gateway.settings import Settings, SettingsError, load_settings, secrets_of, shown
from gateway.tailing import tail
from gateway.telemetry.logs import configure_logging
from gateway.worker import work_until_stopped

R = TypeVar("R")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="An e-commerce API gateway: GraphQL and REST v2.")
accounts_app = typer.Typer(no_args_is_help=True, help="Merchants, each with a live and a test store.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys.")
events_app = typer.Typer(no_args_is_help=True, help="What happens in a store.")
app.add_typer(accounts_app, name="accounts")
app.add_typer(keys_app, name="keys")
app.add_typer(events_app, name="events")
out, err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(envvar="PORT", min=0, max=65_535, help="The port to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that serve.")]

EXPECTED = (
    SettingsError,
    EmbeddedPostgresError,
    AddressTakenError,
    CannotServeError,
    RoleError,
    MigrationError,
    OSError,
)
"""Failures of the surroundings: a message for a person, no traceback."""


def main() -> None:
    """The entry of the ``gateway`` command."""
    stop_on_sigterm()
    try:
        app()
    except DomainError as refused:
        err.print(f"[red]{refused.message}[/red]")
        raise SystemExit(1) from None
    except EXPECTED as failure:
        err.print(f"[red]{failure}[/red]")
        raise SystemExit(1) from None


@app.command("serve")
def serve_command(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1) -> None:
    """Serve GraphQL and REST until Ctrl-C or SIGTERM."""
    settings = load_settings()
    _ = settings.keyring  # a missing key is told now, not by every worker
    if workers > 1 and settings.redis_url is None:
        raise SettingsError("several workers wake each other by Redis: set GATEWAY_REDIS_URL, or serve with one")
    with listen(host, port) as listener, database_url(settings) as url:
        run_prepare(settings, url)
        err.print(f"Serving on http://{host}:{listener.getsockname()[1]}")
        if workers > 1:
            err.print("Webhooks are sent by `gateway worker`, beside these processes.")
        serve(listener, workers, settings)


@app.command()
def worker() -> None:
    """Work beside the servers: send webhooks; make partitions ahead, remove expired records, old events, deliveries."""
    settings = load_settings()
    configure_logging(settings.log_level, secrets_of(settings))

    async def work(database: Database) -> None:
        err.print("Working; Ctrl-C stops.")
        await work_until_stopped(settings, database)

    _run(work)


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the tables and roles this version needs."""
    settings = load_settings()
    with database_url(settings) as url:
        asyncio.run(migrate(settings, url))
    out.print("The database is up to date.")


@app.command()
def demo(
    serve_it: Annotated[bool, typer.Option("--serve", help="Serve it, too.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Make the demo shop: an account with 1,819 real products and 472 real orders in both stores, a key to each."""
    os.environ.setdefault("GATEWAY_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128")  # receivers under development
    settings = load_settings()
    made_encryption_key(settings)
    if not serve_it:
        _print_demo(_run(_load_demo), host, port)
        return
    with listen(host, port) as listener, database_url(settings) as url:
        run_prepare(settings, url)
        _print_demo(_run(_load_demo), host, listener.getsockname()[1])
        serve(listener, 1, settings)


async def _load_demo(database: Database) -> dict[Mode, str]:
    stores = await open_demo(database)
    with _bar("Loading the demo shop", len(demo_products()) * len(stores)) as advance:
        for store in stores.values():
            await load_demo(database, store, advance)
    for line in told():
        err.print(line)
    return await demo_keys(database, load_settings(), stores)


def _print_demo(keys: dict[Mode, str], host: str, port: int) -> None:
    base = f"http://{host}:{port}"
    query = json.dumps({"query": "{ products(first: 3) { nodes { name price { amount currency } } } }"})
    out.print(
        f"\n  GraphQL    {base}/graphql\n  REST v2    {base}/v2/products\n  OpenAPI    {base}/v2/openapi.json\n"
        f"  Events     {base}/events\n"
        f"  live key   {keys[Mode.LIVE]}\n  test key   {keys[Mode.TEST]}\n\n"
        f"Try:\n\n  curl {base}/graphql -H 'Authorization: Bearer {keys[Mode.LIVE]}' "
        f"-H 'Content-Type: application/json' -d '{query}'\n",
        markup=False,
    )


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

    for mode, store in _run(create).items():
        out.print(f"{mode.value:5} {store.id}")


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
        stores = await _stores(database, account)
        if stores is None:
            stores = await open_account(database, account, plan=Plan.FREE, currency="USD", sample=True)
        caller = access.operator(stores[mode])
        command = CreateApiKey(name=name, scopes=tuple(scope.strip() for scope in scopes.split(",")))
        async with database.writing(caller) as work:
            return await access.create_key(work, caller, command)

    issued = _run(create)
    out.print(issued.secret if quiet else f"{issued.id}  {' '.join(issued.key.scopes)}\n{issued.secret}", markup=False)


@keys_app.command("list")
def list_keys(account: Annotated[str, typer.Option(help="The account's name.")]) -> None:
    """The keys of both stores of an account, newest first, without their secrets."""

    async def read(database: Database) -> list[str]:
        lines = []
        for mode, store in (await _stores_or_exit(database, account)).items():
            async for key in _every_key(database, store):
                state = "revoked" if key.revoked_at else f"last used {key.last_used_at or 'never'}"
                lines.append(f"{key.id}  {mode.value:4}  {key.hint}  {key.name}  {state}  {' '.join(key.scopes)}")
        return lines

    for line in _run(read):
        out.print(line, markup=False)


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's id (key_…).")],
    account: Annotated[str, typer.Option(help="The account's name.")],
) -> None:
    """End a key: at once in this process, within two seconds in a running server."""

    async def revoke(database: Database) -> None:
        for store in (await _stores_or_exit(database, account)).values():
            async with database.reading(store) as reader:
                found = await access.reads.key_by_id.for_key(reader, key_id)
            if found is not None:
                caller = access.operator(store)
                async with database.writing(caller) as work:
                    await access.revoke_key(work, caller, RevokeApiKey(id=key_id))
                return
        raise typer.BadParameter(f"{account} has no key {key_id}")

    _run(revoke)
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
        stores = await _stores_or_exit(database, account)
        async with aclosing(tail(database, stores[mode], type, after)) as lines:
            async for line in lines:
                typer.echo(line)

    _run(follow)


@app.command("schema")
def print_schema() -> None:
    """Print the GraphQL schema (SDL)."""
    typer.echo(graphql_schema.schema.as_str())


@app.command("openapi")
def print_openapi() -> None:
    """Print the OpenAPI document of REST v2."""
    typer.echo(json.dumps(rest_compat.openapi.document(), indent=2))


@app.command("settings")
def print_settings() -> None:
    """Print every setting and its value, secrets masked."""
    for name, value in shown(load_settings()).items():
        out.print(f"{name}={value}", markup=False)


def _run(command: Callable[[Database], Awaitable[R]]) -> R:
    """Run one command on the database that is set. Raises as ``connected``."""

    async def run(settings: Settings) -> R:
        async with connected(settings) as database:
            return await command(database)

    return asyncio.run(run(load_settings()))


async def _stores(database: Database, account: str) -> dict[Mode, Store] | None:
    async with database.administering() as administration:
        return await access.find_stores(administration, account)


async def _stores_or_exit(database: Database, account: str) -> dict[Mode, Store]:
    stores = await _stores(database, account)
    if stores is None:
        raise typer.BadParameter(f"there is no account named {account!r}")
    return stores


async def _every_key(database: Database, store: Store) -> AsyncGenerator[Row]:
    cursor = None
    while True:
        async with database.reading(store) as reader:
            page = await access.reads.keys.page(reader, Query(Window(MAX_LIMIT, cursor)))
        for row in page.rows:
            yield row
        if not page.has_next:
            return
        cursor = page.cursor(page.rows[-1])


@contextmanager
def _bar(title: str, total: int) -> Generator[Callable[[int], None]]:
    """A progress bar on a terminal, two plain lines elsewhere."""
    if not err.is_terminal:
        err.print(f"{title}: {total} products")
        yield lambda _: None
        err.print(f"{title}: done")
        return
    with Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), console=err) as progress:
        task = progress.add_task(title, total=total)
        yield lambda step: progress.advance(task, step)
