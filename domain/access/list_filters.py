"""Conditions on OAuth clients, grants and entries of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.fields import UNSET, Boolean, ListOf, Text, Unset
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO

_CLIENT_ID = "cli_01jd3v4q8rf9k6w2m5n7t0xhz4"
_USER_ID = "usr_01jd3v4q8rf9k6w2m5n7t0xhz4"


def _texts(item: str, description: str, example: str) -> ListOf:
    return ListOf(item=Text(min=1, max=64, description=item, example=example), min=1, max=20, description=description)


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthClientFilter:
    """Conditions on OAuth clients. All of them must match."""

    created_by: Annotated[
        tuple[str, ...] | Unset,
        _texts(
            "The id of an API key or grant, or `system`.",
            "Return only clients that these API keys or grants have registered, or `system`.",
            "key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ] = UNSET
    revoked: Annotated[bool | Unset, Boolean(description="Whether the client was revoked.", example=False)] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class OAuthGrantFilter:
    """Conditions on OAuth grants. All of them must match."""

    client_id: Annotated[
        tuple[str, ...] | Unset,
        _texts("The id of an OAuth client.", "Return only grants of these OAuth clients.", _CLIENT_ID),
    ] = UNSET
    user_id: Annotated[
        tuple[str, ...] | Unset,
        _texts("The id of a user.", "Return only grants that these users have allowed.", _USER_ID),
    ] = UNSET
    revoked: Annotated[bool | Unset, Boolean(description="Whether the grant has ended.", example=False)] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntryFilter:
    """Conditions on entries of the audit log. All of them must match."""

    actor: Annotated[
        tuple[str, ...] | Unset,
        _texts(
            "The id of an API key, grant, client or user, or `system`.",
            "Return only what these API keys, grants, clients or users, or `system`, have done.",
            "key_01jd3v4q8r",
        ),
    ] = UNSET
    action: Annotated[
        tuple[str, ...] | Unset,
        _texts(
            "An action.",
            "Return only these actions, such as `key.created`, `webhook.updated` or `customer.exported`.",
            "key.created",
        ),
    ] = UNSET
    object_id: Annotated[
        tuple[str, ...] | Unset,
        _texts(
            "The id of an object.", "Return only what was done to these objects.", "cust_01jd3v4q8rf9k6w2m5n7t0xhz4"
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
