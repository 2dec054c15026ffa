"""What Stripe refuses to tell is no outcome: the call that is asked about may have been performed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.kernel.ids import new_id
from domain.kernel.use_cases.outbound import Denied, Succeeded, Unknown
from domain.payments.ports import ChargeState, EvidenceBundle, SubmitEvidence
from tests.payments.stripe.conftest import LIVE, Adapter
from tests.payments.stripe.requests import (
    capture_of,
    charge_news,
    charge_of,
    charged,
    failure,
    key_of,
    refund_of,
    send_charge,
    send_refund,
    void_of,
)
from tests.payments.stripe.scripted import ScriptedStripe

INTENTS, REFUNDS = "/v1/payment_intents", "/v1/refunds"
INTENT, DISPUTE = "/v1/payment_intents/[^/]*", "/v1/disputes/[^/]*"
REFUSALS = ("invalid", "denied", "another key")


def refuse(kind: str, stripe: ScriptedStripe, adapter: Adapter, path: str, times: int = 9) -> None:
    """Let Stripe refuse to show what is at a path (a pattern), or everything to a key that it does not know."""
    if kind == "another key":
        adapter.credentials = replace(adapter.credentials, secret_key="sk_live_another")
    else:
        stripe.fail(kind, path, times, "GET")


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("path", [INTENTS, INTENT])
async def test_a_charge_that_stripe_does_not_show_stays_unknown(
    stripe: ScriptedStripe, adapter: Adapter, kind: str, path: str
) -> None:
    stripe.fail("lost", INTENTS, times=9)
    request = charge_of(is_captured=True)
    assert await send_charge(adapter, request) == Unknown()
    known = adapter.credentials
    refuse(kind, stripe, adapter, path, times=1)
    assert await adapter.look_up(key_of(request), LIVE) == Unknown()
    adapter.credentials = known
    assert charge_news(await adapter.look_up(key_of(request), LIVE)).state == ChargeState.CAPTURED


@pytest.mark.parametrize("kind", REFUSALS)
async def test_a_refund_that_stripe_does_not_show_stays_unknown(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    request = charge_of(is_captured=True)
    refund = refund_of(request, (await charged(adapter, request)).reference, 5_000)
    stripe.fail("lost", REFUNDS, times=9)
    assert await send_refund(adapter, refund) == Unknown()
    refuse(kind, stripe, adapter, REFUNDS)
    assert await adapter.look_up(f"{refund.refund_id}:refund", LIVE) == Unknown()
    assert len(stripe.account.refunds) == 1


@pytest.mark.parametrize("kind", ["invalid", "denied"])
async def test_a_capture_whose_payment_intent_is_not_shown_stays_unknown(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.fail("done_error", f"{INTENT}/capture", times=9)
    refuse(kind, stripe, adapter, INTENT)
    capture = capture_of(request, reference, 5_000)
    assert await adapter.send(capture, f"{request.payment_id}:capture", LIVE) == Unknown()
    assert stripe.account.intents[reference]["status"] == "succeeded"


@pytest.mark.parametrize("kind", ["invalid", "denied"])
async def test_a_void_that_cannot_look_for_its_payment_intent_stays_unknown(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    request = charge_of()
    refuse(kind, stripe, adapter, INTENTS)
    assert await adapter.send(void_of(request, None), f"{request.payment_id}:void", LIVE) == Unknown()


@pytest.mark.parametrize("kind", ["invalid", "denied"])
async def test_evidence_whose_dispute_is_not_shown_stays_unknown(
    stripe: ScriptedStripe, adapter: Adapter, kind: str
) -> None:
    dispute = stripe.account.dispute((await charged(adapter, charge_of(is_captured=True))).reference)
    adapter.bundle = EvidenceBundle({"shipping_proof": "Signed."})
    request = SubmitEvidence(dispute_id=new_id("dp"), processor="stripe", reference=dispute["id"])
    stripe.fail("done_error", DISPUTE, times=2)
    refuse(kind, stripe, adapter, DISPUTE, times=1)
    key = f"{request.dispute_id}:evidence:1"
    assert await adapter.send(request, key, LIVE) == Unknown()
    assert dispute["status"] == "under_review"
    assert await adapter.send(request, key, LIVE) == Succeeded({})


async def test_a_refusal_of_the_key_or_of_the_account_says_nothing_of_earlier_sends(
    stripe: ScriptedStripe, adapter: Adapter
) -> None:
    """The store's key was replaced: by one without the right, of nobody, or of another account."""
    request = charge_of(is_captured=True)
    refund = refund_of(request, (await charged(adapter, request)).reference, 5_000)
    stripe.fail("denied", REFUNDS)
    assert isinstance(await send_refund(adapter, refund), Denied)
    elsewhere = replace(refund, reference="pi_of_another_account")
    assert isinstance(await send_refund(adapter, replace(elsewhere, refund_id=new_id("re"))), Denied)
    known, adapter.credentials = adapter.credentials, replace(adapter.credentials, secret_key="sk_live_another")
    assert isinstance(await send_refund(adapter, refund), Denied)
    adapter.credentials = known
    too_much = replace(refund, amount=99_999, refund_id=new_id("re"))
    assert not isinstance(failure(await send_refund(adapter, too_much)), Denied)
    capture = capture_of(request, "pi_of_another_account", 100)
    assert isinstance(await adapter.send(capture, f"{request.payment_id}:capture", LIVE), Denied)
