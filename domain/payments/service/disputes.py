"""Disputes: raised and decided by the buyer's bank, answered with evidence."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from domain.kernel.crypto import Keyring
from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import Call, Failed, NoCall, OutboundAttempt, Settled, outbound_use_case
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.commands import EvidenceInput, RespondToDispute
from domain.payments.model.dispute import Dispute
from domain.payments.model.payment import Payment
from domain.payments.ports import DisputeNews, SubmitEvidence
from domain.payments.service.changes import PAYMENTS, IntentChange
from domain.payments.service.evidence import EVIDENCE_PARTS, read_evidence, write_evidence
from domain.payments.service.ledger import post, post_again
from domain.payments.service.processors import require_processor_of
from domain.payments.states import DisputeStatus, TransferKind

DISPUTES = Records(Dispute)
RESPONSE_TIME = timedelta(days=7)
"""The time to respond where the processor does not say one."""
_OPEN = (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)


@outbound_use_case("payments:write")
async def respond_to_dispute(
    work: UnitOfWork, principal: Principal, command: RespondToDispute
) -> Call[SubmitEvidence] | NoCall[Dispute]:
    """Save evidence, or submit it.

    Raises NotFound, Conflict (stale version, submitted or decided already, too late), ValidationFailed (a part is
    missing on submission).
    """
    dispute = await DISPUTES.lock(work, command.id, noun="dispute", version=command.expected_version)
    (payment,) = await PAYMENTS.by_column(work, "id", dispute.payment_id, "id")
    require_open(work, dispute)
    texts = read_evidence(work.dependency(Keyring), work.store, dispute)
    if command.evidence is not UNSET:
        texts = _merged(texts, command.evidence)
        dispute.evidence = write_evidence(work.dependency(Keyring), work.store, dispute, texts)
        dispute.evidence_parts = list(texts)
    dispute.error_code = dispute.error_message = None
    if command.submit:
        _require_complete(texts)
        dispute.is_submitting = True
    count_change_of(work, dispute)
    await DISPUTES.update(work, dispute)
    if not command.submit:
        return NoCall(dispute)
    await require_processor_of(work, payment)
    request = SubmitEvidence(dispute_id=dispute.id, processor=payment.processor, reference=dispute.reference)
    return Call(f"{dispute.id}:evidence:{dispute.version}", request)


@respond_to_dispute.settled
async def settle_response(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> Dispute:
    """The bank looks at the evidence; after a refusal it can be submitted again."""
    dispute = await _of_attempt(work, attempt)
    dispute.is_submitting = False
    if isinstance(outcome, Failed):
        dispute.error_code, dispute.error_message = outcome.code, outcome.message
    else:
        dispute.submitted_at = dispute.submitted_at or work.now
        if dispute.status == DisputeStatus.NEEDS_RESPONSE:  # otherwise the processor has told more already
            dispute.status = DisputeStatus.UNDER_REVIEW
    count_change_of(work, dispute)
    await DISPUTES.update(work, dispute)
    return dispute


@respond_to_dispute.current
async def current_dispute(work: UnitOfWork, attempt: OutboundAttempt) -> Dispute:
    """The dispute as it is."""
    return await _of_attempt(work, attempt)


async def apply_dispute(work: UnitOfWork, change: IntentChange, payment: Payment, news: DisputeNews) -> Dispute:
    """Apply what the processor says of a dispute of a payment. What is known already changes nothing."""
    known = await DISPUTES.by_column(work, "payment_id", payment.id, "created_at")
    found = next((each for each in known if each.reference == news.reference), None)
    if found is None:
        dispute = await _open(work, change, payment, news)
        if news.status in _OPEN:
            return dispute
        found = dispute
    dispute = await DISPUTES.lock(work, found.id, noun="dispute")  # those who respond to it lock nothing else
    has_other_sums = await _correct(work, payment, dispute, news)
    is_moved = _advance(work, dispute, news.status)
    if is_moved and dispute.status == DisputeStatus.WON:
        payment.disputed -= dispute.amount
        await post_again(work, TransferKind.DISPUTE_REVERSAL, dispute.amount, payment, dispute=dispute)
    if is_moved or has_other_sums:
        count_change_of(work, dispute)
        await DISPUTES.update(work, dispute)
        await change.save(work)
    return dispute


async def _open(work: UnitOfWork, change: IntentChange, payment: Payment, news: DisputeNews) -> Dispute:
    """Record a dispute, and book what it withholds: also more than was captured, if the bank has taken it."""
    dispute = _opened(work, payment, news)
    payment.disputed += dispute.amount
    payment.fee += dispute.fee
    DISPUTES.append(work, dispute)
    post(work, TransferKind.DISPUTE, dispute.amount, payment, dispute=dispute)
    post(work, TransferKind.DISPUTE_FEE, dispute.fee, payment, dispute=dispute)
    await change.save(work)
    return dispute


async def _correct(work: UnitOfWork, payment: Payment, dispute: Dispute, news: DisputeNews) -> bool:
    """Book another fee, and another amount of an open dispute. Returns whether there was any.

    The processor charges for a case when it takes the amount, which may be after it told of the case, and returns
    some fees after a case that was won.
    """
    fee = 0 if news.fee is None else news.fee - dispute.fee
    amount = news.amount - dispute.amount if dispute.status in _OPEN and news.amount > 0 else 0
    dispute.fee += fee
    payment.fee += fee
    dispute.amount += amount
    payment.disputed += amount
    for difference, more, less in (
        (amount, TransferKind.DISPUTE, TransferKind.DISPUTE_REVERSAL),
        (fee, TransferKind.DISPUTE_FEE, TransferKind.DISPUTE_FEE_REVERSAL),
    ):
        await post_again(work, more if difference > 0 else less, abs(difference), payment, dispute=dispute)
    return bool(fee or amount)


def _advance(work: UnitOfWork, dispute: Dispute, status: DisputeStatus) -> bool:
    """Move an open dispute to another status. Returns whether it was moved: news may be late."""
    is_late = dispute.status == DisputeStatus.UNDER_REVIEW and status == DisputeStatus.NEEDS_RESPONSE
    if dispute.status not in _OPEN or status == dispute.status or is_late:
        return False
    dispute.status = status
    if status == DisputeStatus.UNDER_REVIEW:
        dispute.submitted_at = dispute.submitted_at or work.now
    if status not in _OPEN:
        dispute.closed_at = work.now
    return True


def _opened(work: UnitOfWork, payment: Payment, news: DisputeNews) -> Dispute:
    return DISPUTES.new(
        store_id=work.store.number,
        id=new_id("dp"),
        payment_id=payment.id,
        intent_id=payment.intent_id,
        order_id=payment.order_id,
        currency=payment.currency,
        amount=news.amount,
        fee=news.fee or 0,
        status=news.status if news.status in _OPEN else DisputeStatus.NEEDS_RESPONSE,
        reason=news.reason,
        respond_by=news.respond_by or work.now + RESPONSE_TIME,
        evidence_parts=[],
        is_submitting=False,
        reference=news.reference,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )


def count_change_of(work: UnitOfWork, dispute: Dispute) -> None:
    """Count one change of a dispute, and set its time."""
    dispute.version += 1
    dispute.updated_at = work.now


def _merged(texts: dict[str, str], given: EvidenceInput) -> dict[str, str]:
    changes = {name: value for name, value in asdict(given).items() if value is not UNSET}
    merged = {**texts, **changes}
    return {name: merged[name] for name in EVIDENCE_PARTS if merged.get(name)}


def require_open(work: UnitOfWork, dispute: Dispute, path: Path = ("id",)) -> None:
    """Raises Conflict unless the evidence can be changed: not submitted, not decided, and in time.

    ``path``: the field with the id of the dispute.
    """
    if dispute.status != DisputeStatus.NEEDS_RESPONSE or dispute.is_submitting:
        status = "being submitted" if dispute.is_submitting else dispute.status
        message = f"The dispute is {status}: its evidence cannot be changed."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)
    if work.now > dispute.respond_by:
        message = f"The response was due by {dispute.respond_by:%Y-%m-%dT%H:%M:%SZ}."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, path)


def _require_complete(texts: dict[str, str]) -> None:
    missing = [name for name in EVIDENCE_PARTS if name not in texts]
    if missing:
        raise ValidationFailed(
            Problem(("evidence", name), ErrorCode.REQUIRED, "This part is required to submit the evidence.")
            for name in missing
        )


async def _of_attempt(work: UnitOfWork, attempt: OutboundAttempt) -> Dispute:
    return await DISPUTES.lock(work, attempt.id.partition(":")[0], noun="dispute")
