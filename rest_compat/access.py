"""Access: the caller's shop, who is asking, API keys, trusted documents and the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain import access
from domain.access.commands import ApiKeyFilter, AuditFilter
from domain.access.serializers import (
    AuditDocument,
    KeyDocument,
    ShopDocument,
    TrustedDocumentDocument,
    ViewerDocument,
    serialize_audit,
    serialize_key,
    serialize_shop,
    serialize_trusted_document,
    serialize_viewer,
)
from domain.kernel.errors import NotFound
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.endpoint import (
    ROOT,
    CallerAction,
    CountHeader,
    Endpoint,
    ItemAction,
    PageAction,
    PathId,
    Representation,
    WriteAction,
)


async def describe_keys(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[KeyDocument]:
    """Keys without their secrets."""
    return [serialize_key(row) for row in rows]


async def describe_audit(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[AuditDocument]:
    """Entries of the audit log as they are."""
    return [serialize_audit(row) for row in rows]


async def describe_trusted(
    reader: Executor, principal: Principal, rows: Sequence[Row]
) -> list[TrustedDocumentDocument]:
    """Trusted documents as they are."""
    return [serialize_trusted_document(row) for row in rows]


async def fetch_key(reader: Executor, principal: Principal, ids: Mapping[str, str]) -> Representation:
    """One key, without its secret."""
    row = await access.reads.key_by_id.for_key(reader, ids["id"])
    if row is None:
        raise NotFound("API key")
    return Representation(serialize_key(row), row.version)


async def represent_issued(reader: Executor, principal: Principal, issued: access.IssuedKey) -> Representation:
    """A key just made, with the secret that is shown this once."""
    row = await access.reads.key_by_id.for_key(reader, issued.id)
    location = f"{ROOT}/access/keys/{issued.id}"
    return Representation(serialize_key(row, issued.secret), row.version, location, secret=True)


async def fetch_trusted(reader: Executor, principal: Principal, ids: Mapping[str, str]) -> Representation:
    """The trusted document with this id, else with this hash."""
    key = ids["id"]
    read = access.reads.document_by_id if is_id("doc", key) else access.reads.document_by_hash
    row = await read.for_key(reader, key)
    if row is None:
        raise NotFound("trusted document")
    return Representation(serialize_trusted_document(row), location=f"{ROOT}/documents/{row.id}")


async def represent_registered(
    reader: Executor, principal: Principal, registered: access.RegisteredDocument
) -> Representation:
    """A trusted document, just registered or before."""
    return await fetch_trusted(reader, principal, {"id": registered.id})


_KEY = PathId(noun="API key", prefix="key")
_TRUSTED = PathId(noun="trusted document", prefix="doc")
_TRUSTED_OR_HASH = PathId(noun="trusted document", prefix="doc", otherwise="hash")

_LEFT = (
    CountHeader("X-Key-Count", "How many keys ended with it.", lambda revoked: revoked.key_count),
    CountHeader(
        "X-Webhook-Count",
        "How many active webhooks it and these keys have made; disabled now where that was asked for.",
        lambda revoked: revoked.webhook_count,
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/shop",
        name="getShop",
        summary="The store that the key opens",
        tag="Access",
        action=CallerAction(tell=serialize_shop),
        response=ShopDocument,
    ),
    Endpoint(
        method="GET",
        path="/viewer",
        name="getViewer",
        summary="The credential that asks",
        tag="Access",
        action=CallerAction(tell=serialize_viewer),
        response=ViewerDocument,
    ),
    Endpoint(
        method="GET",
        path="/access/keys",
        name="listKeys",
        summary="List API keys",
        description="Keys of the caller's store, revoked ones included, without their secrets.",
        tag="Access",
        action=PageAction(listing=access.reads.keys, describe=describe_keys, filters=ApiKeyFilter),
        response=KeyDocument,
    ),
    Endpoint(
        method="POST",
        path="/access/keys",
        name="createKey",
        summary="Create an API key",
        description="The answer holds the secret; it is never shown again.",
        tag="Access",
        action=WriteAction(use_case=use_case_of(access.create_key), represent=represent_issued),
        response=KeyDocument,
    ),
    Endpoint(
        method="GET",
        path="/access/keys/{id}",
        name="getKey",
        summary="Retrieve an API key",
        tag="Access",
        action=ItemAction(reads=(access.reads.key_by_id,), fetch=fetch_key),
        response=KeyDocument,
        ids={"id": _KEY},
    ),
    Endpoint(
        method="DELETE",
        path="/access/keys/{id}",
        name="revokeKey",
        summary="Revoke an API key",
        description="It ends at once, and so do the keys that it made. Its webhooks go on, unless `webhooks=disable`. "
        "Again is 204 as well.",
        tag="Access",
        action=WriteAction(use_case=use_case_of(access.revoke_key), current=fetch_key, counts=_LEFT),
        ids={"id": _KEY},
    ),
    Endpoint(
        method="POST",
        path="/access/keys/{id}/roll",
        name="rollKey",
        summary="Roll an API key",
        description="Makes a successor, whose secret the answer holds and which takes over the keys and webhooks that "
        "the old key made; the old key goes on for the overlap.",
        tag="Access",
        action=WriteAction(
            use_case=use_case_of(access.roll_key),
            writes=frozenset({"secret", "hint", "created_at", "updated_at"}),
            represent=represent_issued,
            current=fetch_key,
        ),
        response=KeyDocument,
        ids={"id": _KEY},
    ),
    Endpoint(
        method="GET",
        path="/documents",
        name="listDocuments",
        summary="List trusted documents",
        description="The GraphQL documents that the store's callers may name instead of sending them, newest first.",
        tag="Access",
        action=PageAction(listing=access.reads.documents, describe=describe_trusted),
        response=TrustedDocumentDocument,
    ),
    Endpoint(
        method="POST",
        path="/documents",
        name="registerDocument",
        summary="Register a trusted document",
        description="The document must be valid, and within the limits of any. The same text again is answered with "
        "the document that is there.",
        tag="Access",
        action=WriteAction(
            use_case=use_case_of(access.register_document),
            writes=frozenset({"hash", "text"}),
            described=False,
            represent=represent_registered,
        ),
        response=TrustedDocumentDocument,
    ),
    Endpoint(
        method="GET",
        path="/documents/{id}",
        name="getDocument",
        summary="Retrieve a trusted document by id or hash",
        tag="Access",
        action=ItemAction(reads=(access.reads.document_by_id, access.reads.document_by_hash), fetch=fetch_trusted),
        response=TrustedDocumentDocument,
        ids={"id": _TRUSTED_OR_HASH},
    ),
    Endpoint(
        method="DELETE",
        path="/documents/{id}",
        name="removeDocument",
        summary="Remove a trusted document",
        description="Requests that name it are refused from now on.",
        tag="Access",
        action=WriteAction(use_case=use_case_of(access.remove_document)),
        ids={"id": _TRUSTED},
    ),
    Endpoint(
        method="GET",
        path="/access/audit",
        name="listAudit",
        summary="The audit log of access",
        description="Every change of access, newest first.",
        tag="Access",
        action=PageAction(
            listing=access.reads.audit_log,
            describe=describe_audit,
            filters=AuditFilter,
            admit=access.reads.admitted,
        ),
        response=AuditDocument,
    ),
)
