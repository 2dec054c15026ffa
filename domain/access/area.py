"""What access announces."""

from __future__ import annotations

from domain.access import reads
from domain.access.model import KeyState, KeyType, LeftWebhooks
from domain.access.oauth_model import ClientType, GrantEnd
from domain.access.service.expired_rows import delete_expired_rows
from domain.kernel.area import Area, EnumDoc, NodeType, own_tables
from domain.kernel.maintenance import in_batches

_ENUMS = (
    EnumDoc(
        KeyState,
        "The state of an API key.",
        {
            KeyState.ACTIVE: "The key is valid.",
            KeyState.EXPIRED: "The key has expired.",
            KeyState.REVOKED: "The key was revoked.",
        },
        name="ApiKeyState",
    ),
    EnumDoc(
        KeyType,
        "The type of an API key.",
        {
            KeyType.SECRET: "The key is for servers and is kept secret.",
            KeyType.PUBLISHABLE: "The key is for browsers and apps: it shows what shoppers may see.",
        },
        name="ApiKeyType",
    ),
    EnumDoc(
        LeftWebhooks,
        "The effect of revoking an API key on the webhooks it created.",
        {
            LeftWebhooks.KEEP: "The webhooks stay active, with the scopes of the key.",
            LeftWebhooks.DISABLE: "The webhooks are deactivated.",
        },
    ),
    EnumDoc(
        ClientType,
        "The type of an OAuth client.",
        {
            ClientType.PUBLIC: "The client runs in a browser or on a device and has no secret.",
            ClientType.CONFIDENTIAL: "The client runs on a server and has a secret.",
        },
        name="OAuthClientType",
    ),
    EnumDoc(
        GrantEnd,
        "The reason for which an OAuth grant ended.",
        {
            GrantEnd.REVOKED: "The grant or one of its tokens was revoked.",
            GrantEnd.CODE_REPLAYED: "The authorization code of the grant was used twice.",
            GrantEnd.REFRESH_REPLAYED: "A refresh token of the grant was used twice.",
            GrantEnd.CLIENT_REVOKED: "The OAuth client was revoked.",
            GrantEnd.USER_REMOVED: "The user was removed.",
        },
        name="OAuthGrantEndReason",
    ),
)

AREA = Area(
    scopes=frozenset({"access:read", "access:write"}),
    nodes={
        "key": NodeType((reads.key_by_id,)),
        "cli": NodeType((reads.client_by_id,)),
        "grant": NodeType((reads.grant_by_id,)),
        "doc": NodeType((reads.document_by_id,)),
        "aud": NodeType((reads.audit_entry_by_id,)),
    },
    tables=own_tables(
        "domain.access",
        without_store={"account", "account_user", "user_invitation", "user_session"},
        read_only={"store"},
    ),
    maintenance={"expired tokens and sessions": in_batches(delete_expired_rows)},
    enums=_ENUMS,
)
