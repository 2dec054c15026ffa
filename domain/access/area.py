"""Scopes, node types and append-only tables of access."""

from __future__ import annotations

from domain.access import reads
from domain.access.model import KeyState, LeftWebhooks
from domain.kernel.area import Area, EnumDoc, NodeType

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
        LeftWebhooks,
        "The effect of revoking an API key on the webhooks it created.",
        {
            LeftWebhooks.KEEP: "The webhooks stay active, with the scopes of the key.",
            LeftWebhooks.DISABLE: "The webhooks are deactivated.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"access:read", "access:write"}),
    nodes={
        "key": NodeType((reads.key_by_id,)),
        "doc": NodeType((reads.document_by_id,)),
        "aud": NodeType((reads.audit_entry_by_id,)),
    },
    append_only=frozenset({"audit_entry"}),
    enums=_ENUMS,
)
