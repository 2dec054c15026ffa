"""What came of the inputs of a bulk write, as REST answers it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, TypedDict

from domain.catalog.serializers import ProductDocument
from domain.inventory.serializers import AdjustedDocument
from domain.kernel.serialization import FieldDoc
from domain.kernel.use_cases.bulk import BulkOutcome, BulkResult, outcome_documents
from rest_compat.wire_format import SPEECH
from transport.errors import ProblemDocument, detail_of


class InputStatus(StrEnum):
    """What came of one input."""

    DONE = "done"
    REFUSED = "refused"


class InputResult(TypedDict):
    """What came of one input."""

    index: Annotated[int, FieldDoc(description="The place of the input, counted from 0.", example=0)]
    status: Annotated[InputStatus, FieldDoc(description="done, or refused and left out.", example="done")]
    errors: Annotated[list[ProblemDocument], FieldDoc(description="Why it was refused; empty when it was not.")]


class ProductResultDocument(InputResult):
    """What came of the change of one product."""

    product: Annotated[ProductDocument | None, FieldDoc(description="The product as it is now; null when refused.")]


class AdjustmentResultDocument(InputResult):
    """What came of one adjustment."""

    inventory: Annotated[
        AdjustedDocument | None,
        FieldDoc(description="The stock as it is after all of them, and how this one was booked; null when refused."),
    ]


def input_results(result: BulkResult[Any], member: str, documents: Sequence[Any]) -> dict[str, Any]:
    """The answer: for each input its status, and under ``member`` its document, of ``result.results``."""
    placed = zip(result.outcomes, outcome_documents(result, documents), strict=True)
    return {"data": [{**_status(index, outcome), member: found} for index, (outcome, found) in enumerate(placed)]}


def _status(index: int, outcome: BulkOutcome[Any]) -> InputResult:
    return {
        "index": index,
        "status": InputStatus.REFUSED if outcome.result is None else InputStatus.DONE,
        "errors": [detail_of(problem, SPEECH.name) for problem in outcome.user_errors],
    }
