"""Mutations of access, and their payloads but those of OAuth."""

from __future__ import annotations

import strawberry

from domain import access
from resolvers.types import Id
from schema.access.api_key import ApiKey
from schema.access.oauth import CreateOAuthClientPayload, RevokeGrantPayload, RevokeOAuthClientPayload
from schema.access.trusted_document import TrustedDocument
from schema.mutation_fields import changed_row, created_row, mutation, result_value, secret_value, touched_row
from schema.payload import Payload

reads = access.reads


@strawberry.type(description="Result of `createApiKey`.")
class CreateApiKeyPayload(Payload):
    """A MutationResult with a key and its secret."""

    api_key: ApiKey | None = created_row(reads.key_by_id, key="id", description="The created API key.")
    secret: str | None = secret_value(description="The secret of the key. Returned only in this response.")


@strawberry.type(description="Result of `updateApiKey`.")
class UpdateApiKeyPayload(Payload):
    """A MutationResult with a key."""

    api_key: ApiKey | None = changed_row(reads.key_by_id, key="id", description="The API key after the change.")


@strawberry.type(description="Result of `rollApiKey`.")
class RollApiKeyPayload(Payload):
    """A MutationResult with a key and its secret."""

    api_key: ApiKey | None = touched_row(
        reads.key_by_id, key="id", written=("hint", "createdAt", "updatedAt"), description="The new API key."
    )
    secret: str | None = secret_value(description="The secret of the new key. Returned only in this response.")


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
        description="The number of active webhooks of these keys. They have been deactivated if requested.",
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
    update_api_key: UpdateApiKeyPayload = mutation(access.update_key)
    roll_api_key: RollApiKeyPayload = mutation(access.roll_key)
    revoke_api_key: RevokeApiKeyPayload = mutation(access.revoke_key)
    create_o_auth_client: CreateOAuthClientPayload = mutation(access.oauth.create_oauth_client)
    revoke_o_auth_client: RevokeOAuthClientPayload = mutation(access.oauth.revoke_oauth_client)
    revoke_grant: RevokeGrantPayload = mutation(access.oauth.revoke_grant)
    register_trusted_document: RegisterTrustedDocumentPayload = mutation(access.register_trusted_document)
    remove_trusted_document: RemoveTrustedDocumentPayload = mutation(access.remove_trusted_document)
