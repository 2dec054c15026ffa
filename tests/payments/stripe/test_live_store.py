"""A live store at a scripted Stripe, through the gateway's own doors: keys, payments, and what Stripe tells."""

from __future__ import annotations

from domain import payments
from domain.kernel.clock import system_clock
from domain.kernel.money import Money
from domain.payments.commands import AddDisputeFile, EvidenceInput, RemoveDisputeFile
from tests.conftest import Shop
from tests.payments.stripe.live_store import SECRET, USD, LiveStore, token
from tests.payments.stripe.scripted import SECRET_KEY


async def test_a_live_payment_is_authorised_captured_and_refunded_at_stripe(live: LiveStore) -> None:
    waiting = await live.pay(payments.create_payment_intent, amount=Money(19_999, USD))
    assert waiting.status == "requires_payment_method"
    intent = await live.pay(payments.confirm_payment_intent, id=waiting.id, payment_method_details=token())
    assert (intent.status, intent.payment_id is not None) == ("requires_capture", True)
    intent = await live.pay(payments.capture_payment_intent, id=intent.id, amount=Money(12_000, USD))
    assert intent.status == "succeeded"
    refund = await live.pay(payments.refund_payment, id=intent.id, amount=Money(2_000, USD))
    assert refund.status == "succeeded"
    assert [kind for kind, _ in await live.transfers()] == ["capture", "fee", "refund"]
    (charged,) = live.stripe.account.intents.values()
    assert (charged["amount_received"], charged["metadata"]["intent_id"]) == (12_000, intent.id)


async def test_what_stripe_tells_twice_and_late_changes_things_once(live: LiveStore) -> None:
    intent = await live.pay(
        payments.create_payment_intent,
        amount=Money(5_000, USD),
        payment_method_details=token(),
        capture_method=payments.CaptureMethod.AUTOMATIC,
    )
    (charged,) = live.stripe.account.intents.values()
    for type in ("payment_intent.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.succeeded"):
        assert (await live.tell(type, charged)).json() == {"received": True}
    assert [kind for kind, _ in await live.transfers()] == ["capture", "fee"]
    dispute = live.stripe.account.dispute(charged["id"])
    for type in ("charge.dispute.created", "charge.dispute.created", "charge.dispute.funds_withdrawn"):
        assert (await live.tell(type, dispute)).status_code == 200
    assert [kind for kind, _ in await live.transfers()][:3] == ["capture", "fee", "dispute"]
    dispute["status"] = "won"
    assert (await live.tell("charge.dispute.closed", dispute)).status_code == 200
    assert (await live.transfers())[-1] == ("dispute_reversal", dispute["amount"])
    assert (await live.intent(intent.id)).status == "succeeded"


async def test_a_refused_submission_says_why_and_can_be_repeated(live: LiveStore) -> None:
    """Stripe takes one file of each type, and one more."""
    intent = await live.pay(
        payments.create_payment_intent,
        amount=Money(5_000, USD),
        payment_method_details=token(),
        capture_method=payments.CaptureMethod.AUTOMATIC,
    )
    (charged,) = live.stripe.account.intents.values()
    opened = live.stripe.account.dispute(charged["id"])
    opened["evidence_details"]["due_by"] = int(system_clock().timestamp()) + 86_400
    assert (await live.tell("charge.dispute.created", opened)).status_code == 200
    dispute = await live.dispute(intent.payment_id)
    for name in ("1.txt", "2.txt", "3.txt"):
        async with live.database.transaction(live.owner) as work:
            given = {"evidence_type": "shipping_proof", "name": name, "media_type": "text/plain", "content": b"Signed."}
            added = await payments.add_dispute_file(work, live.owner, AddDisputeFile(dispute_id=dispute.id, **given))
    texts = EvidenceInput(transaction_details="A mug.", shipping_proof="Signed.", communication_log="None.")
    await live.pay(payments.respond_to_dispute, id=dispute.id, evidence=texts, submit=True)
    refused = await live.dispute(intent.payment_id)
    assert (refused.status, refused.error_code, refused.submitted_at) == ("needs_response", "too_many_files", None)
    async with live.database.transaction(live.owner) as work:
        command = RemoveDisputeFile(dispute_id=dispute.id, id=added.id)
        await payments.remove_dispute_file(work, live.owner, command)
    await live.pay(payments.respond_to_dispute, id=dispute.id, submit=True)
    submitted = await live.dispute(intent.payment_id)
    assert (submitted.status, submitted.error_code) == ("under_review", None)


async def test_a_lapsed_authorisation_cancels_its_intent(live: LiveStore) -> None:
    intent = await live.pay(payments.create_payment_intent, amount=Money(900, USD), payment_method_details=token())
    (charged,) = live.stripe.account.intents.values()
    live.stripe.account.cancel(charged["id"], "automatic")
    assert (await live.tell("payment_intent.canceled", charged)).status_code == 200
    found = await live.intent(intent.id)
    assert (found.status, found.error_code) == ("cancelled", "authorization_expired")


async def test_only_the_store_that_it_is_signed_for_is_told(live: LiveStore, shop: Shop) -> None:
    """``shop`` is another account; a test store, an unknown one and one without a secret are no address."""
    await live.pay(payments.create_payment_intent, amount=Money(900, USD), payment_method_details=token())
    (charged,) = live.stripe.account.intents.values()
    assert (await live.tell("payment_intent.succeeded", charged, secret="whsec_another")).status_code == 400
    for store in (shop.live.store.id, shop.test.store.id, "store_1"):
        assert (await live.tell("payment_intent.succeeded", charged, store=store)).status_code == 404
    strange = {**charged, "metadata": {**charged["metadata"], "payment_id": "pay_of_another"}}
    assert (await live.tell("payment_intent.succeeded", strange)).status_code == 200
    assert await live.transfers() == []


async def test_keys_are_stored_encrypted_and_hinted_at(live: LiveStore) -> None:
    async with live.database.system_connection() as connection:
        row = await connection.fetchrow("SELECT * FROM payment_settings WHERE store_id = $1", live.owner.store.number)
    assert SECRET_KEY not in str(dict(row))
    assert SECRET not in str(dict(row))
    assert row["secret_key_hint"] == SECRET_KEY[-4:]
