"""REST endpoints of access: the store, the caller, API keys, trusted documents and the audit log."""

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


async def describe_keys(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[KeyDocument]:
    """Serialize keys, without their secrets."""
    return [serialize_key(row) for row in rows]


async def describe_audit(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[AuditDocument]:
    """Serialize entries of the audit log."""
    return [serialize_audit(row) for row in rows]


async def describe_trusted(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[TrustedDocumentDocument]:
    """Serialize trusted documents."""
    return [serialize_trusted_document(row) for row in rows]


async def fetch_key(db: Executor, principal: Principal, ids: Mapping[str, str]) -> Representation:
    """Represent one key, without its secret. Raises NotFound."""
    row = await access.reads.key_by_id.for_key(db, ids["id"])
    if row is None:
        raise NotFound("API key")
    return Representation(serialize_key(row), row.version)


async def represent_issued(db: Executor, principal: Principal, issued: access.IssuedKey) -> Representation:
    """Represent a key that was created by this request, with its secret."""
    row = await access.reads.key_by_id.for_key(db, issued.id)
    location = f"{ROOT}/access/keys/{issued.id}"
    return Representation(serialize_key(row, issued.secret), row.version, location, secret=True)


async def fetch_trusted(db: Executor, principal: Principal, ids: Mapping[str, str]) -> Representation:
    """Represent the trusted document with this id or hash. Raises NotFound."""
    key = ids["id"]
    read = access.reads.document_by_id if is_id("doc", key) else access.reads.document_by_hash
    row = await read.for_key(db, key)
    if row is None:
        raise NotFound("trusted document")
    return Representation(serialize_trusted_document(row), location=f"{ROOT}/documents/{row.id}")


async def represent_registered(
    db: Executor, principal: Principal, registered: access.RegisteredDocument
) -> Representation:
    """Represent a trusted document that was registered by this request or before."""
    return await fetch_trusted(db, principal, {"id": registered.id})


_KEY = PathId(noun="API key", prefix="key")
_TRUSTED = PathId(noun="trusted document", prefix="doc")
_TRUSTED_OR_HASH = PathId(noun="trusted document", prefix="doc", otherwise="hash")

_COUNTS = (
    CountHeader(
        "X-Key-Count",
        "The number of keys that were revoked together with this key, because they descend from it.",
        lambda revoked: revoked.key_count,
    ),
    CountHeader(
        "X-Webhook-Count",
        "The number of active webhooks of these keys. They have been disabled if the request asked for it.",
        lambda revoked: revoked.webhook_count,
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/shop",
        name="getShop",
        summary="Get the store",
        tag="Access",
        action=CallerAction(tell=serialize_shop),
        response=ShopDocument,
    ),
    Endpoint(
        method="GET",
        path="/viewer",
        name="getViewer",
        summary="Get the API key of the request",
        tag="Access",
        action=CallerAction(tell=serialize_viewer),
        response=ViewerDocument,
    ),
    Endpoint(
        method="GET",
        path="/access/keys",
        name="listKeys",
        summary="List API keys",
        description="API keys of the store, including revoked and expired ones, without their secrets.",
        tag="Access",
        action=PageAction(listing=access.reads.keys, describe=describe_keys, filters=ApiKeyFilter),
        response=KeyDocument,
    ),
    Endpoint(
        method="POST",
        path="/access/keys",
        name="createKey",
        summary="Create an API key",
        description="The response contains the secret. It is not returned again.",
        tag="Access",
        action=WriteAction(use_case=use_case_of(access.create_key), represent=represent_issued),
        response=KeyDocument,
    ),
    Endpoint(
        method="GET",
        path="/access/keys/{id}",
        name="getKey",
        summary="Get an API key",
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
        description="Revokes the key and the keys that it created, immediately. Their webhooks stay active, unless "
        "`webhooks=disable`. Repeating the request also returns 204.",
        tag="Access",
        action=WriteAction(use_case=use_case_of(access.revoke_key), current=fetch_key, counts=_COUNTS),
        ids={"id": _KEY},
    ),
    Endpoint(
        method="POST",
        path="/access/keys/{id}/roll",
        name="rollKey",
        summary="Roll an API key",
        description="Replaces the key by a new one, whose secret is in the response. The new key takes over the keys "
        "and webhooks that the old key created. The old key stays valid for the overlap.",
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
        description="The GraphQL documents that requests can refer to instead of sending them, newest first.",
        tag="Access",
        action=PageAction(listing=access.reads.documents, describe=describe_trusted),
        response=TrustedDocumentDocument,
    ),
    Endpoint(
        method="POST",
        path="/documents",
        name="registerTrustedDocument",
        summary="Register a trusted document",
        description="The document must be valid and within the limits of all GraphQL requests. If the same text is "
        "already registered, that document is returned.",
        tag="Access",
        action=WriteAction(
            use_case=use_case_of(access.register_trusted_document),
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
        summary="Get a trusted document by id or hash",
        tag="Access",
        action=ItemAction(reads=(access.reads.document_by_id, access.reads.document_by_hash), fetch=fetch_trusted),
        response=TrustedDocumentDocument,
        ids={"id": _TRUSTED_OR_HASH},
    ),
    Endpoint(
        method="DELETE",
        path="/documents/{id}",
        name="removeTrustedDocument",
        summary="Remove a trusted document",
        description="Requests that refer to it are refused from now on.",
        tag="Access",
        action=WriteAction(use_case=use_case_of(access.remove_trusted_document)),
        ids={"id": _TRUSTED},
    ),
    Endpoint(
        method="GET",
        path="/access/audit",
        name="listAudit",
        summary="List the audit log",
        description="The changes to API keys, trusted documents and webhooks, newest first.",
        tag="Access",
        action=PageAction(
            listing=access.reads.audit_log,
            describe=describe_audit,
            filters=AuditFilter,
            admit=access.reads.check_filters,
        ),
        response=AuditDocument,
    ),
)
