"""Reads of access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from domain.access.key_states import in_state
from domain.access.model import ApiKey, TrustedDocument
from domain.access.oauth_model import OAuthClient, OAuthGrant
from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import AdaptiveFilter, Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, one_of, present
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.use_cases.audit import AuditEntry

SCOPE = "access:read"

_key = ApiKey.__table__.c
_document = TrustedDocument.__table__.c
_audit = AuditEntry.__table__.c

_KEYS = select(
    _key.id,
    _key.name,
    _key.type,
    _key.hint,
    _key.scopes,
    _key.version,
    _key.hourly_limit,
    _key.daily_limit,
    _key.allowed_addresses,
    _key.origins,
    _key.metadata_keys,
    _key.address_limit,
    _key.rotation_due_at,
    _key.expires_at,
    _key.revoked_at,
    _key.last_used_at,
    _key.created_by,
    _key.created_at,
    _key.updated_at,
)

_DOCUMENTS = select(
    _document.id, _document.hash, _document.text, _document.name, _document.public, _document.created_at
)

key_by_id = Read("key_by_id", _KEYS, scope=SCOPE, store=_key.store_id, key=_key.id)
keys = Listing(
    "keys",
    _KEYS,
    scope=SCOPE,
    store=_key.store_id,
    id=_key.id,
    sorts={"created_at": _key.created_at},
    filters={"state": AdaptiveFilter(in_state)},
)
document_by_id = Read("document_by_id", _DOCUMENTS, scope=SCOPE, store=_document.store_id, key=_document.id)
document_by_hash = Read("document_by_hash", _DOCUMENTS, scope=SCOPE, store=_document.store_id, key=_document.hash)
documents = Listing(
    "documents",
    _DOCUMENTS,
    scope=SCOPE,
    store=_document.store_id,
    id=_document.id,
    sorts={"created_at": _document.created_at},
)
_AUDIT = select(
    _audit.id,
    _audit.action,
    _audit.actor,
    _audit.object_id,
    _audit.details,
    _audit.request_id,
    _audit.created_at,
)
audit_entry_by_id = Read("audit_entry_by_id", _AUDIT, scope=SCOPE, store=_audit.store_id, key=_audit.id)
audit_log = Listing(
    "audit_log",
    _AUDIT,
    scope=SCOPE,
    store=_audit.store_id,
    id=_audit.id,
    sorts={"created_at": _audit.created_at},
    filters={
        "actor": one_of("actor", _audit.actor, ("created_at",)),
        "action": one_of("action", _audit.action, ("created_at",)),
        "object_id": one_of("object_id", _audit.object_id, ("created_at",)),
        "created_from": at_or_after("created_from", _audit.created_at),
        "created_to": at_or_before("created_to", _audit.created_at),
    },
)
_client, _grant = OAuthClient.__table__.c, OAuthGrant.__table__.c
_CLIENTS = select(
    _client.id,
    _client.name,
    _client.type,
    _client.redirect_uris,
    _client.scopes,
    _client.expires_at,
    _client.revoked_at,
    _client.created_by,
    _client.created_at,
    _client.updated_at,
)
client_by_id = Read("client_by_id", _CLIENTS, scope=SCOPE, store=_client.store_id, key=_client.id)
clients = Listing(
    "clients",
    _CLIENTS,
    scope=SCOPE,
    store=_client.store_id,
    id=_client.id,
    sorts={"created_at": _client.created_at},
    filters={
        "created_by": one_of("created_by", _client.created_by, ("created_at",)),
        "revoked": present(_client.revoked_at),
    },
)
_GRANTS = select(
    _grant.id,
    _grant.client_id,
    _grant.user_id,
    _grant.scopes,
    _grant.last_used_at,
    _grant.revoked_at,
    _grant.end_reason,
    _grant.created_at,
)
grant_by_id = Read("grant_by_id", _GRANTS, scope=SCOPE, store=_grant.store_id, key=_grant.id)
grants = Listing(
    "grants",
    _GRANTS,
    scope=SCOPE,
    store=_grant.store_id,
    id=_grant.id,
    sorts={"created_at": _grant.created_at},
    filters={
        "client_id": one_of("client_id", _grant.client_id, ("created_at",)),
        "user_id": one_of("user_id", _grant.user_id, ("created_at",)),
        "revoked": present(_grant.revoked_at),
    },
)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Validate the filters of the audit log. Raises MalformedRequest for a time range that ends before it begins."""
    refuse_reversed(filters, "created_from", "created_to")
    return filters
