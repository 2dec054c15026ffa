"""GraphQL types and operations of access: the store, the caller, API keys, trusted documents, the audit log."""

from __future__ import annotations

from datetime import datetime

import strawberry

import resolvers.access
from domain import access, orders, webhooks
from domain.access.commands import ApiKeyFilter, AuditFilter
from domain.kernel.principal import Mode, Plan
from resolvers.types import Id
from schema.fields import attribute, computed, listing, lookup, nested, related, root
from schema.mutation_fields import changed_row, created_row, mutation, result_value, touched_row
from schema.orders import Settings
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned
from schema.scalars import Currency, Json
from schema.webhooks import WebhookConnection

reads = access.reads


@strawberry.type(description="The store of the API key.")
class Shop(Node, prefix="store"):
    """Describes the domain's Store."""

    account_id: Id = attribute("The id of the account.")
    name: str = attribute("The name of the account.")
    mode: Mode = attribute("Live store or sandbox.")
    plan: Plan = attribute("The plan of the account.")
    currency: Currency = attribute("The currency of all prices and orders.")
    settings: Settings = related(
        orders.reads.settings_by_store, key="id", description="The settings of the store. Requires `access:read`."
    )


@strawberry.type(description="The API key of the request.")
class Viewer:
    """Describes the domain's Principal."""

    credential: Id = attribute("The id of the API key.")
    scopes: list[str] = computed(resolvers.access.scopes, columns=("scopes",), description="The scopes of the key.")
    expires_at: datetime | None = attribute("When the key expires. Null if it never expires.")


@strawberry.type(description="An API key. Its secret is returned only when it is created.")
class ApiKey(Node, Versioned, prefix="key"):
    """A row of the reads of keys."""

    name: str = attribute("The name of the key.")
    hint: str = attribute("The first and last characters of the secret.")
    scopes: list[str] = attribute("The scopes of the key.")
    expires_at: datetime | None = attribute("When the key expires. Null if it never expires.")
    revoked_at: datetime | None = attribute("When the key was revoked. Null if it was not.")
    last_used_at: datetime | None = attribute("When the key was last used, to the minute. Null if it was not.")
    created_by: Id | None = attribute(
        "The id of the API key that created this key, or of its successor if it was rolled; `system` for the command "
        "line. This key expires no later than that key. Null if the creator was not recorded."
    )
    webhooks: WebhookConnection = nested(
        webhooks.reads.webhooks_by_credential,
        key="id",
        description="The webhooks that the key created, or whose URL, events or query it last changed; newest first.",
    )


@strawberry.type(
    description="A registered GraphQL document. Requests can refer to it by hash or id instead of sending it."
)
class TrustedDocument(Node, prefix="doc"):
    """A row of the reads of trusted documents."""

    hash: str = attribute("The SHA-256 of the text in UTF-8, in lower-case hexadecimal.")
    text: str = attribute("The document, exactly as registered.")
    name: str | None = attribute("The name of the document. Null if it has none.")
    created_at: datetime = attribute("When the document was registered.")


@strawberry.type(description="An entry of the audit log.")
class AuditEntry(Node, prefix="aud"):
    """A row of the audit log."""

    action: str = attribute("The action, such as `key.created`.")
    actor: Id = attribute("The id of the API key that made the change, or `system`.")
    object_id: Id = attribute("The id of the changed object.")
    details: Json = attribute("Details of the change, as an object.")
    request_id: str | None = attribute(
        "The id of the request that made the change. Null if it was not made by a request."
    )
    created_at: datetime = attribute("When the change was made.")


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
    """Queries of access."""

    shop: Shop = root(resolvers.access.shop, description="The store of the API key.")
    viewer: Viewer = root(resolvers.access.viewer, description="The API key of the request.")
    api_keys: ApiKeyConnection = listing(
        reads.keys,
        description="List the API keys of the store, including revoked and expired ones.",
        filter=ApiKeyFilter,
    )
    trusted_document: TrustedDocument | None = lookup(
        resolvers.access.trusted_document,
        reads.document_by_id,
        reads.document_by_hash,
        description="Fetch a trusted document by `id` or `hash`. Give exactly one of them.",
    )
    trusted_documents: TrustedDocumentConnection = listing(
        reads.documents, description="List the trusted documents of the store, newest first."
    )
    audit_log: AuditEntryConnection = listing(
        reads.audit_log,
        description="List the changes to API keys, trusted documents and webhooks, newest first.",
        filter=AuditFilter,
        admit=reads.check_filters,
    )


@strawberry.type(description="Result of `createApiKey`.")
class CreateApiKeyPayload(Payload):
    """A MutationResult with a key and its secret."""

    api_key: ApiKey | None = created_row(reads.key_by_id, key="id", description="The created API key.")
    secret: str | None = result_value("secret", description="The secret of the key. Returned only in this response.")


@strawberry.type(description="Result of `rollApiKey`.")
class RollApiKeyPayload(Payload):
    """A MutationResult with a key and its secret."""

    api_key: ApiKey | None = touched_row(
        reads.key_by_id, key="id", written=("hint", "createdAt", "updatedAt"), description="The new API key."
    )
    secret: str | None = result_value(
        "secret", description="The secret of the new key. Returned only in this response."
    )


@strawberry.type(description="Result of `revokeApiKey`.")
class RevokeApiKeyPayload(Payload):
    """A MutationResult with a key."""

    api_key: ApiKey | None = changed_row(
        reads.key_by_id,
        key="id",
        written=("revokedAt",),
        description="The API key after the change.",
    )
    key_count: int | None = result_value(
        "key_count",
        description="The number of keys that were revoked together with this key, because they descend from it.",
    )
    webhook_count: int | None = result_value(
        "webhook_count",
        description="The number of active webhooks of these keys. They have been disabled if the request asked for it.",
    )


@strawberry.type(description="Result of `registerTrustedDocument`.")
class RegisterTrustedDocumentPayload(Payload):
    """A MutationResult with a document."""

    document: TrustedDocument | None = touched_row(
        reads.document_by_id,
        key="id",
        written=("hash", "text"),
        description="The trusted document, whether registered now or before.",
    )


@strawberry.type(description="Result of `removeTrustedDocument`.")
class RemoveTrustedDocumentPayload(Payload):
    """A MutationResult with an id."""

    deleted_id: Id | None = result_value("deleted_id", description="The id of the removed trusted document.")


@strawberry.type
class AccessMutation:
    """Mutations of access."""

    create_api_key: CreateApiKeyPayload = mutation(access.create_key)
    roll_api_key: RollApiKeyPayload = mutation(access.roll_key)
    revoke_api_key: RevokeApiKeyPayload = mutation(access.revoke_key)
    register_trusted_document: RegisterTrustedDocumentPayload = mutation(access.register_trusted_document)
    remove_trusted_document: RemoveTrustedDocumentPayload = mutation(access.remove_trusted_document)
