"""The command line: ``gateway --help``. Operators do here what the dashboard of the hosted platform does."""

from __future__ import annotations

import typer

from domain.kernel.database import RoleError
from domain.kernel.errors import DomainError, with_names
from domain.migrations import MigrationError
from gateway.cli.console import err
from gateway.cli.late_commands import LateGroup
from gateway.database_setup import DatabaseNotReadyError
from gateway.embedded_postgres import EmbeddedPostgresError
from gateway.server import AddressTakenError, stop_on_sigterm
from gateway.settings import SettingsError
from transport.protocols import CertificateError

app = typer.Typer(
    cls=LateGroup,
    callback=lambda: None,  # without one, and without a command of its own, Typer would make no group
    no_args_is_help=True,
    add_completion=False,
    help="GraphQL and REST v2 gateway for an e-commerce platform.",
)

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
