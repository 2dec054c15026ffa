"""Trusted documents: GraphQL that a store has registered, so that its clients name it by hash or id."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.access.commands import RegisterDocument, RemoveDocument
from domain.access.model import TrustedDocument
from domain.access.ports import AccessDependencies
from domain.access.signals import DocumentsChanged
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.audit import audit
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

MAX_TRUSTED_DOCUMENTS = 10_000
"""Per store."""


@dataclass(frozen=True, slots=True)
class RegisteredDocument:
    """A document that is registered; ``is_new``: since just now."""

    document: TrustedDocument
    is_new: bool

    @property
    def id(self) -> str:
        """The document's id."""
        return self.document.id


@dataclass(frozen=True, slots=True)
class RemovedDocument:
    """A document that is trusted no more."""

    deleted_id: str


@use_case("access:write")
async def register_document(work: UnitOfWork, principal: Principal, command: RegisterDocument) -> RegisteredDocument:
    """Trust a document from now on. One with the same text is answered as it is, and nothing changes.

    Raises ValidationFailed for what no caller could run, Conflict when the store has as many as it may.
    """
    hash = hash_of_document(command.text)
    found = await _registered(work, hash)
    if found is not None:
        return RegisteredDocument(found, is_new=False)
    work.dependency(AccessDependencies).validator.check(command.text)
    document, is_new = await _insert(work, command, hash)
    if is_new:
        await _refuse_too_many(work)
        audit(work, "document.registered", document.id, hash=hash, name=document.name)
        await work.emit(DocumentsChanged(work.store.number))
        await work.flush()
    return RegisteredDocument(document, is_new)


@use_case("access:write")
async def remove_document(work: UnitOfWork, principal: Principal, command: RemoveDocument) -> RemovedDocument:
    """Trust a document no more: whoever names it from now on is refused. Raises NotFound."""
    document = await work.lock(TrustedDocument, command.id, noun="trusted document")
    await work.session.delete(document)
    audit(work, "document.removed", document.id, hash=document.hash, name=document.name)
    await work.emit(DocumentsChanged(work.store.number))
    await work.flush()
    return RemovedDocument(document.id)


def hash_of_document(text: str) -> str:
    """SHA-256 of the text's UTF-8, in lower-case hexadecimal. Lone surrogates, which JSON can say, count as three bytes
    each: their hash is that of no document."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


async def _registered(work: UnitOfWork, hash: str) -> TrustedDocument | None:
    """The document with this hash, kept from being removed until the transaction ends."""
    statement = (
        select(TrustedDocument)
        .where(TrustedDocument.store_id == work.store.number, TrustedDocument.hash == hash)
        .with_for_update(read=True, key_share=True)
    )
    found: TrustedDocument | None = await work.session.scalar(statement)
    return found


async def _insert(work: UnitOfWork, command: RegisterDocument, hash: str) -> tuple[TrustedDocument, bool]:
    """The new document, or the one that another transaction was first with; and whether it is new."""
    # One at a time: who registers the same documents in another order would wait in a circle, and the count be wrong.
    name = func.hashtextextended(f"trusted_document/{work.store.number}", 0)
    await work.session.execute(select(func.pg_advisory_xact_lock(name)))
    id = new_id("doc")
    statement = upsert(TrustedDocument).values(
        store_id=work.store.number,
        id=id,
        hash=hash,
        text=command.text,
        name=None if command.name is UNSET else command.name,
        created_at=work.now,
    )
    # An update that changes nothing: unlike DO NOTHING it answers the row, and locks it.
    statement = statement.on_conflict_do_update(index_elements=["store_id", "hash"], set_={"hash": hash})
    document = (await work.session.scalars(statement.returning(TrustedDocument))).one()
    return document, document.id == id


async def _refuse_too_many(work: UnitOfWork) -> None:
    count = select(func.count()).select_from(TrustedDocument).where(TrustedDocument.store_id == work.store.number)
    if (await work.session.scalar(count) or 0) > MAX_TRUSTED_DOCUMENTS:
        raise Conflict(f"A store has at most {MAX_TRUSTED_DOCUMENTS:,} trusted documents.", ErrorCode.TOO_LARGE)
