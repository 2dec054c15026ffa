"""The webhooks of Stripe: signatures, and what each event tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import stripe as library

from domain.payments.ports import BuyerAction, ChargeNews, ChargeState, DisputeNews, RefundNews, RefundState
from domain.payments.states import DisputeStatus, PaymentActionType
from gateway.adapters.stripe import InvalidSignatureError, StripeNews, news_of
from tests.payments.stripe.account import Account
from tests.payments.stripe.objects import CAPTURE_BEFORE, Object, event
from tests.payments.stripe.requests import VISA_TOKEN
from tests.payments.stripe.specification import specification

SECRET = "whsec_of_the_tests"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OURS = {"payment_id": "pay_1", "intent_id": "pi_1", "key": "pay_1:charge"}


def signed(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    """The header of a body, as Stripe's own package makes it."""
    made: str = library.WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))
    return made


async def told(type: str, object: Object) -> list[StripeNews]:
    """What a webhook with an object tells. The event is held to Stripe's document."""
    made = event(type, object)
    assert specification().schema_errors("event", made) == []
    assert specification().schema_errors(object["object"], object) == []
    body = orjson.dumps(made)
    return list(await news_of(body, signed(body), SECRET, NOW))


def intent_of(account: Account, token: str | None = VISA_TOKEN, **params: Any) -> Object:
    """A payment intent of ours, confirmed."""
    members = {"amount": 19_999, "currency": "usd", "payment_method": token, "metadata": OURS, "confirm": True}
    return account.create_intent(members | {"capture_method": "manual"} | params)


@pytest.mark.parametrize(
    ("difference", "message"),
    [
        ({"secret": "whsec_another"}, "not one of this webhook's secret"),
        ({"at": NOW - timedelta(seconds=301)}, "too old"),
        ({"at": NOW + timedelta(seconds=301)}, "of the future"),
    ],
)
async def test_a_wrong_signature_is_refused(difference: dict[str, Any], message: str) -> None:
    body = orjson.dumps(event("payment_intent.succeeded", intent_of(Account(), capture_method="automatic")))
    with pytest.raises(InvalidSignatureError, match=message):
        await news_of(body, signed(body, **difference), SECRET, NOW)


@pytest.mark.parametrize("signature", [None, "", "t=1", "v1=00", "t=x,v1=00", "nonsense"])
async def test_no_signature_is_refused(signature: str | None) -> None:
    with pytest.raises(InvalidSignatureError):
        await news_of(b"{}", signature, SECRET, NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
async def test_a_body_that_is_no_event_is_refused(body: bytes) -> None:
    header = signed(body) if body != b"\xff" else "t=1,v1=00"
    with pytest.raises(InvalidSignatureError):
        await news_of(body, header, SECRET, NOW)


async def test_a_changed_body_is_refused() -> None:
    body = orjson.dumps(event("payment_intent.succeeded", intent_of(Account(), capture_method="automatic")))
    with pytest.raises(InvalidSignatureError):
        await news_of(body.replace(b"19999", b"99999"), signed(body), SECRET, NOW)


async def test_signatures_are_good_for_five_minutes_either_way() -> None:
    body = orjson.dumps(event("payment_intent.succeeded", intent_of(Account(), capture_method="automatic")))
    for seconds in (-300, 300):
        at = NOW + timedelta(seconds=seconds)
        assert len(await news_of(body, signed(body, at), SECRET, NOW)) == 1


async def test_a_payment_that_succeeded_is_told_with_our_id() -> None:
    intent = intent_of(Account(), capture_method="automatic")
    [news] = await told("payment_intent.succeeded", intent)
    assert news.news == ChargeNews(reference=intent["id"], state=ChargeState.CAPTURED, captured=19_999)
    assert (news.payment_id, news.refund_id, news.payment_reference) == ("pay_1", None, intent["id"])
    assert (news.type, news.is_live) == ("payment_intent.succeeded", False)
    assert news.event_id.startswith("evt_")
    assert news.created_at.tzinfo == UTC


async def test_each_status_of_a_payment_is_told() -> None:
    account = Account()
    authorized = intent_of(account)
    waiting = intent_of(account, "pm_card_threeDSecure", return_url="https://shop.example/")
    bank = {"payment_method_data": {"type": "us_bank_account"}, "payment_method_types": ["us_bank_account"]}
    pending = account.authenticate(intent_of(account, None, **bank)["id"])
    cancelled = account.cancel(intent_of(account)["id"])
    for type, intent, state in (
        ("payment_intent.amount_capturable_updated", authorized, ChargeState.AUTHORIZED),
        ("payment_intent.requires_action", waiting, ChargeState.REQUIRES_ACTION),
        ("payment_intent.processing", pending, ChargeState.PENDING),
        ("payment_intent.canceled", cancelled, ChargeState.CANCELLED),
    ):
        [news] = await told(type, intent)
        assert isinstance(news.news, ChargeNews)
        assert (news.news.state, news.news.captured, news.payment_id) == (state, 0, "pay_1")


@pytest.mark.parametrize(
    ("reason", "code"),
    [("automatic", "authorization_expired"), ("expired", "authorization_expired"), ("abandoned", None), (None, None)],
)
async def test_an_authorisation_that_expired_says_so(reason: str | None, code: str | None) -> None:
    account = Account()
    [news] = await told("payment_intent.canceled", account.cancel(intent_of(account)["id"], reason))
    assert isinstance(news.news, ChargeNews)
    assert (news.news.state, news.news.error_code) == (ChargeState.CANCELLED, code)


@pytest.mark.parametrize(
    ("script", "url"), [("https://hooks.stripe.example/3ds/1", "https://hooks.stripe.example/3ds/1"), ("", None)]
)
async def test_an_action_for_the_script_of_stripe_has_its_hosted_page_if_there_is_one(
    script: str, url: str | None
) -> None:
    details = {"type": "three_d_secure_redirect", "stripe_js": script}
    intent = intent_of(Account(), "pm_card_threeDSecure", return_url="https://shop.example/")
    intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": details}
    [news] = await told("payment_intent.requires_action", intent)
    assert isinstance(news.news, ChargeNews)
    assert news.news.next_action == BuyerAction(type=PaymentActionType.THREE_D_SECURE, url=url)


async def test_a_payment_that_failed_says_why() -> None:
    account = Account()
    with pytest.raises(Exception, match="insufficient"):
        intent_of(account, "pm_card_insufficientFunds")
    [intent] = account.intents.values()
    [news] = await told("payment_intent.payment_failed", intent)
    assert isinstance(news.news, ChargeNews)
    assert (news.news.state, news.news.error_code) == (ChargeState.FAILED, "insufficient_funds")
    assert news.news.error_message == "Your card has insufficient funds."


async def test_refunds_are_told_with_our_ids() -> None:
    account = Account()
    intent = intent_of(account, capture_method="automatic")
    metadata = {"refund_id": "ref_1", "payment_id": "pay_1", "key": "ref_1:refund"}
    refund = account.refund({"payment_intent": intent["id"], "amount": 100, "metadata": metadata})
    for type in ("refund.created", "refund.updated", "charge.refund.updated"):
        [news] = await told(type, refund)
        assert news.news == RefundNews(
            reference=refund["id"], state=RefundState.SUCCEEDED, amount=100, charge_reference=intent["id"]
        )
        assert (news.refund_id, news.payment_id, news.payment_reference) == ("ref_1", "pay_1", intent["id"])
    failed = refund | {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    [news] = await told("refund.failed", failed)
    assert isinstance(news.news, RefundNews)
    assert (news.news.state, news.news.error_code) == (RefundState.FAILED, "expired_or_canceled_card")
    assert news.news.error_message == "The refund failed: expired or canceled card."


async def test_a_refund_that_was_not_made_here_has_no_id_of_ours() -> None:
    account = Account()
    refund = account.refund({"payment_intent": intent_of(account, capture_method="automatic")["id"], "amount": 100})
    [news] = await told("refund.created", refund)
    assert (news.refund_id, news.payment_id, news.payment_reference) == (None, None, refund["payment_intent"])


async def test_disputes_are_told_by_the_reference_of_their_payment() -> None:
    account = Account()
    intent = intent_of(account, capture_method="automatic")
    dispute = account.dispute(intent["id"])
    for type in ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn"):
        [news] = await told(type, dispute)
        assert news.news == DisputeNews(
            reference=dispute["id"],
            charge_reference=intent["id"],
            status=DisputeStatus.NEEDS_RESPONSE,
            amount=19_999,
            reason="fraudulent",
            respond_by=datetime.fromtimestamp(CAPTURE_BEFORE, UTC),
            fee=1_500,
        )
        assert (news.payment_id, news.payment_reference) == (None, intent["id"])
    for type, status in (("charge.dispute.closed", "lost"), ("charge.dispute.funds_reinstated", "won")):
        [news] = await told(type, dispute | {"status": status})
        assert isinstance(news.news, DisputeNews)
        assert (news.news.status, news.news.respond_by) == (DisputeStatus(status), None)


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_under_review", "warning_closed", "prevented"])
async def test_an_inquiry_has_taken_no_money_and_is_no_dispute(status: str) -> None:
    account = Account()
    dispute = account.dispute(intent_of(account, capture_method="automatic")["id"], status=status)
    assert await told("charge.dispute.created", dispute) == []


async def test_other_events_tell_nothing() -> None:
    account = Account()
    intent = intent_of(account, capture_method="automatic")
    for type in ("charge.refunded", "charge.succeeded", "payment_intent.created", "a.type.of.next.year"):
        assert await told(type, intent) == []


async def test_a_status_of_a_later_version_tells_nothing() -> None:
    body = orjson.dumps(event("payment_intent.succeeded", intent_of(Account()) | {"status": "requires_patience"}))
    assert await news_of(body, signed(body), SECRET, NOW) == ()
