"""The shop, the caller, the keys that open the one to the other, and the documents that it trusts."""

from __future__ import annotations

from datetime import datetime

import strawberry

import resolvers.access
from domain import access, orders, webhooks
from domain.access.commands import ApiKeyFilter, AuditFilter
from domain.kernel.principal import Mode, Plan
from resolvers.types import Id
from schema.fields import (
    attribute,
    changed_row,
    computed,
    created_row,
    listing,
    lookup,
    mutation,
    nested,
    related,
    result_value,
    root,
    touched_row,
)
from schema.orders import Settings
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned
from schema.scalars import Currency, Json
from schema.webhooks import WebhookConnection

reads = access.reads


@strawberry.type(description="The store that the caller's key opens.")
class Shop(Node, prefix="store"):
    """Describes the domain's Store."""

    account_id: Id = attribute("The account's id.")
    name: str = attribute("The account's name.")
    mode: Mode = attribute("Real trade, or the sandbox.")
    plan: Plan = attribute("What the account pays for.")
    currency: Currency = attribute("What its catalog and its orders are in.")
    settings: Settings = related(
        orders.reads.settings_by_store, key="id", description="How it sells. Needs access:read."
    )


@strawberry.type(description="The credential that asks.")
class Viewer:
    """Describes the domain's Principal."""

    credential: Id = attribute("The id of the key.")
    scopes: list[str] = computed(resolvers.access.scopes, columns=("scopes",), description="What it may do.")
    expires_at: datetime | None = attribute("When it stops working; null: never.")


@strawberry.type(description="A key to the store. Its secret is told only in the answer that made it.")
class ApiKey(Node, Versioned, prefix="key"):
    """A row of the reads of keys."""

    name: str = attribute("What it is for.")
    hint: str = attribute("How its secret begins and ends.")
    scopes: list[str] = attribute("What it may do.")
    expires_at: datetime | None = attribute("When it stops working; null: never.")
    revoked_at: datetime | None = attribute("When it was revoked; null: it was not.")
    last_used_at: datetime | None = attribute("When it was last used, to the minute; null: never.")
    created_by: Id | None = attribute(
        "The credential that made it, and after that was rolled its successor: it ends no later than this one. system "
        "for the command line; null for a key of before this was noted."
    )
    webhooks: WebhookConnection = nested(
        webhooks.reads.webhooks_by_credential,
        key="id",
        description="The webhooks that it made, or last changed in where or what they are sent, newest first.",
    )


@strawberry.type(description="A GraphQL document that callers may name by its hash or id instead of sending it.")
class TrustedDocument(Node, prefix="doc"):
    """A row of the reads of trusted documents."""

    hash: str = attribute("SHA-256 of its UTF-8, in lower-case hexadecimal.")
    text: str = attribute("The document, to the byte.")
    name: str | None = attribute("What it is for.")
    created_at: datetime = attribute("When it was registered.")


@strawberry.type(description="One change of access.")
class AuditEntry(Node, prefix="aud"):
    """A row of the audit log."""

    action: str = attribute("What was done: key.created, for example.")
    actor: Id = attribute("The credential that did it; system for the gateway itself.")
    object_id: Id = attribute("What it was done to.")
    details: Json = attribute("What else there is to say, as an object.")
    request_id: str | None = attribute("The request it came in.")
    created_at: datetime = attribute("When it was done.")


@strawberry.type(description="A page of API keys.")
class ApiKeyConnection(Connection[ApiKey]):
    """A page of keys."""


@strawberry.type(description="A page of trusted documents.")
class TrustedDocumentConnection(Connection[TrustedDocument]):
    """A page of trusted documents."""


@strawberry.type(description="A page of the audit log.")
class AuditEntryConnection(Connection[AuditEntry]):
    """A page of the audit log."""


@strawberry.type
class AccessQuery:
    """Root reads of access."""

    shop: Shop = root(resolvers.access.shop, description="The caller's store.")
    viewer: Viewer = root(resolvers.access.viewer, description="The caller.")
    api_keys: ApiKeyConnection = listing(
        reads.keys, description="The keys to the store, ended ones too.", filter=ApiKeyFilter
    )
    trusted_document: TrustedDocument | None = lookup(
        resolvers.access.trusted_document,
        reads.document_by_id,
        reads.document_by_hash,
        description="One trusted document, by exactly one of id and hash.",
    )
    trusted_documents: TrustedDocumentConnection = listing(
        reads.documents, description="The documents that the store trusts, newest first."
    )
    audit_log: AuditEntryConnection = listing(
        reads.audit_log,
        description="Every change of access to the store.",
        filter=AuditFilter,
        admit=reads.admitted,
    )


@strawberry.type(description="What createApiKey came to.")
class CreateApiKeyPayload(Payload):
    """An Outcome with a key and its secret."""

    api_key: ApiKey | None = created_row(reads.key_by_id, key="id", description="The new key.")
    secret: str | None = result_value("secret", description="The key itself, told this once.")


@strawberry.type(description="What rollApiKey came to.")
class RollApiKeyPayload(Payload):
    """An Outcome with a key and its secret."""

    api_key: ApiKey | None = touched_row(
        reads.key_by_id, key="id", written=("hint", "createdAt", "updatedAt"), description="The successor."
    )
    secret: str | None = result_value("secret", description="The successor itself, told this once.")


@strawberry.type(description="What revokeApiKey came to.")
class RevokeApiKeyPayload(Payload):
    """An Outcome with a key."""

    api_key: ApiKey | None = changed_row(
        reads.key_by_id,
        key="id",
        written=("revokedAt",),
        description="The key as it is now.",
    )
    key_count: int | None = result_value("key_count", description="How many keys that it made ended with it.")
    webhook_count: int | None = result_value(
        "webhook_count",
        description="How many active webhooks it and these keys have made; disabled now where that was asked for.",
    )


@strawberry.type(description="What registerDocument came to.")
class RegisterDocumentPayload(Payload):
    """An Outcome with a document."""

    document: TrustedDocument | None = touched_row(
        reads.document_by_id,
        key="id",
        written=("hash", "text"),
        description="The document, also where it was registered before.",
    )


@strawberry.type(description="What removeDocument came to.")
class RemoveDocumentPayload(Payload):
    """An Outcome with an id."""

    deleted_id: Id | None = result_value("deleted_id", description="The id of the document that is trusted no more.")


@strawberry.type
class AccessMutation:
    """Use cases of access."""

    create_api_key: CreateApiKeyPayload = mutation(access.create_key)
    roll_api_key: RollApiKeyPayload = mutation(access.roll_key)
    revoke_api_key: RevokeApiKeyPayload = mutation(access.revoke_key)
    register_document: RegisterDocumentPayload = mutation(access.register_document)
    remove_document: RemoveDocumentPayload = mutation(access.remove_document)
