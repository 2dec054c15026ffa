"""Who is asked how something is at a processor now."""

from __future__ import annotations

from typing import Protocol

from domain.kernel.principal import Store
from domain.payments.ports.news import News


class ProcessorStates(Protocol):
    """What a processor says when it is asked about an object, apart from the outcome of any call."""

    async def current(self, news: News, store: Store) -> News:
        """The object that ``news`` is about as it is now; ``news`` itself where nothing more is known.

        Raises Unavailable where the processor cannot be asked.
        """
