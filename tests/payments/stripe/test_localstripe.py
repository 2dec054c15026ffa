"""A Stripe that others have written: localstripe, in a process of its own (GPL, so it is never imported here).

It knows no return URL, no reasons of refunds, no idempotency keys and no disputes; those are the scripted Stripe's. It
writes its objects to /tmp/localstripe.pickle and does not read them again.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession, web

from domain.payments.ports import CardNumber, CardSummary, ChargeDetails, ChargeNews, ChargeState, RefundState
from domain.payments.states import CardBrand, PaymentActionType
from gateway.adapters.stripe import StripeNews, news_of
from tests.payments.stripe.conftest import LIVE, Adapter
from tests.payments.stripe.requests import (
    capture_of,
    captured,
    charge_news,
    charge_of,
    charged,
    failure,
    refund_news,
    refund_of,
    send_charge,
    send_refund,
    void_of,
)
from tests.payments.stripe.scripted import SECRET_KEY
from tests.redis_server import free_port

SECRET = "whsec_of_the_tests"
THREE_D_SECURE = CardNumber("4000002760003184", 12, 2034, "123")
START_TIMEOUT = 20.0


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[str]:
    """The URL of a running localstripe without objects."""
    port = free_port()
    program = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    process = await asyncio.create_subprocess_exec(*program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        await _wait(url, process)
        yield url
    finally:
        process.kill()
        await process.wait()


async def _wait(url: str, process: asyncio.subprocess.Process) -> None:
    async with ClientSession() as session, asyncio.timeout(START_TIMEOUT):
        while True:
            assert process.returncode is None, "localstripe has ended; it is in the extra `dev`"
            try:
                async with session.get(f"{url}/v1/balance"):
                    return
            except ClientConnectionError:
                await asyncio.sleep(0.05)


@pytest.fixture
async def adapter(server: str) -> AsyncGenerator[Adapter]:
    made = Adapter(server)
    yield made
    await made.close()


@pytest.fixture
async def told(server: str) -> AsyncGenerator[asyncio.Queue[StripeNews]]:
    """What its webhooks tell."""
    queue: asyncio.Queue[StripeNews] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        for news in await news_of(await request.read(), request.headers["Stripe-Signature"], SECRET, datetime.now(UTC)):
            queue.put_nowait(news)
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", receive)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/hook", "secret": SECRET}
    async with ClientSession() as session, session.post(f"{server}/_config/webhooks/tests", json=hook) as response:
        assert response.status == 200
    yield queue
    await runner.cleanup()


async def hear(told: asyncio.Queue[StripeNews], payment_id: str) -> StripeNews:
    """The next that is told of a payment. A webhook comes a second late, when other tests may be running."""
    async with asyncio.timeout(10):
        while (heard := await told.get()).payment_id != payment_id:
            pass
    return heard


async def authenticate(server: str, reference: str, *, success: bool) -> None:
    """The buyer passes 3-D Secure, or fails it."""
    async with ClientSession(server, headers={"Authorization": f"Bearer {SECRET_KEY}"}) as session:
        async with session.get(f"/v1/payment_intents/{reference}") as response:
            intent: dict[str, Any] = await response.json()
        answer = {"client_secret": intent["client_secret"], "success": "true" if success else "false"}
        async with session.post(f"/v1/payment_intents/{reference}/_authenticate", data=answer) as response:
            assert response.status == 200


async def test_a_payment_is_authorised_and_collected_in_part(adapter: Adapter) -> None:
    request = charge_of("pm_card_visa")
    news = await charged(adapter, request)
    assert (news.state, news.card) == (ChargeState.AUTHORIZED, CardSummary(CardBrand.VISA, "4242", 12, 2030))
    collected = await adapter.send(capture_of(request, news.reference, 5_000), f"{request.payment_id}:capture", LIVE)
    assert (charge_news(collected).state, charge_news(collected).captured) == (ChargeState.CAPTURED, 5_000)
    again = await adapter.send(capture_of(request, news.reference, 5_000), f"{request.payment_id}:capture", LIVE)
    assert charge_news(again) == charge_news(collected)  # it knows no keys, but refuses: the state decides


async def test_a_payment_is_collected_at_once_and_refunded(adapter: Adapter, told: asyncio.Queue[StripeNews]) -> None:
    request = charge_of("pm_card_visa", is_captured=True)
    news = await charged(adapter, request)
    assert (news.state, news.captured) == (ChargeState.CAPTURED, 19_999)
    refund = refund_news(await send_refund(adapter, refund_of(request, news.reference, 9_999)))
    assert refund.state == RefundState.SUCCEEDED
    assert await adapter.current(refund, LIVE) == refund
    heard = await hear(told, request.payment_id)
    assert heard.type == "payment_intent.succeeded"
    assert isinstance(heard.news, ChargeNews)
    assert (heard.news.reference, heard.news.state) == (news.reference, ChargeState.CAPTURED)


async def test_a_raw_card_goes_through_three_d_secure(
    server: str, adapter: Adapter, told: asyncio.Queue[StripeNews]
) -> None:
    request = charge_of(details=ChargeDetails(card=THREE_D_SECURE), is_captured=True)
    news = await charged(adapter, request)
    assert news.state == ChargeState.REQUIRES_ACTION
    assert news.next_action is not None
    assert news.next_action.type == PaymentActionType.THREE_D_SECURE
    await authenticate(server, news.reference, success=True)
    assert (await adapter.current(news, LIVE)).state == ChargeState.CAPTURED
    heard = await hear(told, request.payment_id)
    assert heard.type == "payment_intent.succeeded"


async def test_three_d_secure_that_fails_is_a_failure(server: str, adapter: Adapter) -> None:
    news = await charged(adapter, charge_of(details=ChargeDetails(card=THREE_D_SECURE)))
    await authenticate(server, news.reference, success=False)
    now = await adapter.current(news, LIVE)
    assert (now.state, now.error_code) == (ChargeState.FAILED, "payment_intent_authentication_failure")


async def test_an_authorisation_is_cancelled(adapter: Adapter) -> None:
    request = charge_of("pm_card_visa")
    reference = (await charged(adapter, request)).reference
    for _ in range(2):  # it knows no keys, and refuses the second
        news = charge_news(await adapter.send(void_of(request, reference), f"{request.payment_id}:void", LIVE))
        assert news.state == ChargeState.CANCELLED
    outcome = await adapter.send(capture_of(request, reference, 5_000), f"{request.payment_id}:capture", LIVE)
    assert charge_news(outcome).state == ChargeState.CANCELLED


async def test_a_declined_card_is_a_failure(adapter: Adapter, told: asyncio.Queue[StripeNews]) -> None:
    request = charge_of("pm_card_chargeCustomerFail", is_captured=True)
    refused = failure(await send_charge(adapter, request))
    assert (refused.code, refused.message) == ("card_declined", "Your card was declined.")
    heard = await hear(told, request.payment_id)
    assert isinstance(heard.news, ChargeNews)
    assert (heard.news.state, heard.news.error_code) == (ChargeState.FAILED, "card_declined")


async def test_a_whole_payment_is_collected(adapter: Adapter) -> None:
    news = await captured(adapter, charge_of("pm_card_visa"))
    assert (news.state, news.captured) == (ChargeState.CAPTURED, 19_999)
