"""What callers can ask of access."""

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
"""Characters of a trusted document. What is sent may have more (``gateway/graphql/limits.py``), but a page of a list
holds 200 of these."""
SCOPE_PATTERN = "|".join((*SCOPES, "all"))

_ID = Text(min=1, max=64, description="The key's id (key_…).", place=FieldLocation.PATH)
_VERSION = Integer(description="The version of the key you have seen.", min=1, place=FieldLocation.VERSION)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateApiKey:
    """Make a key to the caller's store. Its secret is answered once and never again."""

    name: Annotated[str, Text(min=1, max=100, description="What it is for.", example="Storefront")]
    scopes: Annotated[
        tuple[str, ...],
        ListOf(
            item=Text(
                min=1,
                max=40,
                pattern=SCOPE_PATTERN,
                words=(*SCOPES, "all"),
                noun="scope",
                description="A scope, or all.",
                example="products:read",
            ),
            min=1,
            max=20,
            description="What it may do: <area>:read, <area>:write, or all; never more than the caller's own.",
        ),
    ]
    expires_at: Annotated[
        datetime | Unset | None,
        DateTime(
            description="When it stops working, UTC; null or left out: with the key that makes it, or never. Not later "
            "than that key.",
            example="2027-01-15T10:30:00Z",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RollApiKey:
    """Make a successor with the same name, scopes and expiry, which takes over the keys and webhooks that the old key
    made; the old key goes on for an overlap. The successor ends no later than the key that rolls it."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    overlap_seconds: Annotated[
        int,
        Integer(max=MAX_OVERLAP, description="Seconds for which the old key still works; 0 ends it now.", example=3600),
    ] = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokeApiKey:
    """End a key at once, and the keys that it made. Revoking it again changes nothing but the webhooks."""

    id: Annotated[str, _ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    webhooks: Annotated[
        LeftWebhooks,
        Choice(
            description="What becomes of the webhooks that these keys made: keep, or disable.",
            example="disable",
            place=FieldLocation.QUERY,
        ),
    ] = LeftWebhooks.KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterDocument:
    """Trust a GraphQL document: callers of the store may name it by its hash or id instead of sending it. One that is
    registered already is answered as it is."""

    text: Annotated[
        str,
        Text(
            min=1,
            max=MAX_DOCUMENT_LENGTH,
            exact=True,
            description="The document, kept to the byte; its SHA-256 is what clients name it by.",
            example="query Shop { shop { name currency } }",
        ),
    ]
    name: Annotated[
        str | Unset | None, Text(min=1, max=100, description="What it is for.", example="Storefront 1.4")
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveDocument:
    """Trust a document no more."""

    id: Annotated[str, Text(min=1, max=64, description="The document's id (doc_…).", place=FieldLocation.PATH)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyFilter:
    """Which API keys a list holds; every condition must hold."""

    state: Annotated[
        tuple[KeyState, ...] | Unset,
        ListOf(
            item=Choice(description="active, expired or revoked.", example="active"),
            min=1,
            max=3,
            description="In one of these states; left out: all keys. A revoked key is no longer called expired.",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """Which entries of the audit log a list holds; every condition must hold."""

    actor: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="The id of a key, or system.", example="key_01jd3v4q8r"),
            min=1,
            max=20,
            description="Done by one of these credentials.",
        ),
    ] = UNSET
    action: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="An action.", example="key.created"),
            min=1,
            max=20,
            description="One of these actions, such as key.created, key.rolled, key.revoked or webhook.updated.",
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
