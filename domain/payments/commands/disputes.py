"""Commands of disputes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import UNSET, Base64, Boolean, Choice, FieldLocation, NestedObject, Text, Unset
from domain.payments.commands.shared_fields import DISPUTE_ID, DISPUTE_VERSION
from domain.payments.states import EvidenceType

MAX_EVIDENCE_LENGTH = 20_000
MAX_FILE_BYTES = 10 * 1_048_576
MAX_FILES = 20
"""Of one dispute."""
MAX_FILES_BYTES = 40 * 1_048_576
"""Bytes of all files of a dispute: a submission reads them together, and one operation reads at most 64 MiB of rows."""
MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png", "text/plain")
"""The media types of files of evidence."""


def _evidence(description: str, example: str) -> Text:
    return Text(min=1, max=MAX_EVIDENCE_LENGTH, description=description, example=example)


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceInput:
    """Evidence for a dispute. Parts that are left out stay as they are; null removes a part."""

    transaction_details: Annotated[
        str | Unset | None,
        _evidence("What was bought and when, and how the buyer was identified.", "Order 1473, paid with 3-D Secure."),
    ] = UNSET
    shipping_proof: Annotated[
        str | Unset | None,
        _evidence("Proof of shipping or delivery.", "FedEx 794644790138, delivered and signed on 2026-01-18."),
    ] = UNSET
    communication_log: Annotated[
        str | Unset | None,
        _evidence("The communication with the buyer.", "2026-01-20: the buyer confirms the delivery by e-mail."),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RespondToDispute:
    """Save evidence for a dispute as a draft, or submit it to the buyer's bank. It can be submitted once.

    Transaction details, shipping proof and communication log are all required on submission.
    """

    id: Annotated[str, DISPUTE_ID]
    expected_version: Annotated[int | Unset, DISPUTE_VERSION] = UNSET
    evidence: Annotated[EvidenceInput | Unset, NestedObject(description="The evidence.")] = UNSET
    submit: Annotated[bool, Boolean(description="Whether to submit the evidence now.", example=True)] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AddDisputeFile:
    """Add a file of evidence to a dispute that waits for its response.

    GraphQL accepts files of about 750 KB, as its requests have at most 1 MiB. Larger ones are uploaded by REST:
    `POST /v2/payments/disputes/{id}/files`. Files are stored encrypted.
    """

    dispute_id: Annotated[str, DISPUTE_ID]
    expected_version: Annotated[int | Unset, DISPUTE_VERSION] = UNSET
    evidence_type: Annotated[
        EvidenceType,
        Choice(
            description="The part of the evidence that it belongs to.",
            example="shipping_proof",
            place=FieldLocation.QUERY,
        ),
    ]
    name: Annotated[
        str,
        Text(
            min=1,
            max=255,
            description="The name of the file.",
            pattern=r"[^\x00-\x1f\x7f/\\]+",
            form="a file name without control characters and slashes",
            example="proof.pdf",
            place=FieldLocation.QUERY,
        ),
    ]
    media_type: Annotated[
        str,
        Text(
            max=64,
            description=f"The media type: {', '.join(f'`{each}`' for each in MEDIA_TYPES)}.",
            words=MEDIA_TYPES,
            noun="media type",
            example="application/pdf",
            place=FieldLocation.CONTENT_TYPE,
        ),
    ]
    content: Annotated[
        bytes, Base64(max=MAX_FILE_BYTES, description="The content of the file.", place=FieldLocation.CONTENT)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveDisputeFile:
    """Remove a file of evidence from a dispute that waits for its response."""

    dispute_id: Annotated[str, DISPUTE_ID]
    id: Annotated[str, Text(min=1, max=64, description="The id of the file (`file_…`).", place=FieldLocation.PATH)]
    expected_version: Annotated[int | Unset, DISPUTE_VERSION] = UNSET
