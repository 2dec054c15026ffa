"""Serializers of access: API keys, trusted documents, the store, the caller, the audit log."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

from domain.kernel.principal import Mode, Plan, Principal
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row

_CREATED = FieldDoc(description="When the object was created.", example="2026-01-15T10:30:00Z", format="date-time")
_UPDATED = FieldDoc(description="When the object was last changed.", example="2026-01-16T08:00:00Z", format="date-time")
_ID = "The id. The same in GraphQL, REST and webhooks."

_TEXT = "query Shop { shop { name currency } }"
_HASH = "45602685294ec655a01b45fb8d4e1ed72a2ae58abd71c9dc697671095f8dfea8"


def _when(description: str) -> FieldDoc:
    return FieldDoc(description=description, example="2027-01-15T10:30:00Z", format="date-time")


class KeyDocument(TypedDict):
    """An API key. Its secret is returned only when it is created."""

    id: Annotated[str, FieldDoc(description=_ID, example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    name: Annotated[str, FieldDoc(description="The name of the key.", example="Storefront")]
    hint: Annotated[str, FieldDoc(description="The first and last characters of the secret.", example="live_k3v…9xq2")]
    scopes: Annotated[list[str], FieldDoc(description="The scopes of the key.", example=["products:read"])]
    expires_at: Annotated[str | None, _when("When the key expires. Null if it never expires.")]
    revoked_at: Annotated[str | None, _when("When the key was revoked. Null if it was not.")]
    last_used_at: Annotated[str | None, _when("When the key was last used, to the minute. Null if it was not.")]
    created_by: Annotated[
        str | None,
        FieldDoc(
            description="The id of the API key that created this key, or of its successor if it was rolled; `system` "
            "for the command line. This key expires no later than that key. Null if the creator was not recorded.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    version: Annotated[int, FieldDoc(description="The version, starting at 1. Increases with every change.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]
    secret: NotRequired[
        Annotated[
            str,
            FieldDoc(
                description="The secret of the key. Returned only in the response that created it.", example="live_…"
            ),
        ]
    ]


class TrustedDocumentDocument(TypedDict):
    """A registered GraphQL document. Requests can refer to it by hash or id instead of sending it."""

    id: Annotated[str, FieldDoc(description=_ID, example="doc_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    hash: Annotated[
        str, FieldDoc(description="The SHA-256 of the text in UTF-8, in lower-case hexadecimal.", example=_HASH)
    ]
    text: Annotated[str, FieldDoc(description="The document, exactly as registered.", example=_TEXT)]
    name: Annotated[
        str | None, FieldDoc(description="The name of the document. Null if it has none.", example="Storefront 1.4")
    ]
    created_at: Annotated[
        str,
        FieldDoc(description="When the document was registered.", example="2026-01-15T10:30:00Z", format="date-time"),
    ]


class ShopDocument(TypedDict):
    """The store of the API key."""

    id: Annotated[str, FieldDoc(description=_ID, example="store_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    account_id: Annotated[
        str, FieldDoc(description="The id of the account.", example="acct_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]
    name: Annotated[str, FieldDoc(description="The name of the account.", example="Demo Shop")]
    mode: Annotated[Mode, FieldDoc(description="Live store or sandbox.", example="live")]
    plan: Annotated[Plan, FieldDoc(description="The plan of the account.", example="enterprise")]
    currency: Annotated[str, FieldDoc(description="The currency of all prices and orders.", example="gbp")]


class ViewerDocument(TypedDict):
    """The API key of the request."""

    credential: Annotated[str, FieldDoc(description="The id of the API key.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    scopes: Annotated[list[str], FieldDoc(description="The scopes of the key.", example=["products:read"])]
    expires_at: Annotated[str | None, _when("When the key expires. Null if it never expires.")]


class AuditDocument(TypedDict):
    """An entry of the audit log."""

    id: Annotated[str, FieldDoc(description=_ID, example="aud_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    action: Annotated[str, FieldDoc(description="The action, such as `key.created`.", example="key.created")]
    actor: Annotated[
        str,
        FieldDoc(
            description="The id of the API key that made the change, or `system`.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    object_id: Annotated[
        str, FieldDoc(description="The id of the changed object.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]
    details: Annotated[
        dict[str, Any], FieldDoc(description="Details of the change, as an object.", example={"scopes": ["all"]})
    ]
    request_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the request that made the change. Null if it was not made by a request.",
            example="req_01jd3v4q8rf9k6",
        ),
    ]
    created_at: Annotated[
        str, FieldDoc(description="When the change was made.", example="2026-01-15T10:30:00Z", format="date-time")
    ]


def serialize_key(row: Row, secret: str | None = None) -> KeyDocument:
    """Serialize a key; with ``secret`` only in the response that creates it."""
    document: KeyDocument = {
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "scopes": row.scopes,
        "expires_at": format_optional_instant(row.expires_at),
        "revoked_at": format_optional_instant(row.revoked_at),
        "last_used_at": format_optional_instant(row.last_used_at),
        "created_by": row.created_by,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
    if secret is not None:
        document["secret"] = secret
    return document


def serialize_trusted_document(row: Row) -> TrustedDocumentDocument:
    """Serialize a trusted document."""
    return {
        "id": row.id,
        "hash": row.hash,
        "text": row.text,
        "name": row.name,
        "created_at": format_instant(row.created_at),
    }


def serialize_shop(principal: Principal) -> ShopDocument:
    """Serialize the caller's store."""
    store = principal.store
    return {
        "id": store.id,
        "account_id": store.account_id,
        "name": store.name,
        "mode": store.mode,
        "plan": store.plan,
        "currency": store.currency.lower(),
    }


def serialize_viewer(principal: Principal) -> ViewerDocument:
    """Serialize the caller."""
    return {
        "credential": principal.credential,
        "scopes": sorted(principal.scopes),
        "expires_at": format_optional_instant(principal.expires_at),
    }


def serialize_audit(row: Row) -> AuditDocument:
    """Serialize an entry of the audit log."""
    return {
        "id": row.id,
        "action": row.action,
        "actor": row.actor,
        "object_id": row.object_id,
        "details": row.details,
        "request_id": row.request_id,
        "created_at": format_instant(row.created_at),
    }
