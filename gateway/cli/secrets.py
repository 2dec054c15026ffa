"""Commands for what is encrypted: ``gateway secrets``."""

from __future__ import annotations

import typer

from domain.areas import load_areas
from domain.kernel.database import Database
from domain.kernel.reencryption import ReencryptionCounts, reencrypt_column
from gateway.cli.console import out, run
from gateway.settings import load_settings

secrets_app = typer.Typer(no_args_is_help=True, help="Manage stored secrets.")


@secrets_app.command("rotate")
def rotate_secrets() -> None:
    """Encrypt all stored secrets with the first of GATEWAY_ENCRYPTION_KEYS. Servers can run meanwhile.

    First put the new key before the old one, and restart the servers. Stored responses of idempotency keys are not
    encrypted again: they expire after a day, and the old key can be removed then.
    """
    keyring = load_settings().keyring

    async def rotate(database: Database) -> dict[str, ReencryptionCounts]:
        done = {}
        for column in [each for area in load_areas() for each in area.encrypted]:
            async with database.system_connection() as connection:
                done[column.name] = await reencrypt_column(connection, column, keyring)
        return done

    found = run(rotate)
    for name, each in found.items():
        left = f", {each.unreadable} that no key can read" if each.unreadable else ""
        out.print(f"{name}: {each.changed} encrypted anew{left}", markup=False)
    if any(each.unreadable for each in found.values()):
        raise typer.Exit(1)
