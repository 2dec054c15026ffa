"""Webhooks over HTTP, by a client that is loaded for the first of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from domain.webhooks.address_policy import AddressPolicy
from domain.webhooks.ports import DeliveryResponse

if TYPE_CHECKING:
    from gateway.adapters.http_sender import AiohttpSender


class LateSender:
    """A Sender that loads its client, 10 MB, when the first delivery is sent. ``close`` it at the end."""

    def __init__(self, guard: AddressPolicy) -> None:
        self._guard = guard
        self._sender: AiohttpSender | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryResponse:
        """Send a body. Errors of the receiver are in the response."""
        return await (self._sender or await self._load()).post(url, headers, body)

    async def close(self) -> None:
        """End every connection."""
        if self._sender is not None:
            await self._sender.close()

    async def _load(self) -> AiohttpSender:
        """Made once, however many deliveries wait for it."""
        made = await asyncio.to_thread(_sender_class)
        self._sender = self._sender or made(self._guard)
        return self._sender


def _sender_class() -> type[AiohttpSender]:
    """In a thread, so that requests go on meanwhile."""
    from gateway.adapters.http_sender import AiohttpSender  # noqa: PLC0415 - only webhooks need it

    return AiohttpSender
