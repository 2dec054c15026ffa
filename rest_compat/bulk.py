"""The outcomes of the inputs of a bulk write, in REST format."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, TypedDict

from domain.catalog.serializers import ProductDocument
from domain.inventory.serializers import AdjustedDocument
from domain.kernel.serialization import FieldDoc
from domain.kernel.use_cases.bulk import BulkOutcome, BulkResult, outcome_documents
from rest_compat.wire_format import WIRE_FORMAT
from transport.errors import ProblemDocument, detail_of


class InputStatus(StrEnum):
    """The outcome of one input."""

    DONE = "done"
    REFUSED = "refused"


class InputResult(TypedDict):
    """The outcome of one input."""

    index: Annotated[int, FieldDoc(description="The index of the input, starting at 0.", example=0)]
    status: Annotated[
        InputStatus,
        FieldDoc(description="The status of the input: `done`, or `refused` and not written.", example="done"),
    ]
    errors: Annotated[
        list[ProblemDocument], FieldDoc(description="The problems of the input. Empty if it was written.")
    ]


class ProductResultDocument(InputResult):
    """The outcome of the change of one product."""

    product: Annotated[
        ProductDocument | None, FieldDoc(description="The product after the change. Null if the input was refused.")
    ]


class AdjustmentResultDocument(InputResult):
    """The outcome of one adjustment."""

    inventory: Annotated[
        AdjustedDocument | None,
        FieldDoc(
            description="The stock after all adjustments, and the movement of this one. Null if the input was refused."
        ),
    ]


def input_results(result: BulkResult[Any], member: str, documents: Sequence[Any]) -> dict[str, Any]:
    """The response: the status of each input and, as ``member``, its document. ``documents`` describe
    ``result.results``."""
    placed = zip(result.outcomes, outcome_documents(result, documents), strict=True)
    return {"data": [{**_status(index, outcome), member: found} for index, (outcome, found) in enumerate(placed)]}


def _status(index: int, outcome: BulkOutcome[Any]) -> InputResult:
    return {
        "index": index,
        "status": InputStatus.REFUSED if outcome.result is None else InputStatus.DONE,
        "errors": [detail_of(problem, WIRE_FORMAT.name) for problem in outcome.user_errors],
    }
