"""What access announces."""

from __future__ import annotations

from domain.access import reads
from domain.kernel.area import Area, NodeType

AREA = Area(
    scopes=frozenset({"access:read", "access:write"}),
    nodes={
        "key": NodeType((reads.key_by_id,)),
        "doc": NodeType((reads.document_by_id,)),
        "aud": NodeType((reads.audit_entry_by_id,)),
    },
    append_only=frozenset({"audit_entry"}),
)
