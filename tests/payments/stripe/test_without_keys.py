"""A live store whose keys were removed: whatever would call its processor is refused, and nothing is begun."""

from __future__ import annotations

from typing import Any

import pytest

from domain import payments
from domain.kernel.clock import system_clock
from domain.kernel.errors import Unavailable
from domain.kernel.money import Money
from domain.kernel.use_cases.outbound import OutboundUseCase, outbound_use_cases
from domain.payments.commands import EvidenceInput
from tests.payments.stripe.live_store import USD, LiveStore, token

TEXTS = EvidenceInput(transaction_details="A mug.", shipping_proof="Signed.", communication_log="None.")


async def prepared(live: LiveStore) -> dict[str, dict[str, Any]]:
    """What each use case is called with, once there is what it is about."""
    amount, auto = Money(900, USD), payments.CaptureMethod.AUTOMATIC
    create = payments.create_payment_intent
    waiting = await live.pay(create, amount=amount)
    held = await live.pay(create, amount=amount, payment_method_details=token())
    taken = await live.pay(create, amount=amount, payment_method_details=token(), capture_method=auto)
    charged = next(each for each in live.stripe.account.intents.values() if each["status"] == "succeeded")
    opened = live.stripe.account.dispute(charged["id"])
    opened["evidence_details"]["due_by"] = int(system_clock().timestamp()) + 86_400
    assert (await live.tell("charge.dispute.created", opened)).status_code == 200
    dispute = await live.dispute(taken.payment_id)
    kept = await live.pay(create, amount=amount, payment_method_details=token(), capture_method=auto)
    return {
        "payments.create_payment_intent": {"amount": amount, "payment_method_details": token()},
        "payments.confirm_payment_intent": {"id": waiting.id, "payment_method_details": token()},
        "payments.capture_payment_intent": {"id": held.id},
        "payments.cancel_payment_intent": {"id": held.id},
        "payments.refund_payment": {"id": kept.id},
        "payments.respond_to_dispute": {"id": dispute.id, "evidence": TEXTS, "submit": True},
    }


async def test_every_call_is_refused(live: LiveStore) -> None:
    """Taken out: ``require_processor_of`` of a capture; it is ``processing`` for ever."""
    given = await prepared(live)
    calling: dict[str, OutboundUseCase[Any, Any]] = {
        each.name: each for each in outbound_use_cases() if each.name.startswith("payments.")
    }
    assert given.keys() == calling.keys()
    await live.set_keys(None)
    sent = len(live.stripe.received)
    for name, use_case in calling.items():
        before = await live.attempts()
        with pytest.raises(Unavailable, match="no payment processor"):
            await live.pay(use_case, **given[name])
        assert await live.attempts() == before, name
    assert len(live.stripe.received) == sent
    await live.set_keys()
    for name in ("confirm_payment_intent", "capture_payment_intent", "refund_payment", "respond_to_dispute"):
        await live.pay(calling[f"payments.{name}"], **given[f"payments.{name}"])
