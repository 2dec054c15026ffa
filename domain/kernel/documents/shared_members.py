"""Members that the documents of all areas share."""

from __future__ import annotations

from domain.kernel.documents.members import CurrencyMember, InstantMember, IntegerMember, TextMember
from domain.kernel.ids import example_id

ID_TEXT = "The id. The same in GraphQL, REST and webhooks."
VERSION = IntegerMember("The version, starting at 1. Increases with every change.", example=1)
CREATED_AT = InstantMember("When the object was created.", example="2026-01-15T10:30:00Z")
UPDATED_AT = InstantMember("When the object was last changed.", example="2026-01-16T08:00:00Z")
CURRENCY = CurrencyMember("The currency of the store, as a lower-case ISO 4217 code.", example="gbp")


def id_member(prefix: str) -> TextMember:
    """The member ``id`` of objects whose ids have this prefix."""
    return TextMember(ID_TEXT, example=example_id(prefix))
