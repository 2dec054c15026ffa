"""Resolvers of access: the store, the caller, trusted documents."""

from __future__ import annotations

from typing import Annotated

from domain import access
from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import LookupText
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal, Store
from domain.kernel.rate_limits import RateLimitUsage, rate_limit_usage
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


async def shop(context: Context) -> Store:
    """Return the caller's store."""
    return context.principal.store


async def viewer(context: Context) -> Principal:
    """Return the caller."""
    return context.principal


def scopes(principal: Principal) -> list[str]:
    """List the caller's scopes in alphabetical order."""
    return sorted(principal.scopes)


def rate_limit(store: Store) -> RateLimitUsage | None:
    """What the caller has used of its rate limits, with the present request."""
    return rate_limit_usage.get()


def trusted_document(
    *,
    id: Annotated[Id | None, "The id of the trusted document (`doc_…`)."] = None,
    hash: Annotated[
        str | None, LookupText(max=64, description="The SHA-256 of the document, in lower-case hexadecimal.")
    ] = None,
) -> LoadRequest | None:
    """Find a trusted document by exactly one of id and hash. Raises MalformedRequest for none or both."""
    if (id is None) == (hash is None):
        raise MalformedRequest.of("id", "Give exactly one of `id` and `hash`.")
    if id is not None:
        return LoadRequest(access.reads.document_by_id, id) if is_id("doc", id) else None
    return LoadRequest(access.reads.document_by_hash, hash or "")
