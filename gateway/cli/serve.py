"""Commands to serve, to run a worker, to migrate, and to load the demo shop."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from domain.kernel.database import Database
from domain.kernel.principal import Mode
from gateway.cli.console import err, out, run
from gateway.database_setup import database_url, migrate, run_prepare
from gateway.demo.keys import demo_keys, ensure_encryption_key
from gateway.demo.load import load_demo, open_demo
from gateway.demo.rows import demo_products
from gateway.demo.source_report import source_report
from gateway.server import bind_listener, metrics_endpoint, serve
from gateway.settings import SettingsError, load_settings, secrets_of
from gateway.telemetry import Telemetry
from gateway.telemetry.logs import configure_logging
from gateway.worker import run_worker_until_stopped
from transport.protocols import Certificate

app = typer.Typer()

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(envvar="PORT", min=0, max=65_535, help="The port to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Number of server processes.")]
TlsCert = Annotated[Path | None, typer.Option(help="TLS certificate with its chain (PEM). SIGHUP reloads it.")]
TlsKey = Annotated[Path | None, typer.Option(help="The key of the certificate (PEM, without a password).")]


@app.command("serve")
def serve_command(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
) -> None:
    """Serve GraphQL and REST until Ctrl-C or SIGTERM."""
    settings = load_settings()
    certificate = _certificate(tls_cert, tls_key)
    _ = settings.keyring  # report a missing key here, not in every process
    if workers > 1 and settings.redis_url is None:
        raise SettingsError("More than one server process needs Redis. Set GATEWAY_REDIS_URL or use --workers 1.")
    with bind_listener(host, port) as listener, database_url(settings, keeps_running=True) as url:
        run_prepare(settings, url)
        scheme = "http" if certificate is None else "https"
        err.print(f"Serving on {scheme}://{host}:{listener.getsockname()[1]}")
        if workers > 1:
            err.print("This server sends no webhooks and runs no jobs. Start `gateway worker` as well.")
        serve(listener, workers, settings, certificate)


def _certificate(file: Path | None, key: Path | None) -> Certificate | None:
    """The certificate, loaded once to check it. Raises SettingsError, CertificateError."""
    if file is None and key is None:
        return None
    if file is None or key is None:
        raise SettingsError("TLS needs a certificate and its key. Use --tls-cert and --tls-key together.")
    certificate = Certificate(file.absolute(), key.absolute())
    certificate.open()
    certificate.context = None  # each server process opens it itself
    return certificate


@app.command()
def worker() -> None:
    """Run a worker: deliver webhooks, run jobs, update reports, maintain the database."""
    settings = load_settings()
    configure_logging(settings.log_level, secrets_of(settings))
    telemetry = Telemetry()

    async def work(database: Database) -> None:
        err.print("Worker started. Press Ctrl-C to stop.")
        await run_worker_until_stopped(settings, database, telemetry)

    with metrics_endpoint(settings, telemetry.registry):
        run(work)


@app.command("migrate")
def migrate_command() -> None:
    """Create or upgrade the database roles and tables."""
    settings = load_settings()
    with database_url(settings) as url:
        asyncio.run(migrate(settings, url))
    out.print("The database is up to date.")


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
