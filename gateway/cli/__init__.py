"""The command line: ``gateway --help``. Operators do here what the dashboard of the hosted platform does."""

from __future__ import annotations

import typer

from domain.kernel.database import RoleError
from domain.kernel.errors import DomainError, with_names
from domain.migrations import MigrationError
from gateway.cli import (
    accounts,
    analytics,
    audit,
    clients,
    contracts,
    documents,
    events,
    imports,
    secrets,
    serve,
    users,
    webhooks,
)
from gateway.cli.console import err
from gateway.database_setup import DatabaseNotReadyError
from gateway.embedded_postgres import EmbeddedPostgresError
from gateway.server import AddressTakenError, stop_on_sigterm
from gateway.settings import SettingsError
from transport.protocols import CertificateError

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="GraphQL and REST v2 gateway for an e-commerce platform."
)
app.add_typer(serve.app)
app.add_typer(imports.app)
app.add_typer(accounts.accounts_app, name="accounts")
app.add_typer(accounts.keys_app, name="keys")
app.add_typer(analytics.analytics_app, name="analytics")
app.add_typer(audit.audit_app, name="audit")
app.add_typer(users.users_app, name="users")
app.add_typer(clients.clients_app, name="clients")
app.add_typer(documents.documents_app, name="documents")
app.add_typer(events.events_app, name="events")
app.add_typer(webhooks.webhooks_app, name="webhooks")
app.add_typer(secrets.secrets_app, name="secrets")
app.add_typer(contracts.app)

EXPECTED = (
    SettingsError,
    EmbeddedPostgresError,
    AddressTakenError,
    CertificateError,
    DatabaseNotReadyError,
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
        err.print(f"[red]{with_names(refused.message, str)}[/red]")
        raise SystemExit(1) from None
    except EXPECTED as failure:
        err.print(f"[red]{failure}[/red]")
        raise SystemExit(1) from None
