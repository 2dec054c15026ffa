"""The sender that loads its client for the first delivery."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from unittest import mock

from domain.webhooks import AddressPolicy
from gateway.adapters import http_sender
from gateway.adapters.late_sender import LateSender
from tests.webhooks.sink import Sink


async def test_deliveries_at_once_share_one_client(sink: Sink) -> None:
    """Taken out: ``self._sender or`` in ``_load``."""
    sender = LateSender(AddressPolicy([ip_network("127.0.0.0/8")]))
    with mock.patch.object(http_sender, "AiohttpSender", wraps=http_sender.AiohttpSender) as made:
        replies = await asyncio.gather(*(sender.post(sink.url("/ok"), {}, b"{}") for _ in range(5)))
        replies.append(await sender.post(sink.url("/ok"), {}, b"{}"))
    await sender.close()
    assert {each.status for each in replies} == {200}
    assert made.call_count == 1


async def test_the_policy_is_that_of_the_sender(sink: Sink) -> None:
    sender = LateSender(AddressPolicy())
    reply = await sender.post(sink.url("/ok"), {}, b"{}")
    await sender.close()
    assert (reply.status, reply.refused) == (None, True)
    assert sink.hits == []


async def test_a_sender_that_sent_nothing_is_closed() -> None:
    await LateSender(AddressPolicy()).close()
