"""OAuth clients and grants, and the payloads of their mutations."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import access
from domain.access import oauth
from resolvers.types import Id
from schema.fields import attribute
from schema.mutation_fields import created_row, secret_value, touched_row
from schema.payload import Payload
from schema.relay import Connection, Node

reads = access.reads


@strawberry.type(
    description="An OAuth client: an application that can request tokens of the store. Its secret is returned only "
    "when it is created.",
    name="OAuthClient",
)
class OAuthClient(Node, prefix="cli"):
    """A row of the reads of OAuth clients."""

    name: str = attribute("The name of the application, shown to users.")
    type: oauth.ClientType = attribute("Whether the client can keep a secret.")
    redirect_uris: list[str] = attribute("Where users may be redirected to, compared character by character.")
    scopes: list[str] = attribute("The most that the client can be granted.")
    expires_at: datetime | None = attribute("When the client expires, with all its tokens. Null if it never expires.")
    revoked_at: datetime | None = attribute("When the client was revoked. Null if it was not.")
    created_by: Id = attribute(
        "The id of the API key or grant that created this client, or of the key's successor if it was rolled; `system` "
        "for the command line. This client ends no later than that credential."
    )
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")


@strawberry.type(description="An OAuth grant: the family of all tokens issued for one permission.", name="OAuthGrant")
class OAuthGrant(Node, prefix="grant"):
    """A row of the reads of OAuth grants."""

    client_id: Id = attribute("The id of the OAuth client.")
    user_id: Id | None = attribute("The id of the user who allowed it. Null if the client uses its own credentials.")
    scopes: list[str] = attribute("The scopes that were granted.")
    last_used_at: datetime | None = attribute(
        "When an access token of the grant was last used, to the minute. Null if none was."
    )
    revoked_at: datetime | None = attribute("When the grant ended. Null if it has not.")
    end_reason: oauth.GrantEnd | None = attribute("Why the grant ended. Null if it has not.")
    created_at: datetime = attribute("When the grant was created.")


@strawberry.type(description="A page of OAuth clients.", name="OAuthClientConnection")
class OAuthClientConnection(Connection[OAuthClient]):
    """A page of OAuth clients."""


@strawberry.type(description="A page of OAuth grants.", name="OAuthGrantConnection")
class OAuthGrantConnection(Connection[OAuthGrant]):
    """A page of OAuth grants."""


@strawberry.type(description="Result of `createOAuthClient`.", name="CreateOAuthClientPayload")
class CreateOAuthClientPayload(Payload):
    """A MutationResult with an OAuth client and its secret."""

    client: OAuthClient | None = created_row(reads.client_by_id, key="id", description="The created OAuth client.")
    secret: str | None = secret_value(
        description="The secret of a confidential client. Returned only in this response."
    )


@strawberry.type(description="Result of `revokeOAuthClient`.", name="RevokeOAuthClientPayload")
class RevokeOAuthClientPayload(Payload):
    """A MutationResult with an OAuth client."""

    client: OAuthClient | None = touched_row(
        reads.client_by_id,
        key="id",
        written=("revokedAt", "updatedAt"),
        description="The OAuth client after the change.",
    )


@strawberry.type(description="Result of `revokeGrant`.")
class RevokeGrantPayload(Payload):
    """A MutationResult with an OAuth grant."""

    grant: OAuthGrant | None = touched_row(
        reads.grant_by_id,
        key="id",
        written=("revokedAt", "endReason"),
        description="The OAuth grant after the change.",
    )
