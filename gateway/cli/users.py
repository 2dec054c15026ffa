"""Commands for the users of an account: ``gateway users``."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import typer

from domain.access import oauth
from domain.kernel.database import Database
from domain.kernel.principal import Mode
from gateway.cli.console import out, run, stores_or_exit
from gateway.oauth.user_forms import INVITATION_PATH
from gateway.processors import LOCAL_URL
from gateway.settings import load_settings

users_app = typer.Typer(no_args_is_help=True, help="Manage the users of an account, who sign in for applications.")

Account = Annotated[str, typer.Option(help="The name of the account.")]
Email = Annotated[str, typer.Argument(help="The e-mail address of the user.")]


@users_app.command("invite")
def invite_user(
    email: Email,
    account: Account,
    name: Annotated[str, typer.Option(help="The name of the user.")],
    role: Annotated[oauth.UserRole, typer.Option(help="What the user may do and allow applications to do.")],
) -> None:
    """Invite a user and print the link to set a password. It works once, for 7 days; nothing is sent.

    Inviting again replaces the link, until the user has set a password.
    """

    async def invite(database: Database) -> oauth.Invitation:
        account_id = await _account_id(database, account)
        async with database.admin_transaction() as administration:
            return await oauth.invite_user(
                administration, database.clock(), account_id, email=email, name=name, role=role
            )

    _print_link(run(invite))


@users_app.command("reset-password")
def reset_password(email: Email, account: Account) -> None:
    """Print a link by which a user sets another password. It works once, for 7 days; nothing is sent.

    The old password works until then; setting the new one signs the user out everywhere.
    """

    async def reset(database: Database) -> oauth.Invitation:
        account_id = await _account_id(database, account)
        async with database.admin_transaction() as administration:
            return await oauth.open_password_reset(administration, database.clock(), account_id, email)

    _print_link(run(reset))


@users_app.command("set-role")
def set_role(
    email: Email,
    account: Account,
    role: Annotated[oauth.UserRole, typer.Option(help="What the user may do and allow applications to do.")],
) -> None:
    """Change the role of a user. What the user has allowed to applications follows within two seconds."""

    async def change(database: Database) -> str:
        account_id = await _account_id(database, account)
        async with database.admin_transaction() as administration:
            return (await oauth.set_user_role(administration, database.clock(), account_id, email, role)).id

    out.print(f"{run(change)} has the role {role.value}.", markup=False)


@users_app.command("list")
def list_users(account: Account) -> None:
    """List the users of an account, oldest first."""

    async def read(database: Database) -> list[str]:
        account_id = await _account_id(database, account)
        async with database.admin_transaction() as administration:
            users = await oauth.users_of_account(administration, account_id)
            return [
                f"{user.id}  {user.role:9}  {'invited' if user.password_hash is None else 'active':7}  {user.email}  "
                f"{user.name}"
                for user in users
            ]

    for line in run(read):
        out.print(line, markup=False)


@users_app.command("remove")
def remove_user(email: Email, account: Account) -> None:
    """Remove a user. Sessions and all that the user has granted to applications end within two seconds."""

    async def remove(database: Database) -> str:
        account_id = await _account_id(database, account)
        async with database.admin_transaction() as administration:
            return (await oauth.remove_user(administration, database.clock(), account_id, email)).id

    out.print(f"{run(remove)} is removed.", markup=False)


def _print_link(opened: oauth.Invitation) -> None:
    base = load_settings().public_url or LOCAL_URL
    out.print(f"{opened.user_id}  valid until {opened.expires_at:%Y-%m-%d %H:%M} UTC", markup=False)
    out.print(f"{base}{INVITATION_PATH}?{urlencode({'token': opened.secret})}", markup=False)


async def _account_id(database: Database, account: str) -> str:
    return (await stores_or_exit(database, account))[Mode.LIVE].account_id
