"""What follows a charge: capture, void, refund and the response to a dispute."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from io import BytesIO
from secrets import token_hex
from typing import Any, TypeVar

from domain.kernel.use_cases.outbound import Failed, Outcome, Succeeded
from domain.payments.ports import (
    Capture,
    ChargeNews,
    ChargeState,
    EvidenceBundle,
    EvidenceFile,
    RefundCharge,
    SubmitEvidence,
    Void,
)
from gateway.adapters.stripe.amounts import UnsupportedAmountError, to_stripe
from gateway.adapters.stripe.answers import EXPANDED_CHARGE, charge_outcome, refund_outcome
from gateway.adapters.stripe.connection import StripeApi
from gateway.adapters.stripe.errors import UnreadableStateError, is_missing
from gateway.adapters.stripe.lookups import find_intent, retrieve_intent

_REASONS = {
    "duplicate": "duplicate",
    "fraudulent": "fraudulent",
    "requested_by_customer": "requested_by_customer",
    "customer_request": "requested_by_customer",
}
"""Stripe's reasons of a refund. Others are only kept in the metadata."""
_FILE_FIELDS = {
    "transaction_details": "receipt",
    "shipping_proof": "shipping_documentation",
    "communication_log": "customer_communication",
}
_SPARE_FILE_FIELD = "uncategorized_file"
MAX_EVIDENCE_TEXT = 20_000
"""Characters that Stripe takes in one text."""
_FINAL = frozenset({"succeeded", "canceled"})
T = TypeVar("T")


async def capture(api: StripeApi, request: Capture, key: str) -> Outcome:
    """Collect. Where the authorisation is collected or gone already, the outcome says so."""
    try:
        amount = to_stripe(request.amount, request.currency)
    except UnsupportedAmountError as unsupported:
        return Failed("invalid_amount", str(unsupported))
    params = {"amount_to_capture": amount, "expand": list(EXPANDED_CHARGE)}
    call = partial(api.v1.payment_intents.capture_async, request.reference, params)
    return await _closed(api, request.reference, call, key, request.amount)


async def void(api: StripeApi, request: Void, key: str) -> Outcome:
    """Release. Without a reference the payment intent is looked for; where there is none, nothing is left to release.

    The news of a charge that Stripe has never seen has an empty reference.
    """
    reference = request.reference
    if reference is None:
        found = await _state(api, find_intent(api, request.payment_id, "payment_id", request.payment_id))
        if found is None:
            return Succeeded(ChargeNews(reference="", state=ChargeState.CANCELLED).as_data())
        reference = str(found["id"])
    return await _closed(api, reference, partial(api.v1.payment_intents.cancel_async, reference, {}), key, None)


async def refund(api: StripeApi, request: RefundCharge, key: str) -> Outcome:
    """Pay back. ``refund_application_fee`` is not passed on: Stripe means the fee of a platform by it, of which there
    is none, and refuses it; its own fee it keeps.
    """
    try:
        amount = to_stripe(request.amount, request.currency)
    except UnsupportedAmountError as unsupported:
        return Failed("invalid_amount", str(unsupported))
    metadata = {"refund_id": request.refund_id, "payment_id": request.payment_id, "key": key}
    params: dict[str, Any] = {
        "payment_intent": request.reference,
        "amount": amount,
        "metadata": metadata | ({"reason": request.reason[:500]} if request.reason else {}),
        "expand": ["balance_transaction"],
    }
    if request.reason in _REASONS:
        params["reason"] = _REASONS[request.reason]
    made = await api.v1.refunds.create_async(params, {"idempotency_key": key})
    return refund_outcome(made.to_dict())


async def submit_evidence(api: StripeApi, request: SubmitEvidence, key: str, bundle: EvidenceBundle) -> Outcome:
    """Upload the files and submit the response. Stripe takes one file of each type, and one more."""
    text = "\n\n".join(_paragraph(type, bundle.texts[type]) for type in sorted(bundle.texts) if bundle.texts[type])
    if len(text) > MAX_EVIDENCE_TEXT:
        return Failed("evidence_too_long", f"The texts may have {MAX_EVIDENCE_TEXT:,} characters together.")
    fields = _file_fields(bundle)
    if fields is None:
        return Failed("too_many_files", "The payment processor takes one file of each type, and one more.")
    evidence = {"uncategorized_text": text} if text else {}
    for number, (name, file) in enumerate(fields.items()):
        evidence[name] = await _upload(api, file, f"{key}:file:{number}")
    params = {"evidence": evidence, "submit": True, "metadata": {"dispute_id": request.dispute_id, "key": key}}
    await _submit(api, request.reference, params, key)
    return Succeeded({})


async def _closed(
    api: StripeApi, reference: str, call: Callable[[dict[str, str]], Awaitable[Any]], key: str, asked: int | None
) -> Outcome:
    """The outcome of a capture or a cancellation.

    Stripe repeats a failure for a day to every request with the same key, even one of its own (5xx), and refuses what
    was done under another key. So the payment intent itself decides: collected or cancelled, it changes no more. While
    it is neither, another key cannot do it twice.
    """
    try:
        intent = (await call({"idempotency_key": key})).to_dict()
    except (api.stripe.InvalidRequestError, api.stripe.APIError) as error:
        if is_missing(error):
            raise
        intent = await _state(api, retrieve_intent(api, reference))
        if intent["status"] not in _FINAL:
            if not _is_repeated(error):
                raise
            intent = (await call({"idempotency_key": f"{key}:{token_hex(4)}"})).to_dict()
    return charge_outcome(intent, asked)


def _is_repeated(error: Any) -> bool:
    """Whether Stripe has answered with an earlier failure of its own."""
    is_server_error = error.http_status is not None and error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return is_server_error and error.headers.get("Idempotent-Replayed") == "true"


async def _submit(api: StripeApi, reference: str, params: dict[str, Any], key: str) -> None:
    """Submit a response, unless an earlier request has done it although it was answered with a failure."""
    try:
        await api.v1.disputes.update_async(reference, params, {"idempotency_key": key})
    except (api.stripe.InvalidRequestError, api.stripe.APIError) as error:
        if is_missing(error):
            raise
        dispute = (await _state(api, api.v1.disputes.retrieve_async(reference))).to_dict()
        if (dispute.get("metadata") or {}).get("key") != key:
            raise


async def _state(api: StripeApi, reading: Awaitable[T]) -> T:
    """What reading an object gives. Raises UnreadableStateError, since a refusal to show it is none of the call."""
    try:
        return await reading
    except api.stripe.StripeError as error:
        raise UnreadableStateError(type(error).__name__) from error


def _paragraph(evidence_type: str, text: str) -> str:
    return f"{evidence_type.replace('_', ' ').capitalize()}:\n{text}"


def _file_fields(bundle: EvidenceBundle) -> dict[str, EvidenceFile] | None:
    """The files by Stripe's fields; None where there are too many."""
    fields: dict[str, EvidenceFile] = {}
    for file in bundle.files:
        field = _FILE_FIELDS.get(file.evidence_type, _SPARE_FILE_FIELD)
        field = _SPARE_FILE_FIELD if field in fields else field
        if field in fields:
            return None
        fields[field] = file
    return fields


async def _upload(api: StripeApi, file: EvidenceFile, key: str) -> str:
    content = _NamedBytes(file.content)
    content.name = file.name
    made = await api.v1.files.create_async({"purpose": "dispute_evidence", "file": content}, {"idempotency_key": key})
    return str(made.id)


class _NamedBytes(BytesIO):
    """What the package uploads under a name."""

    name: str
