"""Keys, trusted documents, the shop and the caller as REST writes them."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, TypedDict

from domain.kernel.principal import Mode, Plan, Principal
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row

_MADE = FieldDoc(description="When it was made, UTC.", example="2026-01-15T10:30:00Z", format="date-time")
_CHANGED = FieldDoc(description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", format="date-time")

_TEXT = "query Shop { shop { name currency } }"
_HASH = "45602685294ec655a01b45fb8d4e1ed72a2ae58abd71c9dc697671095f8dfea8"


def _when(description: str) -> FieldDoc:
    return FieldDoc(description=description, example="2027-01-15T10:30:00Z", format="date-time")


class KeyDocument(TypedDict):
    """An API key, without its secret."""

    id: Annotated[str, FieldDoc(description="Its id.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    name: Annotated[str, FieldDoc(description="What it is for.", example="Storefront")]
    hint: Annotated[str, FieldDoc(description="How its secret begins and ends.", example="live_k3v…9xq2")]
    scopes: Annotated[list[str], FieldDoc(description="What it may do.", example=["products:read"])]
    expires_at: Annotated[str | None, _when("When it stops working; null: never.")]
    revoked_at: Annotated[str | None, _when("When it was revoked; null: it was not.")]
    last_used_at: Annotated[str | None, _when("When it was last used, to the minute.")]
    created_by: Annotated[
        str | None,
        FieldDoc(
            description="The credential that made it, and after that was rolled its successor: it ends no later than "
            "this one. system for the command line; null for a key of before this was noted.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    version: Annotated[int, FieldDoc(description="Counts its changes.", example=1)]
    created_at: Annotated[str, _MADE]
    updated_at: Annotated[str, _CHANGED]
    secret: NotRequired[
        Annotated[str, FieldDoc(description="The key itself: only in the answer that made it.", example="live_…")]
    ]


class TrustedDocumentDocument(TypedDict):
    """A GraphQL document that callers may name instead of sending it."""

    id: Annotated[str, FieldDoc(description="Its id.", example="doc_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    hash: Annotated[str, FieldDoc(description="SHA-256 of its UTF-8, in lower-case hexadecimal.", example=_HASH)]
    text: Annotated[str, FieldDoc(description="The document, to the byte.", example=_TEXT)]
    name: Annotated[str | None, FieldDoc(description="What it is for.", example="Storefront 1.4")]
    created_at: Annotated[str, _MADE]


class ShopDocument(TypedDict):
    """The store that the caller's key opens."""

    id: Annotated[str, FieldDoc(description="The store's id.", example="store_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    account_id: Annotated[str, FieldDoc(description="The account's id.", example="acct_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    name: Annotated[str, FieldDoc(description="The account's name.", example="Demo Shop")]
    mode: Annotated[Mode, FieldDoc(description="live, or test for the sandbox.", example="live")]
    plan: Annotated[Plan, FieldDoc(description="What the account pays for.", example="enterprise")]
    currency: Annotated[str, FieldDoc(description="ISO 4217, lower case.", example="gbp")]


class ViewerDocument(TypedDict):
    """The credential that asks."""

    credential: Annotated[str, FieldDoc(description="Its id.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    scopes: Annotated[list[str], FieldDoc(description="What it may do.", example=["products:read"])]
    expires_at: Annotated[str | None, _when("When it stops working; null: never.")]


class AuditDocument(TypedDict):
    """One change of access."""

    id: Annotated[str, FieldDoc(description="Its id.", example="aud_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    action: Annotated[str, FieldDoc(description="What was done.", example="key.created")]
    actor: Annotated[str, FieldDoc(description="The credential that did it.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    object_id: Annotated[str, FieldDoc(description="What it was done to.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    details: Annotated[dict[str, Any], FieldDoc(description="What else there is to say.", example={"scopes": ["all"]})]
    request_id: Annotated[str | None, FieldDoc(description="The request it came in.", example="req_01jd3v4q8rf9k6")]
    created_at: Annotated[str, _MADE]


def serialize_key(row: Row, secret: str | None = None) -> KeyDocument:
    """A key as REST writes it; ``secret`` in the answer that made it."""
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
    """A trusted document as REST writes it."""
    return {
        "id": row.id,
        "hash": row.hash,
        "text": row.text,
        "name": row.name,
        "created_at": format_instant(row.created_at),
    }


def serialize_shop(principal: Principal) -> ShopDocument:
    """The caller's store."""
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
    """The caller."""
    return {
        "credential": principal.credential,
        "scopes": sorted(principal.scopes),
        "expires_at": format_optional_instant(principal.expires_at),
    }


def serialize_audit(row: Row) -> AuditDocument:
    """An entry of the audit log."""
    return {
        "id": row.id,
        "action": row.action,
        "actor": row.actor,
        "object_id": row.object_id,
        "details": row.details,
        "request_id": row.request_id,
        "created_at": format_instant(row.created_at),
    }
