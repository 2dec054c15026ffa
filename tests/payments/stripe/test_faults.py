"""Calls that fail on the way: what is unknown is found out later, and nothing is done twice."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from domain.kernel.errors import Unavailable
from domain.kernel.ids import new_id
from domain.kernel.use_cases.outbound import CALL_TIMEOUT, Succeeded, Unknown
from domain.payments.ports import ChargeDetails, ChargeState, EvidenceBundle, EvidenceFile, RefundState, SubmitEvidence
from gateway.adapters.stripe import lookups
from gateway.adapters.stripe.processor import REQUEST_TIMEOUT, TIME_LIMIT
from tests.payments.stripe.conftest import LIVE, Adapter
from tests.payments.stripe.requests import (
    VISA,
    capture_of,
    charge_news,
    charge_of,
    charged,
    failure,
    key_of,
    refund_news,
    refund_of,
    send_charge,
    send_refund,
    void_of,
)
from tests.payments.stripe.scripted import ScriptedStripe

INTENTS = "/v1/payment_intents"
CAPTURES = "/v1/payment_intents/.*/capture"
CANCELS = "/v1/payment_intents/.*/cancel"


async def test_the_same_key_charges_once(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of(is_captured=True)
    assert await charged(adapter, request) == await charged(adapter, request)
    assert len(stripe.account.charges) == 1
    request = charge_of(details=ChargeDetails(card=VISA))
    assert await charged(adapter, request) == await charged(adapter, request)
    assert len(stripe.account.charges) == 2


@pytest.mark.parametrize("kind", ["error", "cut", "locked"])
async def test_one_failure_is_repeated_with_the_same_key(stripe: ScriptedStripe, adapter: Adapter, kind: str) -> None:
    stripe.fail(kind, INTENTS)
    outcome = await send_charge(adapter, charge_of())
    first, second = stripe.sent(INTENTS)
    assert first == second
    if kind == "error":  # Stripe repeats its own failure
        assert outcome == Unknown()
    else:
        assert charge_news(outcome).state == ChargeState.AUTHORIZED
        assert len(stripe.account.charges) == 1


@pytest.mark.parametrize("kind", ["busy", "error", "locked", "cut"])
async def test_a_charge_that_fails_for_good_is_unknown_and_was_not_made(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    stripe.fail(kind, INTENTS, times=9)
    request = charge_of()
    assert await send_charge(adapter, request) == Unknown()
    assert await adapter.look_up(key_of(request), LIVE) is None
    assert stripe.account.intents == {}


async def test_a_server_that_hangs_is_unknown_within_the_limit(stripe: ScriptedStripe) -> None:
    stripe.fail("hang", INTENTS, times=9)
    hasty = Adapter(stripe.url, request_timeout=1, time_limit=2)
    began = time.monotonic()
    assert await send_charge(hasty, charge_of()) == Unknown()
    assert 1.9 <= time.monotonic() - began < 10
    assert len(stripe.sent(INTENTS)) == 2
    await hasty.close()


def test_a_call_ends_before_the_kernel_stops_waiting_for_it() -> None:
    assert REQUEST_TIMEOUT < TIME_LIMIT < CALL_TIMEOUT


@pytest.mark.parametrize("kind", ["lost", "torn", "done_error"])
async def test_a_charge_whose_answer_is_lost_is_found_and_not_made_again(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    stripe.fail(kind, INTENTS, times=9)
    request, other = charge_of(is_captured=True), charge_of("pm_card_mastercard")
    assert await send_charge(adapter, request) == Unknown()
    assert await send_charge(adapter, other) == Unknown()
    news = charge_news(await adapter.look_up(key_of(request), LIVE))
    assert (news.state, news.captured, news.fee) == (ChargeState.CAPTURED, 19_999, 610)
    assert stripe.account.intents[news.reference]["metadata"]["payment_id"] == request.payment_id
    assert charge_news(await adapter.look_up(key_of(other), LIVE)).state == ChargeState.AUTHORIZED
    assert len(stripe.account.charges) == 2


async def test_a_lost_decline_is_found_as_one(stripe: ScriptedStripe, adapter: Adapter) -> None:
    stripe.fail("lost", INTENTS, times=9)
    request = charge_of("pm_card_insufficientFunds")
    assert await send_charge(adapter, request) == Unknown()
    assert failure(await adapter.look_up(key_of(request), LIVE)).code == "insufficient_funds"


async def test_a_charge_is_found_among_others_of_its_time(
    stripe: ScriptedStripe, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [charge_of() for _ in range(5)]
    references = [(await charged(adapter, each)).reference for each in requests]
    monkeypatch.setattr(lookups, "PAGE_SIZE", 2)
    assert charge_news(await adapter.look_up(key_of(requests[0]), LIVE)).reference == references[0]
    assert len(stripe.sent(INTENTS, "GET")) == 3
    monkeypatch.setattr(lookups, "MAX_PAGES", 1)  # the search finds it behind the pages that are read
    assert charge_news(await adapter.look_up(key_of(requests[0]), LIVE)).reference == references[0]
    assert len(stripe.sent(f"{INTENTS}/search", "GET")) == 1
    assert await adapter.look_up(f"{new_id('pay')}:charge", LIVE) is None


async def test_a_card_that_cannot_be_stored_is_no_charge(stripe: ScriptedStripe, adapter: Adapter) -> None:
    stripe.fail("busy", "/v1/payment_methods", times=1)
    refused = failure(await send_charge(adapter, charge_of(details=ChargeDetails(card=VISA))))
    assert (refused.code, stripe.sent(INTENTS)) == ("processor_unavailable", [])


@pytest.mark.parametrize("kind", ["lost", "torn", "done_error"])
async def test_a_capture_whose_answer_is_lost_is_made_once(stripe: ScriptedStripe, adapter: Adapter, kind: str) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.fail(kind, CAPTURES, times=1 if kind == "torn" else 2)  # the package does not repeat what is torn
    capture, key = capture_of(request, reference, 5_000), f"{request.payment_id}:capture"
    first = await adapter.send(capture, key, LIVE)
    assert await adapter.look_up(key, LIVE) is None  # it may be sent again
    news = charge_news(await adapter.send(capture, key, LIVE))
    assert (news.state, news.captured) == (ChargeState.CAPTURED, 5_000)
    assert first == Unknown() or charge_news(first) == news
    assert len(stripe.account.transactions) == 1


async def test_a_capture_whose_failure_stripe_repeats_is_made_with_another_key(
    stripe: ScriptedStripe, adapter: Adapter
) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.fail("error", CAPTURES)
    key = f"{request.payment_id}:capture"
    news = charge_news(await adapter.send(capture_of(request, reference, 5_000), key, LIVE))
    assert (news.state, news.captured) == (ChargeState.CAPTURED, 5_000)
    keys = [each.key or "" for each in stripe.sent(CAPTURES)]
    assert keys[:2] == [key, key]
    assert keys[2].startswith(f"{key}:")
    assert len(keys) == 3
    assert charge_news(await adapter.send(capture_of(request, reference, 5_000), key, LIVE)) == news
    assert len(stripe.account.transactions) == 1


async def test_a_capture_that_stripe_always_fails_stays_unknown(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.fail("error", CAPTURES, times=99)
    for _ in range(2):
        outcome = await adapter.send(capture_of(request, reference, 5_000), f"{request.payment_id}:capture", LIVE)
        assert outcome == Unknown()
    assert stripe.account.intents[reference]["status"] == "requires_capture"


async def test_a_void_whose_answer_is_lost_is_made_once(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.fail("lost", CANCELS, times=2)
    void, key = void_of(request, reference), f"{request.payment_id}:void"
    assert await adapter.send(void, key, LIVE) == Unknown()
    assert charge_news(await adapter.send(void, key, LIVE)).state == ChargeState.CANCELLED


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_a_refund_whose_answer_is_lost_is_made_once(
    stripe: ScriptedStripe, adapter: Adapter, is_forgotten: bool
) -> None:
    request = charge_of(is_captured=True)
    reference = (await charged(adapter, request)).reference
    stripe.fail("lost", "/v1/refunds", times=2)
    refund = refund_of(request, reference, 5_000)
    assert await send_refund(adapter, refund) == Unknown()
    if is_forgotten:  # Stripe keeps keys for a day
        stripe.answers.clear()
    found = refund_news(await adapter.look_up(f"{refund.refund_id}:refund", LIVE))
    assert found.state == RefundState.SUCCEEDED
    if not is_forgotten:
        assert refund_news(await send_refund(adapter, refund)) == found
    assert len(stripe.account.refunds) == 1


async def test_a_refund_that_was_never_received_is_not_found(adapter: Adapter) -> None:
    assert await adapter.look_up(f"{new_id('ref')}:refund", LIVE) is None


async def test_a_key_with_other_parameters_settles_nothing(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of(is_captured=True)
    reference = (await charged(adapter, request)).reference
    refund = refund_of(request, reference, 5_000)
    refund_news(await send_refund(adapter, refund))
    assert await send_refund(adapter, replace(refund, amount=6_000)) == Unknown()
    assert len(stripe.account.refunds) == 1


@pytest.mark.parametrize("kind", ["lost", "done_error"])
async def test_evidence_whose_answer_is_lost_is_submitted_once(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    reference = (await charged(adapter, charge_of(is_captured=True))).reference
    dispute = stripe.account.dispute(reference)
    adapter.bundle = EvidenceBundle({}, (EvidenceFile("shipping_proof", "a.pdf", "application/pdf", b"%PDF-1.7"),))
    request = SubmitEvidence(dispute_id=new_id("dp"), processor="stripe", reference=dispute["id"])
    stripe.fail(kind, "/v1/disputes/.*", times=2)
    key = f"{request.dispute_id}:submit"
    assert await adapter.send(request, key, LIVE) == (Unknown() if kind == "lost" else Succeeded({}))
    stripe.answers.pop(key)  # as after a day: then Stripe refuses it
    assert await adapter.send(request, key, LIVE) == Succeeded({})
    assert (len(stripe.account.files), dispute["status"]) == (1, "under_review")


async def test_nobody_listening_is_unknown_and_unavailable(adapter: Adapter, stripe: ScriptedStripe) -> None:
    news = await charged(adapter, charge_of())
    away = Adapter("http://127.0.0.1:1")
    try:
        assert await send_charge(away, charge_of()) == Unknown()
        with pytest.raises(Unavailable, match="The payment processor is unavailable"):
            await away.current(news, LIVE)
    finally:
        await away.close()


async def test_charges_run_beside_each_other(stripe: ScriptedStripe, adapter: Adapter) -> None:
    requests = [charge_of() for _ in range(20)]
    found = await asyncio.gather(*(charged(adapter, each) for each in requests))
    assert len({each.reference for each in found}) == len(stripe.account.charges) == 20
