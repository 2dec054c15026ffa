"""API keys."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import webhooks
from domain.access import KeyType
from resolvers.types import Id
from schema.fields import attribute, nested
from schema.relay import Connection, Node, Versioned
from schema.webhooks import WebhookConnection


@strawberry.type(description="An API key. Its secret is returned only when it is created.")
class ApiKey(Node, Versioned, prefix="key"):
    """A row of the reads of keys."""

    name: str = attribute("The name of the key.")
    type: KeyType = attribute("Whether the key is kept secret, or published in browsers and apps.")
    hint: str = attribute("The first and last characters of the secret.")
    scopes: list[str] = attribute("The scopes of the key.")
    hourly_limit: int | None = attribute(
        "The number of requests per hour with this key. Null if only the limits of the store apply."
    )
    daily_limit: int | None = attribute(
        "The number of requests per day with this key. Null if only the limits of the store apply."
    )
    allowed_addresses: list[str] = attribute(
        "The networks (CIDR) from which the key works. Empty if it works from everywhere."
    )
    origins: list[str] = attribute("The pages and apps from which a publishable key works. Empty for a secret key.")
    metadata_keys: list[str] = attribute("The members of the metadata of products that a publishable key shows.")
    address_limit: int | None = attribute(
        "The number of requests per minute from one client address with a publishable key. Null for a secret key."
    )
    rotation_due_at: datetime = attribute("When the key should be rolled: 90 days after it was created. It works on.")
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


@strawberry.type(description="A page of API keys.")
class ApiKeyConnection(Connection[ApiKey]):
    """A page of keys."""
