"""The outcomes of the inputs of a bulk write."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import orjson

from domain.inventory.documents import AdjustedDocument
from domain.kernel.documents import Document, EnumMember, IntegerMember, WrittenMember
from domain.kernel.documents.document_reads import DocumentRead
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.bulk import BulkOutcome, BulkResult, outcome_documents
from rest_compat.catalog.objects import PRODUCT, ProductDocument
from rest_compat.objects import Representation
from rest_compat.wire_format import WIRE_FORMAT
from transport.errors import ProblemDocument, detail_of


class InputStatus(StrEnum):
    """The outcome of one input."""

    DONE = "done"
    REFUSED = "refused"


class InputResult(Document):
    """The outcome of one input."""

    index = IntegerMember("The index of the input, starting at 0.", example=0)
    status = EnumMember("The status of the input: `done`, or `refused` and not written.", InputStatus, example="done")
    errors = WrittenMember("The problems of the input. Empty if it was written.", ProblemDocument, listed=True)


class ProductResultDocument(InputResult):
    """The outcome of the change of one product."""

    product = WrittenMember(
        "The product after the change. Null if the input was refused.", ProductDocument, nullable=True
    )


class AdjustmentResultDocument(InputResult):
    """The outcome of one adjustment."""

    inventory = WrittenMember(
        "The stock after all adjustments, and the movement of this one. Null if the input was refused.",
        AdjustedDocument,
        nullable=True,
    )


class BulkProducts:
    """The outcome of each of many changes of products."""

    response = list[ProductResultDocument]
    _products = DocumentRead(ProductDocument, PRODUCT.read)

    async def represent(self, db: Executor, principal: Principal, result: BulkResult[Any]) -> Representation:
        """The outcomes, by one statement for any number."""
        ids = [product.id for product in result.results]
        found = await self._products.for_keys(db, principal, ids) if ids else {}
        documents = [orjson.Fragment(found[id].body) for id in ids]
        return represent_outcomes(result, ProductResultDocument, "product", documents, principal)


def represent_outcomes(
    result: BulkResult[Any],
    document: type[InputResult],
    member: str,
    documents: Sequence[orjson.Fragment],
    principal: Principal,
) -> Representation:
    """The status of each input and, as ``member``, its document. ``documents`` describe ``result.results``."""
    placed = zip(result.outcomes, outcome_documents(result, documents), strict=True)
    rows = [_outcome_row(index, outcome, member, found) for index, (outcome, found) in enumerate(placed)]
    return Representation(orjson.dumps({"data": [document.of_row(row, principal) for row in rows]}))


def _outcome_row(index: int, outcome: BulkOutcome[Any], member: str, found: orjson.Fragment | None) -> SimpleNamespace:
    return SimpleNamespace(
        index=index,
        status=InputStatus.REFUSED if outcome.result is None else InputStatus.DONE,
        errors=[detail_of(problem, WIRE_FORMAT.name) for problem in outcome.user_errors],
        **{member: found},
    )
