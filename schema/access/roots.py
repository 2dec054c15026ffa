"""Queries of access."""

from __future__ import annotations

import strawberry

import resolvers.access
from domain import access
from domain.access.commands import ApiKeyFilter
from domain.access.list_filters import AuditEntryFilter, OAuthClientFilter, OAuthGrantFilter
from schema.access.api_key import ApiKeyConnection
from schema.access.audit import AuditEntryConnection
from schema.access.oauth import OAuthClientConnection, OAuthGrantConnection
from schema.access.store import Shop, Viewer
from schema.access.trusted_document import TrustedDocument, TrustedDocumentConnection
from schema.fields import listing, lookup, root

reads = access.reads


@strawberry.type
class AccessQuery:
    """Queries of access."""

    shop: Shop = root(resolvers.access.shop, description="The store of the API key.")
    viewer: Viewer = root(resolvers.access.viewer, description="The API key or access token of the request.")
    api_keys: ApiKeyConnection = listing(
        reads.keys,
        description="List the API keys of the store, including revoked and expired ones.",
        filter=ApiKeyFilter,
    )
    oauth_clients: OAuthClientConnection = listing(
        reads.clients,
        description="List the OAuth clients of the store, including revoked and expired ones.",
        filter=OAuthClientFilter,
    )
    grants: OAuthGrantConnection = listing(
        reads.grants,
        description="List the permissions that OAuth clients have or had, newest first.",
        filter=OAuthGrantFilter,
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
        description="List the changes to API keys, users, OAuth clients and grants, trusted documents and webhooks, "
        "and the reads of exports, newest first.",
        filter=AuditEntryFilter,
        check_filters=reads.check_filters,
    )
