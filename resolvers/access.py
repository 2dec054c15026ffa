"""Root reads of access: who asks, where, and what is trusted there."""

from __future__ import annotations

from typing import Annotated

from domain import access
from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import LookupText
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal, Store
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


async def shop(context: Context) -> Store:
    """The caller's store."""
    return context.principal.store


async def viewer(context: Context) -> Principal:
    """The caller."""
    return context.principal


def scopes(principal: Principal) -> list[str]:
    """What the caller may do, in alphabetical order."""
    return sorted(principal.scopes)


def trusted_document(
    *,
    id: Annotated[Id | None, "The document's id (doc_…)."] = None,
    hash: Annotated[str | None, LookupText(max=64, description="Its SHA-256, in lower-case hexadecimal.")] = None,
) -> LoadRequest | None:
    """One trusted document, by exactly one of id and hash. Raises MalformedRequest for none or both."""
    if (id is None) == (hash is None):
        raise MalformedRequest.of("id", "Give either `id` or `hash`.")
    if id is not None:
        return LoadRequest(access.reads.document_by_id, id) if is_id("doc", id) else None
    return LoadRequest(access.reads.document_by_hash, hash or "")
