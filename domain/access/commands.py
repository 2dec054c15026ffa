"""Commands and filters of access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.access.model import KeyState, KeyType, LeftWebhooks
from domain.access.oauth_model import ClientType
from domain.access.quotas import MAX_REQUESTS
from domain.kernel.fields import UNSET, Boolean, Choice, DateTime, FieldLocation, Integer, ListOf, Text, Unset
from domain.kernel.principal import SCOPES

MAX_OVERLAP = 7 * 86_400
MAX_DOCUMENT_LENGTH = 100_000
"""Characters of a trusted document. A document in a request may be longer (``gateway/graphql/limits.py``), but a page
of a list holds 200 trusted documents."""
SCOPE_PATTERN = "|".join((*SCOPES, "all"))

_ID = Text(min=1, max=64, description="The id of the API key (`key_…`).", place=FieldLocation.PATH)
_SCOPE = Text(
    min=1,
    max=40,
    pattern=SCOPE_PATTERN,
    words=(*SCOPES, "all"),
    noun="scope",
    description="A scope, or `all`.",
    example="products:read",
)
_ALLOWED_ADDRESSES = ListOf(
    item=Text(min=2, max=50, description="An address or a network (CIDR).", example="203.0.113.0/24"),
    max=100,
    description="The networks from which the key works. Empty: from everywhere. Requires the plan enterprise.",
)
_HOURLY_LIMIT = Integer(
    description="The number of requests per hour with this key. Omitted or null: only the limits of the store apply.",
    min=1,
    max=MAX_REQUESTS,
    example=500,
)
_DAILY_LIMIT = Integer(
    description="The number of requests per day with this key. Omitted or null: only the limits of the store apply.",
    min=1,
    max=MAX_REQUESTS,
    example=5_000,
)
DEFAULT_ADDRESS_LIMIT = 600
_ORIGINS = ListOf(
    item=Text(
        min=4, max=253, description="A scheme and a host, with a port if needed.", example="https://shop.example"
    ),
    max=50,
    description="The pages and apps from which a publishable key works: the values of the header `Origin`, such as "
    "`https://shop.example`, `http://localhost:3000` or `app://com.example.shop`. Required for a publishable key.",
)
_METADATA_KEYS = ListOf(
    item=Text(min=1, max=100, description="A key of metadata.", example="material"),
    max=50,
    description="The members of the metadata of products that a publishable key shows, by their keys. Empty: none.",
)
_ADDRESS_LIMIT = Integer(
    description="The number of requests per minute from one client address with a publishable key. Default: "
    f"{DEFAULT_ADDRESS_LIMIT}.",
    min=1,
    max=MAX_REQUESTS,
    example=DEFAULT_ADDRESS_LIMIT,
)
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
    type: Annotated[
        KeyType,
        Choice(
            description="Whether the key is for a server and kept secret (`secret`), or for browsers and apps, where "
            "everybody can read it (`publishable`).",
            example="publishable",
        ),
    ] = KeyType.SECRET
    scopes: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=_SCOPE,
            min=1,
            max=20,
            description="The scopes: `<area>:read`, `<area>:write` or `all`. Cannot exceed the scopes of your key. "
            "Required for a secret key. A publishable key has `products:read`, as far as shoppers may see.",
        ),
    ] = UNSET
    expires_at: Annotated[
        datetime | Unset | None,
        DateTime(
            description="When the key expires. Not later than your key. Null or omitted: when your key expires, or "
            "never if it does not.",
            example="2027-01-15T10:30:00Z",
        ),
    ] = UNSET
    hourly_limit: Annotated[int | Unset | None, _HOURLY_LIMIT] = UNSET
    daily_limit: Annotated[int | Unset | None, _DAILY_LIMIT] = UNSET
    allowed_addresses: Annotated[tuple[str, ...] | Unset, _ALLOWED_ADDRESSES] = UNSET
    origins: Annotated[tuple[str, ...] | Unset, _ORIGINS] = UNSET
    metadata_keys: Annotated[tuple[str, ...] | Unset, _METADATA_KEYS] = UNSET
    address_limit: Annotated[int | Unset | None, _ADDRESS_LIMIT] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateApiKey:
    """Rename a key, or narrow what it may do. The keys that it created are narrowed with it: they lose the same scopes,
    and expire no later. A created key without any scope left is revoked."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    name: Annotated[str | Unset, Text(min=1, max=100, description="The name of the key.", example="Storefront")] = UNSET
    scopes: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=_SCOPE,
            min=1,
            max=20,
            description="The remaining scopes. Scopes cannot be added. Omitted or `all`: the current scopes.",
        ),
    ] = UNSET
    expires_at: Annotated[
        datetime | Unset | None,
        DateTime(
            description="When the key expires. Not later than before. Null is allowed for a key that never expires.",
            example="2027-01-15T10:30:00Z",
        ),
    ] = UNSET
    hourly_limit: Annotated[int | Unset | None, _HOURLY_LIMIT] = UNSET
    daily_limit: Annotated[int | Unset | None, _DAILY_LIMIT] = UNSET
    allowed_addresses: Annotated[tuple[str, ...] | Unset, _ALLOWED_ADDRESSES] = UNSET
    origins: Annotated[tuple[str, ...] | Unset, _ORIGINS] = UNSET
    metadata_keys: Annotated[tuple[str, ...] | Unset, _METADATA_KEYS] = UNSET
    address_limit: Annotated[int | Unset | None, _ADDRESS_LIMIT] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RollApiKey:
    """Replace a key by a new one with the same name, scopes, limits and expiry. The old key stays valid for an overlap.
    The new key takes over the keys and webhooks that the old key created, and expires no later than your key."""

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
            description="Whether the webhooks that these keys created stay active.",
            example="disable",
            place=FieldLocation.QUERY,
        ),
    ] = LeftWebhooks.KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterTrustedDocument:
    """Register a GraphQL document as trusted. If the same text is already registered, that document is returned, and
    becomes public if `public` is true."""

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
    public: Annotated[
        bool,
        Boolean(
            description="Whether publishable keys may run the document. It must then consist of queries and "
            "subscriptions of what shoppers may see. A document that is registered already becomes public.",
            example=True,
        ),
    ] = False


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
class CreateOAuthClient:
    """Register an OAuth client. The secret of a confidential client is returned only once."""

    name: Annotated[
        str, Text(min=1, max=100, description="The name of the application, shown to users.", example="Order desk")
    ]
    type: Annotated[
        ClientType,
        Choice(
            description="Whether the application runs on a server and can keep a secret (`confidential`), or in a "
            "browser or on a device (`public`).",
            example="confidential",
        ),
    ]
    redirect_uris: Annotated[
        tuple[str, ...],
        ListOf(
            item=Text(
                min=1,
                max=2_000,
                description="An absolute URI without fragment.",
                example="https://desk.example/callback",
            ),
            max=10,
            description="Where users may be sent back to, compared character by character: `https`, `http` on a "
            "loopback address, or a private scheme with a dot for a public client. Required for a public client.",
        ),
    ] = ()
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
                example="orders:read",
            ),
            min=1,
            max=20,
            description="The most that the client can be granted. Cannot exceed your own scopes.",
        ),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokeOAuthClient:
    """Revoke an OAuth client and all its grants, immediately."""

    id: Annotated[
        str, Text(min=1, max=64, description="The id of the OAuth client (`cli_…`).", place=FieldLocation.PATH)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokeGrant:
    """Revoke a grant with all its tokens, immediately."""

    id: Annotated[str, Text(min=1, max=64, description="The id of the grant (`grant_…`).", place=FieldLocation.PATH)]
