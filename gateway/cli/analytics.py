"""Commands for the figures of reports: ``gateway analytics``."""

from __future__ import annotations

from typing import Annotated

import typer

from domain import analytics
from domain.kernel.database import Database
from domain.kernel.principal import Mode
from gateway.cli.console import out, run, stores_or_exit

MAX_LINES = 100
analytics_app = typer.Typer(no_args_is_help=True, help="Rebuild and check the figures of reports.")

Account = Annotated[str, typer.Option(help="The name of the account.")]
StoreMode = Annotated[Mode, typer.Option(help="The store of the account.")]


@analytics_app.command("rebuild")
def rebuild(account: Account, mode: StoreMode = Mode.LIVE) -> None:
    """Read the figures of a store from its orders again. Servers and workers can go on meanwhile."""

    async def read_again(database: Database) -> int:
        store = (await stores_or_exit(database, account))[mode].number
        await analytics.start_rebuild(database, store)
        orders = 0
        while batch := await analytics.rebuild_batch(database, store):
            orders += batch.orders
        return orders

    out.print(f"{run(read_again):,} orders were read.", markup=False)


@analytics_app.command("check")
def check(account: Account, mode: StoreMode = Mode.LIVE) -> None:
    """Compare the figures of a store with its orders. Prints what differs, and exits with 1 if anything does.

    Orders that have changed since the worker read them are left out.
    """

    async def compare(database: Database) -> int:
        store = (await stores_or_exit(database, account))[mode].number
        count = 0
        async for each in analytics.recount(database, store):
            count += 1
            if count <= MAX_LINES:
                out.print(str(each), markup=False)
        return count

    count = run(compare)
    if count:
        out.print(f"{count:,} differences. Run `gateway analytics rebuild` to correct them.", markup=False)
        raise typer.Exit(1)
    out.print("The figures agree with the orders.")
