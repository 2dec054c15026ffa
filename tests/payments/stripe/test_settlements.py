"""Captures, voids, refunds and responses to disputes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.kernel.ids import new_id
from domain.kernel.use_cases.outbound import Succeeded
from domain.payments.ports import (
    ChargeState,
    DisputeNews,
    EvidenceBundle,
    EvidenceFile,
    RefundState,
    SubmitEvidence,
)
from domain.payments.states import DisputeStatus
from tests.payments.stripe.conftest import LIVE, Adapter
from tests.payments.stripe.objects import CAPTURE_BEFORE
from tests.payments.stripe.requests import (
    capture_of,
    captured,
    charge_news,
    charge_of,
    charged,
    failure,
    refund_news,
    refund_of,
    send_refund,
    void_of,
)
from tests.payments.stripe.scripted import ScriptedStripe


async def test_a_capture_collects_the_whole(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of()
    news = await captured(adapter, request)
    assert (news.state, news.captured, news.fee) == (ChargeState.CAPTURED, 19_999, 610)
    [sent] = stripe.sent("/v1/payment_intents/.*/capture")
    assert (sent.key, sent.params["amount_to_capture"]) == (f"{request.payment_id}:capture", 19_999)


async def test_a_capture_of_a_part_releases_the_rest(stripe: ScriptedStripe, adapter: Adapter) -> None:
    news = await captured(adapter, charge_of(), 5_000)
    assert (news.state, news.captured, news.fee) == (ChargeState.CAPTURED, 5_000, 175)
    assert stripe.account.intents[news.reference]["amount_capturable"] == 0


async def test_a_capture_that_was_made_elsewhere_tells_what_was_collected(
    stripe: ScriptedStripe, adapter: Adapter
) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.account.capture(reference, {"amount_to_capture": 7_000})
    outcome = await adapter.send(capture_of(request, reference, 5_000), f"{request.payment_id}:capture", LIVE)
    news = charge_news(outcome)
    assert (news.state, news.captured, news.fee) == (ChargeState.CAPTURED, 7_000, 233)


async def test_a_capture_of_an_expired_authorisation_tells_that_it_is_gone(
    stripe: ScriptedStripe, adapter: Adapter
) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    stripe.account.cancel(reference, "automatic")
    outcome = await adapter.send(capture_of(request, reference, 5_000), f"{request.payment_id}:capture", LIVE)
    news = charge_news(outcome)
    assert (news.state, news.captured, news.error_code) == (ChargeState.CANCELLED, 0, "authorization_expired")


async def test_a_capture_of_too_much_is_refused(adapter: Adapter) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    outcome = await adapter.send(capture_of(request, reference, 20_000), f"{request.payment_id}:capture", LIVE)
    assert failure(outcome).code == "amount_too_large"


async def test_a_void_releases(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of()
    reference = (await charged(adapter, request)).reference
    for _ in range(2):  # the second is a repeat
        news = charge_news(await adapter.send(void_of(request, reference), f"{request.payment_id}:void", LIVE))
        assert (news.reference, news.state, news.error_code) == (reference, ChargeState.CANCELLED, None)
    assert stripe.account.intents[reference]["status"] == "canceled"


async def test_a_void_of_what_was_collected_tells_so(adapter: Adapter) -> None:
    request = charge_of(is_captured=True)
    reference = (await charged(adapter, request)).reference
    news = charge_news(await adapter.send(void_of(request, reference), f"{request.payment_id}:void", LIVE))
    assert (news.state, news.captured, news.fee) == (ChargeState.CAPTURED, 19_999, 610)


async def test_a_void_without_a_reference_finds_the_payment(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request, other = charge_of(), charge_of()
    reference, untouched = (await charged(adapter, request)).reference, (await charged(adapter, other)).reference
    news = charge_news(await adapter.send(void_of(request, None), f"{request.payment_id}:void", LIVE))
    assert (news.reference, news.state) == (reference, ChargeState.CANCELLED)
    assert stripe.account.intents[untouched]["status"] == "requires_capture"


async def test_a_void_of_what_stripe_has_never_seen_succeeds(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of()
    news = charge_news(await adapter.send(void_of(request, None), f"{request.payment_id}:void", LIVE))
    assert (news.reference, news.state) == ("", ChargeState.CANCELLED)
    assert stripe.sent(".*") == []


async def test_refunds_pay_back_the_whole_in_two_parts_and_no_more(stripe: ScriptedStripe, adapter: Adapter) -> None:
    request = charge_of(is_captured=True)
    reference = (await charged(adapter, request)).reference
    first = refund_of(request, reference, 9_999)
    news = refund_news(await send_refund(adapter, first))
    assert (news.state, news.fee, news.error_code) == (RefundState.SUCCEEDED, 0, None)
    assert refund_news(await send_refund(adapter, refund_of(request, reference, 10_000))).reference != news.reference
    refused = failure(await send_refund(adapter, refund_of(request, reference, 1)))
    assert refused.message == "Refund amount is greater than unrefunded amount on charge (0)."
    sent = stripe.sent("/v1/refunds")[0]
    assert sent.key == f"{first.refund_id}:refund"
    assert sent.params == {
        "payment_intent": reference,
        "amount": 9_999,
        "metadata": {"refund_id": first.refund_id, "payment_id": request.payment_id, "key": sent.key},
        "expand": ["balance_transaction"],
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("customer_request", "requested_by_customer"),
        ("duplicate", "duplicate"),
        ("fraudulent", "fraudulent"),
        ("damaged", None),
    ],
)
async def test_reasons_of_refunds_are_in_the_words_of_stripe(
    stripe: ScriptedStripe, adapter: Adapter, ours: str, theirs: str | None
) -> None:
    request = charge_of(is_captured=True)
    reference = (await charged(adapter, request)).reference
    refund = refund_of(request, reference, 100, reason=ours, refund_application_fee=True)
    assert refund_news(await send_refund(adapter, refund)).state == RefundState.SUCCEEDED
    [sent] = stripe.sent("/v1/refunds")
    assert (sent.params.get("reason"), sent.params["metadata"]["reason"]) == (theirs, ours)
    assert "refund_application_fee" not in sent.params  # of a platform's fee, which there is none of


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("pending", RefundState.PENDING, None),
        ("requires_action", RefundState.PENDING, None),
        ("failed", RefundState.FAILED, "failed"),
        ("canceled", RefundState.FAILED, "canceled"),
    ],
)
async def test_a_refund_may_settle_later_or_fail(
    stripe: ScriptedStripe, adapter: Adapter, status: str, state: RefundState, code: str | None
) -> None:
    stripe.account.next_refund_status = status
    request = charge_of(is_captured=True)
    reference = (await charged(adapter, request)).reference
    news = refund_news(await send_refund(adapter, refund_of(request, reference, 100)))
    assert (news.state, news.error_code) == (state, code)
    assert await adapter.current(news, LIVE) == news


async def test_evidence_is_submitted_with_its_texts_and_files(stripe: ScriptedStripe, adapter: Adapter) -> None:
    reference = (await charged(adapter, charge_of(is_captured=True))).reference
    dispute = stripe.account.dispute(reference)
    adapter.bundle = EvidenceBundle(
        {"transaction_details": "Two lamps.", "shipping_proof": "Left at the door.", "communication_log": ""},
        (
            EvidenceFile("shipping_proof", "proof.pdf", "application/pdf", b"%PDF-1.7 proof"),
            EvidenceFile("shipping_proof", 'door "2".png', "image/png", b"\x89PNG door"),
            EvidenceFile("communication_log", "mails.pdf", "application/pdf", b"%PDF-1.7 mails"),
        ),
    )
    request = SubmitEvidence(dispute_id=new_id("dp"), processor="stripe", reference=dispute["id"])
    key = f"{request.dispute_id}:submit"
    for _ in range(2):  # the second is a repeat
        assert await adapter.send(request, key, LIVE) == Succeeded({})
    assert adapter.asked == [(LIVE, request.dispute_id)] * 2
    evidence = dispute["evidence"]
    assert dispute["status"] == "under_review"
    assert evidence["uncategorized_text"] == "Shipping proof:\nLeft at the door.\n\nTransaction details:\nTwo lamps."
    files = {name: file for name, file in evidence.items() if str(file).startswith("file_")}
    assert {name: stripe.account.contents[file] for name, file in files.items()} == {
        "shipping_documentation": ("proof.pdf", b"%PDF-1.7 proof"),
        "uncategorized_file": ("door %222%22.png", b"\x89PNG door"),
        "customer_communication": ("mails.pdf", b"%PDF-1.7 mails"),
    }
    assert len(stripe.account.files) == 3
    assert [each.key for each in stripe.sent("/v1/files")][:3] == [f"{key}:file:{number}" for number in range(3)]


async def test_evidence_after_the_end_of_a_dispute_is_refused(stripe: ScriptedStripe, adapter: Adapter) -> None:
    reference = (await charged(adapter, charge_of(is_captured=True))).reference
    dispute = stripe.account.dispute(reference, status="lost")
    adapter.bundle = EvidenceBundle({"transaction_details": "Two lamps."})
    request = SubmitEvidence(dispute_id=new_id("dp"), processor="stripe", reference=dispute["id"])
    assert failure(await adapter.send(request, f"{request.dispute_id}:submit", LIVE)).code == "dispute_closed"


@pytest.mark.parametrize(
    ("bundle", "code"),
    [
        (EvidenceBundle({"transaction_details": "x" * 20_001}), "evidence_too_long"),
        (EvidenceBundle({}, (EvidenceFile("shipping_proof", "a", "image/png", b"a"),) * 3), "too_many_files"),
    ],
)
async def test_more_evidence_than_stripe_takes_is_refused_whole(
    stripe: ScriptedStripe, adapter: Adapter, bundle: EvidenceBundle, code: str
) -> None:
    adapter.bundle = bundle
    request = SubmitEvidence(dispute_id=new_id("dp"), processor="stripe", reference="du_1")
    assert failure(await adapter.send(request, f"{request.dispute_id}:submit", LIVE)).code == code
    assert stripe.received == []


async def test_the_state_of_a_dispute_is_read_from_stripe(stripe: ScriptedStripe, adapter: Adapter) -> None:
    reference = (await charged(adapter, charge_of(is_captured=True))).reference
    dispute = stripe.account.dispute(reference)
    news = DisputeNews(
        reference=dispute["id"],
        charge_reference=reference,
        status=DisputeStatus.NEEDS_RESPONSE,
        amount=19_999,
        reason="fraudulent",
        respond_by=datetime.fromtimestamp(CAPTURE_BEFORE, UTC),
        fee=1_500,
    )
    assert await adapter.current(news, LIVE) == news
    dispute["status"] = "won"
    now = await adapter.current(news, LIVE)
    assert (now.status, now.respond_by) == (DisputeStatus.WON, None)
