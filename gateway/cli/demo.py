"""The command that loads the demo shop."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from domain.kernel.database import Database
from domain.kernel.principal import Mode
from gateway.cli.console import err, out, run
from gateway.cli.serve import Host, Port
from gateway.database_setup import database_url, run_prepare
from gateway.demo.keys import demo_keys, ensure_encryption_key
from gateway.demo.load import load_demo, open_demo
from gateway.demo.rows import demo_products
from gateway.demo.source_report import source_report
from gateway.server import bind_listener, serve
from gateway.settings import load_settings

app = typer.Typer()


@app.command()
def demo(
    serve_it: Annotated[bool, typer.Option("--serve", help="Start the server afterwards.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Load the demo shop: 1,819 real products and 472 real orders in a live and a test store. Prints a key for each."""
    os.environ.setdefault("GATEWAY_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128")  # receivers under development
    os.environ.setdefault("GATEWAY_INTROSPECTION", "on")  # the shop is there to be looked at
    os.environ.setdefault("GATEWAY_DEMO_IMAGES", "true")
    settings = load_settings()
    ensure_encryption_key(settings)
    if not serve_it:
        _print_demo(run(partial(_load_demo, base=_base(host, port))), _base(host, port))
        return
    with bind_listener(host, port) as listener, database_url(settings, keeps_running=True) as url:
        run_prepare(settings, url)
        base = _base(host, listener.getsockname()[1])
        _print_demo(run(partial(_load_demo, base=base)), base)
        os.environ.setdefault("GATEWAY_PUBLIC_URL", base)  # buyers are sent to the port that is served, whatever it is
        serve(listener, 1, settings)


def _base(host: str, port: int) -> str:
    """The URL of the demo on this machine; a wildcard address is replaced by the loopback address."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what is listened on, not by us
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


async def _load_demo(database: Database, *, base: str) -> dict[Mode, str]:
    stores = await open_demo(database)
    with _bar("Loading the demo shop", len(demo_products()) * len(stores)) as advance:
        for store in stores.values():
            await load_demo(database, store, advance, pictures_at=base)
    for line in source_report():
        err.print(line)
    return await demo_keys(database, load_settings(), stores)


def _print_demo(keys: dict[Mode, str], base: str) -> None:
    query = json.dumps({"query": "{ products(first: 3) { nodes { name price { amount currency } } } }"})
    out.print(
        f"\n  GraphQL    {base}/graphql\n  REST v2    {base}/v2/products\n  OpenAPI    {base}/v2/openapi.json\n"
        f"  Events     {base}/events\n"
        f"  live key   {keys[Mode.LIVE]}\n  test key   {keys[Mode.TEST]}\n\n"
        f"Try:\n\n  curl {base}/graphql -H 'Authorization: Bearer {keys[Mode.LIVE]}' "
        f"-H 'Content-Type: application/json' -d '{query}'\n",
        markup=False,
    )


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
