"""Use cases of trusted documents: GraphQL that a store has registered, so that requests name it by hash or id."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.access.commands import RegisterTrustedDocument, RemoveTrustedDocument
from domain.access.model import TrustedDocument
from domain.access.ports import AccessDependencies
from domain.access.signals import DocumentsChanged
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.sql.instrumentation import observe_statement
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

MAX_TRUSTED_DOCUMENTS = 10_000
"""Per store."""


_NEWEST = "SELECT text FROM trusted_document ORDER BY created_at DESC, id DESC LIMIT $1"


async def newest_documents(connection: asyncpg.Connection, count: int) -> list[str]:
    """Return the texts registered last, in all stores. ``connection``: of ``gateway_system``."""
    with observe_statement(_NEWEST):
        return [row["text"] for row in await connection.fetch(_NEWEST, count)]


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """A registered document. ``is_new``: it was registered by this call."""

    document: TrustedDocument
    is_new: bool

    @property
    def id(self) -> str:
        """The document's id."""
        return self.document.id


@dataclass(frozen=True, slots=True)
class RemovedDocument:
    """The id of a removed document."""

    deleted_id: str


@use_case("access:write")
async def register_trusted_document(
    work: UnitOfWork, principal: Principal, command: RegisterTrustedDocument
) -> RegisteredDocument:
    """Register a document. If one with the same text is registered, return it, and make it public if that is asked for.

    Raises ValidationFailed (no caller could run it; it would be public and shows more than shoppers may see), Conflict
    (the store has MAX_TRUSTED_DOCUMENTS).
    """
    hash = hash_of_document(command.text)
    found = await _registered(work, hash, changes=command.public)
    if found is not None:
        await _publish(work, found, command)
        return RegisteredDocument(found, is_new=False)
    work.dependency(AccessDependencies).validator.check(command.text, public=command.public)
    document, is_new = await _insert(work, command, hash)
    if is_new:
        await _refuse_too_many(work)
        shown = {"public": True} if document.public else {}
        audit(work, "document.registered", document.id, hash=hash, name=document.name, **shown)
        await work.emit(DocumentsChanged(work.store.number))
        await work.flush()
    else:
        await _publish(work, document, command)
    return RegisteredDocument(document, is_new)


@use_case("access:write")
async def remove_trusted_document(
    work: UnitOfWork, principal: Principal, command: RemoveTrustedDocument
) -> RemovedDocument:
    """Remove a document; requests that refer to it are refused from now on. Raises NotFound."""
    document = await work.lock(TrustedDocument, command.id, noun="trusted document")
    await work.session.delete(document)
    audit(work, "document.removed", document.id, hash=document.hash, name=document.name)
    await work.emit(DocumentsChanged(work.store.number))
    await work.flush()
    return RemovedDocument(document.id)


def hash_of_document(text: str) -> str:
    """Compute the SHA-256 of the text in UTF-8, in lower-case hexadecimal.

    A lone surrogate, which JSON can contain, counts as three bytes: no document has such a hash.
    """
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


async def _publish(work: UnitOfWork, document: TrustedDocument, command: RegisterTrustedDocument) -> None:
    """Make a registered document public, if that is asked for. Raises ValidationFailed."""
    if document.public or not command.public:
        return
    work.dependency(AccessDependencies).validator.check(document.text, public=True)
    document.public = True
    audit(work, "document.published", document.id, hash=document.hash, name=document.name)
    await work.emit(DocumentsChanged(work.store.number))
    await work.flush()


async def _registered(work: UnitOfWork, hash: str, *, changes: bool) -> TrustedDocument | None:
    """Find the document with this hash and lock it until the transaction ends: against removal, or if it may change
    against all others."""
    statement = (
        select(TrustedDocument)
        .where(TrustedDocument.store_id == work.store.number, TrustedDocument.hash == hash)
        .with_for_update(read=not changes, key_share=not changes)
    )
    found: TrustedDocument | None = await work.session.scalar(statement)
    return found


async def _insert(work: UnitOfWork, command: RegisterTrustedDocument, hash: str) -> tuple[TrustedDocument, bool]:
    """Insert the document, or return the one that another transaction has inserted; and whether it is new."""
    # One at a time: transactions that register the same documents in another order would deadlock, and the count would
    # be wrong.
    name = func.hashtextextended(f"trusted_document/{work.store.number}", 0)
    await work.session.execute(select(func.pg_advisory_xact_lock(name)))
    id = new_id("doc")
    statement = upsert(TrustedDocument).values(
        store_id=work.store.number,
        id=id,
        hash=hash,
        text=command.text,
        name=None if command.name is UNSET else command.name,
        public=command.public,
        created_at=work.now,
    )
    # An update that changes nothing: unlike DO NOTHING it returns the row, and locks it.
    statement = statement.on_conflict_do_update(index_elements=["store_id", "hash"], set_={"hash": hash})
    document = (await work.session.scalars(statement.returning(TrustedDocument))).one()
    return document, document.id == id


async def _refuse_too_many(work: UnitOfWork) -> None:
    count = select(func.count()).select_from(TrustedDocument).where(TrustedDocument.store_id == work.store.number)
    if (await work.session.scalar(count) or 0) > MAX_TRUSTED_DOCUMENTS:
        message = f"A store can have at most {MAX_TRUSTED_DOCUMENTS:,} trusted documents. Remove unused ones first."
        raise Conflict(message, ErrorCode.TOO_LARGE)
