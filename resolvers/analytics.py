"""Reports."""

from __future__ import annotations

from resolvers.context import Context


class Reports:
    """The object that reports are fields of. It has nothing of its own."""


async def reports(context: Context) -> Reports:
    """The reports of the caller's store."""
    return Reports()
