"""Commands to serve, to run a worker and to migrate."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from domain.kernel.database import Database
from gateway.cli.console import err, out, run
from gateway.database_setup import database_url, migrate, run_prepare
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
