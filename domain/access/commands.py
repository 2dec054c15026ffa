"""Commands and filters of access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.access.model import KeyState, LeftWebhooks
from domain.kernel.fields import UNSET, Choice, DateTime, FieldLocation, Integer, ListOf, Text, Unset
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO
from domain.kernel.principal import SCOPES

MAX_OVERLAP = 7 * 86_400
MAX_DOCUMENT_LENGTH = 100_000
"""Characters of a trusted document. A document in a request may be longer (``gateway/graphql/limits.py``), but a page
of a list holds 200 trusted documents."""
SCOPE_PATTERN = "|".join((*SCOPES, "all"))

_ID = Text(min=1, max=64, description="The id of the API key (`key_…`).", place=FieldLocation.PATH)
_VERSION = Integer(
    description="The version the change is based on. If the API key has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateApiKey:
    """Create an API key. The secret is returned only once."""

    name: Annotated[str, Text(min=1, max=100, description="The name of the key.", example="Storefront")]
    scopes: Annotated[
        tuple[str, ...],
        ListOf(
            item=Text(
                min=1,
                max=40,
                pattern=SCOPE_PATTERN,
                words=(*SCOPES, "all"),
                noun="scope",
                description="A scope, or `all`.",
                example="products:read",
            ),
            min=1,
            max=20,
            description="The scopes: `<area>:read`, `<area>:write` or `all`. Cannot exceed the scopes of your key.",
        ),
    ]
    expires_at: Annotated[
        datetime | Unset | None,
        DateTime(
            description="When the key expires. Not later than your key. Null or omitted: when your key expires, or "
            "never if it does not.",
            example="2027-01-15T10:30:00Z",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RollApiKey:
    """Replace a key by a new one with the same name, scopes and expiry. The old key stays valid for an overlap. The new
    key takes over the keys and webhooks that the old key created, and expires no later than your key."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    overlap_seconds: Annotated[
        int,
        Integer(
            max=MAX_OVERLAP,
            description="The seconds for which the old key stays valid. 0 ends it immediately.",
            example=3600,
        ),
    ] = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokeApiKey:
    """Revoke a key and the keys that it created, immediately. Repeating the request only affects the webhooks."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    webhooks: Annotated[
        LeftWebhooks,
        Choice(
            description="What happens to the webhooks that these keys created: they are kept, or disabled.",
            example="disable",
            place=FieldLocation.QUERY,
        ),
    ] = LeftWebhooks.KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterTrustedDocument:
    """Register a GraphQL document as trusted. If the same text is already registered, that document is returned."""

    text: Annotated[
        str,
        Text(
            min=1,
            max=MAX_DOCUMENT_LENGTH,
            exact=True,
            description="The document, stored byte for byte. Requests can refer to it by its SHA-256.",
            example="query Shop { shop { name currency } }",
        ),
    ]
    name: Annotated[
        str | Unset | None, Text(min=1, max=100, description="The name of the document.", example="Storefront 1.4")
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveTrustedDocument:
    """Remove a trusted document."""

    id: Annotated[
        str, Text(min=1, max=64, description="The id of the trusted document (`doc_…`).", place=FieldLocation.PATH)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyFilter:
    """Conditions on API keys. All of them must match."""

    state: Annotated[
        tuple[KeyState, ...] | Unset,
        ListOf(
            item=Choice(description="A state.", example="active"),
            min=1,
            max=3,
            description="Return only keys in these states. Default: all. A revoked key does not count as expired.",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """Conditions on entries of the audit log. All of them must match."""

    actor: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="The id of an API key, or `system`.", example="key_01jd3v4q8r"),
            min=1,
            max=20,
            description="Return only changes made by these API keys, or by `system`.",
        ),
    ] = UNSET
    action: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="An action.", example="key.created"),
            min=1,
            max=20,
            description="Return only these actions, such as `key.created`, `key.revoked` or `webhook.updated`.",
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
