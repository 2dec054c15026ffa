"""Entries of the audit log."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.types import Id
from schema.fields import attribute
from schema.relay import Connection, Node
from schema.scalars import Json


@strawberry.type(description="An entry of the audit log.")
class AuditEntry(Node, prefix="aud"):
    """A row of the audit log."""

    action: str = attribute("The action, such as `key.created`.")
    actor: Id = attribute(
        "The id of the API key, grant, client or user that made the change or read the export, or `system`."
    )
    object_id: Id = attribute("The id of the object that was changed or exported.")
    details: Json = attribute("Details of the entry, as an object.")
    request_id: str | None = attribute("The id of the request. Null if there was none.")
    created_at: datetime = attribute("When the change was made or the export read.")


@strawberry.type(description="A page of the audit log.")
class AuditEntryConnection(Connection[AuditEntry]):
    """A page of the audit log."""
