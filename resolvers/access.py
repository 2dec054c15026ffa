"""Root reads of access: who asks, and where."""

from __future__ import annotations

from domain.kernel.principal import Principal, Store
from resolvers.context import Context


async def shop(context: Context) -> Store:
    """The caller's store."""
    return context.principal.store


async def viewer(context: Context) -> Principal:
    """The caller."""
    return context.principal


def scopes(principal: Principal) -> list[str]:
    """What the caller may do, in alphabetical order."""
    return sorted(principal.scopes)
