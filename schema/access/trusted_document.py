"""Trusted documents."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.fields import attribute
from schema.relay import Connection, Node


@strawberry.type(
    description="A registered GraphQL document. Requests can refer to it by hash or id instead of sending it."
)
class TrustedDocument(Node, prefix="doc"):
    """A row of the reads of trusted documents."""

    hash: str = attribute("The SHA-256 of the text in UTF-8, in lower-case hexadecimal.")
    text: str = attribute("The document, exactly as registered.")
    name: str | None = attribute("The name of the document. Null if it has none.")
    public: bool = attribute("Whether publishable keys may run the document.")
    created_at: datetime = attribute("When the document was registered.")


@strawberry.type(description="A page of trusted documents.")
class TrustedDocumentConnection(Connection[TrustedDocument]):
    """A page of trusted documents."""
