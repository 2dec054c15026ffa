"""Reads of access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from domain.access.key_states import in_state
from domain.access.model import ApiKey, TrustedDocument
from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import AdaptiveFilter, Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, one_of
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
    _key.hint,
    _key.scopes,
    _key.version,
    _key.expires_at,
    _key.revoked_at,
    _key.last_used_at,
    _key.created_by,
    _key.created_at,
    _key.updated_at,
)

_DOCUMENTS = select(_document.id, _document.hash, _document.text, _document.name, _document.created_at)

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
        "created_from": at_or_after("created_from", _audit.created_at),
        "created_to": at_or_before("created_to", _audit.created_at),
    },
)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Validate the filters of the audit log. Raises MalformedRequest for a time range that ends before it begins."""
    refuse_reversed(filters, "created_from", "created_to")
    return filters
