"""Disputes that the processor tells of: late, in any order, again, and with other sums than before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain import payments
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.use_cases.outbound import Outcome
from domain.payments.commands import CloseSandboxDispute, DisputeOutcome, EvidenceInput, RespondToDispute
from domain.payments.ports import ChargeState, DisputeNews, ProcessorRequest, SubmitEvidence
from domain.payments.sandbox import SandboxProcessor
from domain.payments.states import DisputeStatus
from tests.conftest import Shop
from tests.payments.conftest import Pay, Told

TEXTS = EvidenceInput(transaction_details="A mug.", shipping_proof="Signed.", communication_log="None.")
_D = DisputeStatus


@pytest.fixture
async def news(told: Told, make_payment: Pay) -> DisputeNews:
    """A dispute of a captured payment of 10.00, which was not told yet."""
    payment = await told.payment((await make_payment(1_000)).payment_id)
    return DisputeNews(
        reference="du_1",
        charge_reference=f"sandbox_success_{payment.id}",
        status=_D.NEEDS_RESPONSE,
        amount=1_000,
        reason="fraudulent",
        respond_by=None,
    )


async def shown(told: Told) -> tuple[int, int]:
    """What the one payment of the store shows as disputed, and its fee without that of the capture."""
    (row,) = await told.rows("payment", "disputed, fee")
    return row["disputed"], row["fee"] - 59


async def of_disputes(told: Told) -> list[tuple[str, int]]:
    """The transfers of disputes."""
    return [each for each in await told.transfers() if each[0].startswith("dispute")]


async def test_a_fee_that_is_told_later_is_booked_then(told: Told, news: DisputeNews) -> None:
    """The processor charges when it takes the amount, adds to it for the response, and returns that of a case won."""
    for fee, status, total in (
        (None, _D.NEEDS_RESPONSE, 0),
        (1_500, _D.NEEDS_RESPONSE, 1_500),
        (1_500, _D.UNDER_REVIEW, 1_500),
        (3_000, _D.UNDER_REVIEW, 3_000),
        (None, _D.WON, 3_000),
        (1_500, _D.WON, 1_500),
        (1_500, _D.WON, 1_500),
    ):
        dispute = await told.dispute(replace(news, fee=fee, status=status))
        assert (dispute.fee, dispute.status) == (total, status)
        assert await shown(told) == (0 if status == _D.WON else 1_000, total)
    assert await of_disputes(told) == [
        ("dispute", 1_000),
        ("dispute_fee", 1_500),
        ("dispute_fee", 1_500),
        ("dispute_reversal", 1_000),
        ("dispute_fee_reversal", 1_500),
    ]


async def test_an_amount_that_is_told_later_is_booked_while_the_case_is_open(told: Told, news: DisputeNews) -> None:
    for amount, status, withheld in (
        (600, _D.NEEDS_RESPONSE, 600),
        (1_000, _D.NEEDS_RESPONSE, 1_000),
        (700, _D.UNDER_REVIEW, 700),
        (900, _D.WON, 0),
        (1_000, _D.WON, 0),
    ):
        await told.dispute(replace(news, amount=amount, status=status))
        assert await shown(told) == (withheld, 0)
    assert await of_disputes(told) == [
        ("dispute", 600),
        ("dispute", 400),
        ("dispute_reversal", 300),
        ("dispute", 200),
        ("dispute_reversal", 900),
    ]


async def test_a_bank_may_take_an_amount_twice(told: Told, pay: Pay, news: DisputeNews) -> None:
    """A second case is recorded and booked, and can be answered. Nothing is left to be refunded."""
    for reference in ("du_1", "du_2"):
        assert await told.dispute(replace(news, reference=reference)) is not None
    assert await shown(told) == (2_000, 0)
    await told.dispute(replace(news, status=_D.WON))
    assert await shown(told) == (1_000, 0)
    (row,) = await told.rows("payment", "id")
    (open_case,) = [each for each in await told.rows("payment_dispute", "id, status") if each["status"] != "won"]
    answered = await pay(payments.respond_to_dispute, id=open_case["id"], evidence=TEXTS, submit=True)
    assert answered.status == _D.UNDER_REVIEW
    assert (await told.payment(row["id"])).refunded == 0


async def test_a_dispute_may_be_told_before_the_capture(told: Told, pay: Pay) -> None:
    intent = await pay(
        payments.create_payment_intent, amount=Money(1_000, "GBP"), payment_method=payments.PaymentMethod.ACH
    )
    reference = f"sandbox_success_{intent.payment_id}"
    news = DisputeNews(
        reference="du_1",
        charge_reference=reference,
        status=_D.NEEDS_RESPONSE,
        amount=1_000,
        reason="debit_not_authorized",
        respond_by=None,
    )
    assert await told.dispute(news) is not None
    await told.charge(intent.payment_id, ChargeState.CAPTURED, captured=1_000)
    assert [kind for kind, _ in await told.transfers()] == ["dispute", "capture"]


class EagerProcessor:
    """Tells what becomes of the evidence before it answers the submission."""

    def __init__(self, told: Told, news: DisputeNews) -> None:
        self._told = told
        self._news = news

    async def send(self, request: ProcessorRequest, key: str, store: Any) -> Outcome:
        """See the port."""
        await self._told.dispute(self._news)
        return await self._told.database.dependency(SandboxProcessor).send(request, key, store)


@pytest.mark.parametrize("status", [_D.UNDER_REVIEW, _D.WON])
async def test_a_submission_has_a_time_also_if_the_processor_is_faster(
    told: Told, pay: Pay, database: Database, news: DisputeNews, status: DisputeStatus
) -> None:
    dispute = await told.dispute(news)
    database.provide(EagerProcessor(told, replace(news, status=status)), kind=SubmitEvidence)
    answered = await pay(payments.respond_to_dispute, id=dispute.id, evidence=TEXTS, submit=True)
    assert (answered.status, answered.submitted_at is not None) == (status, True)
    assert not answered.is_submitting


async def test_evidence_that_was_submitted_at_the_processor_has_the_time_of_its_news(
    told: Told, news: DisputeNews
) -> None:
    assert (await told.dispute(news)).submitted_at is None
    assert (await told.dispute(replace(news, status=_D.UNDER_REVIEW))).submitted_at is not None


@pytest.mark.both_servers
async def test_drafts_and_news_at_once_write_versions_of_their_own(
    told: Told, database: Database, shop: Shop, news: DisputeNews
) -> None:
    """Taken out: the lock of a known dispute; two changes have one version, or a draft is lost."""
    dispute = await told.dispute(news)

    async def draft(number: int) -> None:
        command = RespondToDispute(id=dispute.id, evidence=EvidenceInput(shipping_proof=f"Signed {number}."))
        async with database.transaction(shop.test) as work:
            await payments.respond_to_dispute(work, shop.test, command)

    steps = [draft(number) for number in range(8)]
    steps += [told.dispute(replace(news, fee=100 * number)) for number in range(1, 9)]
    await asyncio.gather(*steps)
    (row,) = await told.rows("payment_dispute", "version, evidence")
    assert row["version"] == dispute.version + 16
    assert row["evidence"] is not None


async def test_closing_and_news_at_once_wait_for_each_other(
    told: Told, database: Database, shop: Shop, news: DisputeNews
) -> None:
    """Both lock the intent first. Taken out: that order in ``close_sandbox_dispute``; one ends in a deadlock."""
    for number in range(5):
        dispute = await told.dispute(replace(news, reference=f"du_{number}"))
        command = CloseSandboxDispute(id=dispute.id, outcome=DisputeOutcome.WON)

        async def close(command: CloseSandboxDispute = command) -> None:
            async with database.transaction(shop.test) as work:
                await payments.close_sandbox_dispute(work, shop.test, command)

        later = replace(news, reference=f"du_{number}", fee=100)
        await asyncio.gather(close(), told.dispute(later), told.dispute(later))
    assert await shown(told) == (0, 500)
