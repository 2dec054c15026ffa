"""Commands for OAuth clients: ``gateway clients``."""

from __future__ import annotations

from typing import Annotated

import typer

from domain import access
from domain.access import oauth
from domain.access.commands import CreateOAuthClient, RevokeOAuthClient
from domain.kernel.database import Database
from domain.kernel.errors import NotFound
from domain.kernel.principal import Mode
from gateway.cli.console import out, run, stores_or_exit

clients_app = typer.Typer(no_args_is_help=True, help="Manage OAuth clients: applications that request access.")

Account = Annotated[str, typer.Option(help="The name of the account.")]


@clients_app.command("create")
def create_client(  # noqa: PLR0917 - one each for the options
    account: Account,
    mode: Annotated[Mode, typer.Option(help="The store: live or test.")],
    name: Annotated[str, typer.Option(help="The name of the application, shown to users.")],
    type: Annotated[
        oauth.ClientType, typer.Option(help="confidential (on a server) or public (in a browser or on a device).")
    ],
    scopes: Annotated[str, typer.Option(help="Scopes, comma-separated, such as orders:read,products:read; or all.")],
    redirect_uri: Annotated[
        list[str] | None, typer.Option(help="Where users may be sent back to, exactly. Repeatable.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the id, and the secret on a second line.")] = False,
) -> None:
    """Register an OAuth client and print its id, and its secret if it is confidential. It cannot be shown again."""

    async def create(database: Database) -> oauth.IssuedClient:
        caller = access.system_principal((await stores_or_exit(database, account))[mode])
        command = CreateOAuthClient(
            name=name,
            type=type,
            redirect_uris=tuple(redirect_uri or ()),
            scopes=tuple(scope.strip() for scope in scopes.split(",")),
        )
        async with database.transaction(caller) as work:
            return await oauth.create_oauth_client(work, caller, command)

    issued = run(create)
    details = "" if quiet else f"  {issued.client.type.value}  {' '.join(issued.client.scopes)}"
    out.print(f"{issued.id}{details}", markup=False)
    if issued.secret is not None:
        out.print(issued.secret, markup=False)


@clients_app.command("list")
def list_clients(account: Account) -> None:
    """List the OAuth clients of both stores of an account, newest first, with the number of their grants."""

    async def read(database: Database) -> list[str]:
        lines = []
        for mode, store in (await stores_or_exit(database, account)).items():
            async with database.admin_transaction() as administration:
                for client, grants in await oauth.clients_of_store(administration, store):
                    state = "revoked" if client.revoked_at else f"{grants} grants"
                    uris = " ".join(client.redirect_uris)
                    lines.append(f"{client.id}  {mode.value:4}  {client.type:12}  {client.name}  {state}  {uris}")
        return lines

    for line in run(read):
        out.print(line, markup=False)


@clients_app.command("revoke")
def revoke_client(
    client_id: Annotated[str, typer.Argument(help="The id of the OAuth client (cli_…).")], account: Account
) -> None:
    """Revoke an OAuth client with all its grants. Running servers notice within two seconds."""

    async def revoke(database: Database) -> None:
        for store in (await stores_or_exit(database, account)).values():
            caller = access.system_principal(store)
            try:
                async with database.transaction(caller) as work:
                    await oauth.revoke_oauth_client(work, caller, RevokeOAuthClient(id=client_id))
            except NotFound:
                continue
            return
        raise typer.BadParameter(f"{account} has no OAuth client {client_id}")

    run(revoke)
    out.print(f"{client_id} is revoked.", markup=False)
