"""A trusted document, for tests that look at every table, route and field."""

from __future__ import annotations

from domain import access
from domain.access.commands import RegisterTrustedDocument
from domain.kernel.database import Database
from domain.kernel.principal import Principal

TEXT = "query Theirs { shop { name } }\n"


async def trust(database: Database, principal: Principal) -> dict[str, str]:
    """A document that the store trusts (``doc``)."""
    async with database.transaction(principal) as work:
        registered = await access.register_trusted_document(
            work, principal, RegisterTrustedDocument(text=TEXT, name="Theirs 1.0")
        )
    return {"doc": registered.id}
