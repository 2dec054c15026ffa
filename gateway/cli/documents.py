"""Trusted documents: what a build of a client has written is registered, listed and removed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import schema as graphql_schema
from domain import access
from domain.access.commands import RegisterTrustedDocument, RemoveTrustedDocument
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ValidationFailed
from domain.kernel.fields import read_command
from domain.kernel.principal import Mode, Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from gateway.cli.console import all_rows, out, run, stores_or_exit
from gateway.cli.manifests import ManifestEntry, ManifestError, documents_in
from gateway.document_services import GraphQLDocumentValidator
from rest_compat.wire_format import WIRE_FORMAT
from schema.strawberry_internals import core_schema

documents_app = typer.Typer(no_args_is_help=True, help="Manage trusted GraphQL documents.")

LISTED = access.reads.documents.projected(("id", "hash", "name", "public", "created_at"))


@documents_app.command("register")
def register_documents(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A GraphQL document, or a manifest (.json): {hash: text}, or an Apollo manifest.",
        ),
    ],
    account: Annotated[str, typer.Option(help="The name of the account.")],
    mode: Annotated[Mode, typer.Option(help="The store: live or test.")],
    name: Annotated[
        str | None, typer.Option(help="The name of the documents. Default: the names in the manifest.")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let publishable keys run them.")] = False,
) -> None:
    """Register the documents of all files. If one is invalid, none is registered."""
    try:
        found = [document for path in files for document in documents_in(path)]
    except ManifestError as error:
        raise typer.BadParameter(str(error)) from None

    async def register(database: Database) -> list[str]:
        database.provide(access.AccessDependencies(GraphQLDocumentValidator(core_schema(graphql_schema.schema))))
        caller = access.system_principal((await stores_or_exit(database, account))[mode])
        async with database.transaction(caller) as work:
            return [await _registered(work, caller, document, name, public=public) for document in found]

    for line in run(register):
        out.print(line, markup=False)


async def _registered(
    work: UnitOfWork, caller: Principal, written: ManifestEntry, name: str | None, *, public: bool
) -> str:
    """A line with the result for a document. Raises BadParameter, naming its place in the file."""
    sent = {"text": written.text, "name": name or written.name, "public": public}
    try:
        command = read_command(RegisterTrustedDocument, sent, WIRE_FORMAT, work.store.currency)
        registered = await access.register_trusted_document(work, caller, command)
    except (ValidationFailed, Conflict) as refused:
        reasons = "; ".join(problem.message for problem in refused.problems)
        raise typer.BadParameter(f"{written.place}: {reasons}") from None
    document = registered.document
    state = "registered" if registered.is_new else "already there"
    shown = "public" if document.public else ""
    return f"{document.id}  {document.hash}  {state:13}  {shown:6}  {document.name or ''}".rstrip()


@documents_app.command("list")
def list_documents(account: Annotated[str, typer.Option(help="The name of the account.")]) -> None:
    """List the trusted documents of both stores of an account, newest first."""

    async def read(database: Database) -> list[str]:
        lines = []
        for mode, store in (await stores_or_exit(database, account)).items():
            async for row in all_rows(database, store, LISTED):
                shown = f"{row.created_at:%Y-%m-%d}  {'public' if row.public else '':6}  {row.name or ''}"
                lines.append(f"{row.id}  {mode.value:4}  {row.hash}  {shown}")
        return lines

    for line in run(read):
        out.print(line.rstrip(), markup=False)


@documents_app.command("remove")
def remove_document(
    document_id: Annotated[str, typer.Argument(help="The id of the document (doc_…).")],
    account: Annotated[str, typer.Option(help="The name of the account.")],
) -> None:
    """Remove a trusted document. Running servers notice within two seconds."""

    async def remove(database: Database) -> None:
        for store in (await stores_or_exit(database, account)).values():
            async with database.read_connection(store) as db:
                found = await access.reads.document_by_id.for_key(db, document_id)
            if found is not None:
                caller = access.system_principal(store)
                async with database.transaction(caller) as work:
                    await access.remove_trusted_document(work, caller, RemoveTrustedDocument(id=document_id))
                return
        raise typer.BadParameter(f"{account} has no document {document_id}")

    run(remove)
    out.print(f"{document_id} is removed.")
