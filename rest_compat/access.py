"""REST endpoints of access: the store, the caller, API keys, trusted documents and the audit log."""

from __future__ import annotations

from operator import attrgetter

from domain import access
from domain.access.commands import ApiKeyFilter
from domain.access.documents import (
    AuditDocument,
    KeyDocument,
    OAuthClientDocument,
    OAuthGrantDocument,
    ShopDocument,
    TrustedDocumentDocument,
    ViewerDocument,
)
from domain.access.list_filters import AuditEntryFilter, OAuthClientFilter, OAuthGrantFilter
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import CallerAction, CountHeader, ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.objects import OtherKey, RestObject, WithSecret

KEY = RestObject(
    path="/access/keys/{id}",
    noun="API key",
    prefix="key",
    read=access.reads.key_by_id,
    document=KeyDocument,
)
TRUSTED_DOCUMENT = RestObject(
    path="/documents/{id}",
    noun="trusted document",
    prefix="doc",
    read=access.reads.document_by_id,
    otherwise=OtherKey("hash", access.reads.document_by_hash),
    document=TrustedDocumentDocument,
)
CLIENT = RestObject(
    path="/access/clients/{id}",
    noun="OAuth client",
    prefix="cli",
    read=access.reads.client_by_id,
    document=OAuthClientDocument,
)
GRANT = RestObject(
    path="/access/grants/{id}",
    noun="grant",
    prefix="grant",
    read=access.reads.grant_by_id,
    document=OAuthGrantDocument,
)
_KEY = KEY.id_in_path()
_CLIENT = CLIENT.id_in_path()
_GRANT = GRANT.id_in_path()
_TRUSTED = TRUSTED_DOCUMENT.id_in_path()
_TRUSTED_OR_HASH = TRUSTED_DOCUMENT.id_in_path(otherwise=True)

_COUNTS = (
    CountHeader(
        "X-Key-Count",
        "The number of keys that were revoked together with this key, because they descend from it.",
        lambda revoked: revoked.key_count,
    ),
    CountHeader(
        "X-Webhook-Count",
        "The number of active webhooks of these keys. They have been deactivated if requested.",
        lambda revoked: revoked.webhook_count,
    ),
)

ENDPOINTS = tagged(
    "Access",
    Endpoint(
        method="GET",
        path="/shop",
        name="getShop",
        summary="Get the store",
        action=CallerAction(document=ShopDocument, row=attrgetter("store")),
    ),
    Endpoint(
        method="GET",
        path="/viewer",
        name="getViewer",
        summary="Get the API key or access token of the request",
        action=CallerAction(document=ViewerDocument, row=lambda principal: principal),
    ),
    Endpoint(
        method="GET",
        path="/access/keys",
        name="listKeys",
        summary="List API keys",
        description="API keys of the store, including revoked and expired ones, without their secrets.",
        action=PageAction(listing=access.reads.keys, document=KeyDocument, filters=ApiKeyFilter),
    ),
    Endpoint(
        method="POST",
        path="/access/keys",
        name="createKey",
        summary="Create an API key",
        description="The response contains the secret. It is not returned again.",
        action=WriteAction(use_case=use_case_of(access.create_key), returns=WithSecret(KEY)),
    ),
    Endpoint(
        method="GET",
        path="/access/keys/{id}",
        name="getKey",
        summary="Get an API key",
        action=ItemAction(source=KEY),
        ids={"id": _KEY},
    ),
    Endpoint(
        method="PUT",
        path="/access/keys/{id}",
        name="updateKey",
        summary="Update an API key",
        description="Renames the key, or narrows what it may do. The keys that it created are narrowed with it.",
        action=WriteAction(use_case=use_case_of(access.update_key), returns=KEY, current=KEY),
        ids={"id": _KEY},
    ),
    Endpoint(
        method="DELETE",
        path="/access/keys/{id}",
        name="revokeKey",
        summary="Revoke an API key",
        description="Revokes the key and the keys that it created, immediately. Their webhooks stay active, unless "
        "`webhooks=disable`. Repeating the request also returns 204.",
        action=WriteAction(use_case=use_case_of(access.revoke_key), current=KEY, counts=_COUNTS),
        ids={"id": _KEY},
    ),
    Endpoint(
        method="POST",
        path="/access/keys/{id}/roll",
        name="rollKey",
        summary="Roll an API key",
        description="Replaces the key by a new one, whose secret is in the response. The new key takes over the keys "
        "and webhooks that the old key created. The old key stays valid for the overlap.",
        action=WriteAction(
            use_case=use_case_of(access.roll_key),
            writes=frozenset({"secret", "hint", "created_at", "updated_at"}),
            returns=WithSecret(KEY),
            current=KEY,
        ),
        ids={"id": _KEY},
    ),
    Endpoint(
        method="GET",
        path="/access/clients",
        name="listOAuthClients",
        summary="List OAuth clients",
        description="The OAuth clients of the store, including revoked and expired ones, without their secrets.",
        action=PageAction(listing=access.reads.clients, document=OAuthClientDocument, filters=OAuthClientFilter),
    ),
    Endpoint(
        method="POST",
        path="/access/clients",
        name="createOAuthClient",
        summary="Create an OAuth client",
        description="The response contains the secret of a confidential client. It is not returned again.",
        action=WriteAction(use_case=use_case_of(access.oauth.create_oauth_client), returns=WithSecret(CLIENT)),
    ),
    Endpoint(
        method="GET",
        path="/access/clients/{id}",
        name="getOAuthClient",
        summary="Get an OAuth client",
        action=ItemAction(source=CLIENT),
        ids={"id": _CLIENT},
    ),
    Endpoint(
        method="DELETE",
        path="/access/clients/{id}",
        name="revokeOAuthClient",
        summary="Revoke an OAuth client",
        description="Revokes the client and all its grants, immediately. Repeating the request also returns 204.",
        action=WriteAction(use_case=use_case_of(access.oauth.revoke_oauth_client)),
        ids={"id": _CLIENT},
    ),
    Endpoint(
        method="GET",
        path="/access/grants",
        name="listGrants",
        summary="List OAuth grants",
        description="The permissions that OAuth clients have or had, newest first.",
        action=PageAction(listing=access.reads.grants, document=OAuthGrantDocument, filters=OAuthGrantFilter),
    ),
    Endpoint(
        method="GET",
        path="/access/grants/{id}",
        name="getGrant",
        summary="Get an OAuth grant",
        action=ItemAction(source=GRANT),
        ids={"id": _GRANT},
    ),
    Endpoint(
        method="DELETE",
        path="/access/grants/{id}",
        name="revokeGrant",
        summary="Revoke an OAuth grant",
        description="Revokes the grant with all its tokens, immediately. Repeating the request also returns 204.",
        action=WriteAction(use_case=use_case_of(access.oauth.revoke_grant)),
        ids={"id": _GRANT},
    ),
    Endpoint(
        method="GET",
        path="/documents",
        name="listDocuments",
        summary="List trusted documents",
        description="The GraphQL documents that requests can refer to instead of sending them, newest first.",
        action=PageAction(listing=access.reads.documents, document=TrustedDocumentDocument),
    ),
    Endpoint(
        method="POST",
        path="/documents",
        name="registerTrustedDocument",
        summary="Register a trusted document",
        description="The document must be valid and within the limits of all GraphQL requests. If the same text is "
        "already registered, that document is returned.",
        action=WriteAction(
            use_case=use_case_of(access.register_trusted_document),
            writes=frozenset({"hash", "text"}),
            described=False,
            returns=TRUSTED_DOCUMENT,
        ),
    ),
    Endpoint(
        method="GET",
        path="/documents/{id}",
        name="getDocument",
        summary="Get a trusted document by id or hash",
        action=ItemAction(source=TRUSTED_DOCUMENT),
        ids={"id": _TRUSTED_OR_HASH},
    ),
    Endpoint(
        method="DELETE",
        path="/documents/{id}",
        name="removeTrustedDocument",
        summary="Remove a trusted document",
        description="Requests that refer to it are refused from now on.",
        action=WriteAction(use_case=use_case_of(access.remove_trusted_document)),
        ids={"id": _TRUSTED},
    ),
    Endpoint(
        method="GET",
        path="/access/audit",
        name="listAudit",
        summary="List the audit log",
        description="The changes to API keys, users, OAuth clients and grants, trusted documents and webhooks, and "
        "the reads of exports, newest first.",
        action=PageAction(
            listing=access.reads.audit_log,
            document=AuditDocument,
            filters=AuditEntryFilter,
            check_filters=access.reads.check_filters,
        ),
    ),
)
