"""Many inputs of one kind in one transaction: either all of them are written or none, or all that are valid.

Each input runs in a savepoint of its own, so that the problems of all inputs are found, and a refused input leaves no
changes. The path of a problem has the index of its input: ``("input", 3, "price")``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select

from domain.kernel.errors import Conflict, ErrorCode, NotFound, Problem, ValidationFailed
from domain.kernel.fields import Choice, Inputs
from domain.kernel.use_cases.unit_of_work import UnitOfWork

MAX_INPUTS = 100
"""Of one request."""
_LOCK = -1
"""The first key of the advisory lock of bulk writes. That of idempotency keys is the number of a store, from 1."""

C = TypeVar("C")
R = TypeVar("R")
InputRefusal = NotFound | Conflict | ValidationFailed


class ErrorPolicy(StrEnum):
    """How refused inputs affect the other inputs."""

    ALL_OR_NONE = "all_or_none"
    SKIP = "skip"


ERROR_POLICY = Choice(
    description="How refused inputs affect the other inputs: `all_or_none` writes nothing if one input is refused, "
    "`skip` writes all others. All problems are reported.",
    example="skip",
)


@dataclass(frozen=True, slots=True)
class BulkOutcome(Generic[R]):
    """The outcome of one input. ``result`` is None if it was refused, for the reasons in ``user_errors``."""

    result: R | None
    user_errors: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkResult(Generic[R]):
    """The outcomes of all inputs, in order."""

    outcomes: tuple[BulkOutcome[R], ...]

    @property
    def user_errors(self) -> tuple[Problem, ...]:
        """Every problem of every refused input."""
        return tuple(problem for outcome in self.outcomes for problem in outcome.user_errors)

    @property
    def results(self) -> list[R]:
        """The results of the inputs that were written, in order."""
        return [outcome.result for outcome in self.outcomes if outcome.result is not None]


class Bulk(Generic[C, R]):
    """The inputs of one request and their outcomes so far."""

    def __init__(self, inputs: Sequence[C], policy: ErrorPolicy) -> None:
        """``inputs``: the field of a bulk command; its invalid inputs are refused from the start."""
        self.given: Mapping[int, C] = dict(zip(Inputs.indexes_of(inputs), inputs, strict=True))
        """The valid inputs, by index."""
        self._policy = policy
        self._outcomes: dict[int, BulkOutcome[R]] = {}
        self._conflicts: set[int] = set()
        for index, problems in Inputs.refused_of(inputs).items():
            self._outcomes[index] = BulkOutcome(None, problems)

    def done(self, index: int, result: R) -> None:
        """Record the result of an input."""
        self._outcomes[index] = BulkOutcome(result)

    def refuse(self, index: int, refusal: InputRefusal) -> None:
        """Record why an input was refused."""
        found = refusal.problems or (Problem((), ErrorCode.INVALID, refusal.message),)
        problems = tuple(Problem(("input", index, *each.path), each.code, each.message) for each in found)
        self._outcomes[index] = BulkOutcome(None, problems)
        if isinstance(refusal, Conflict):
            self._conflicts.add(index)

    async def each(self, work: UnitOfWork, order: Sequence[int], do: Callable[[C], Awaitable[R]]) -> None:
        """Run the inputs in this order, each in a savepoint of its own."""
        for index in order:
            try:
                async with work.savepoint():
                    result = await do(self.given[index])
            except (NotFound, Conflict, ValidationFailed) as refusal:
                self.refuse(index, refusal)
            else:
                self.done(index, result)

    def result(self) -> BulkResult[R]:
        """The outcomes of all inputs. Raises Conflict or ValidationFailed if one refused input refuses all."""
        result = BulkResult(tuple(outcome for _, outcome in sorted(self._outcomes.items(), key=lambda pair: pair[0])))
        if result.user_errors and self._policy is ErrorPolicy.ALL_OR_NONE:
            refused = {index for index, outcome in self._outcomes.items() if outcome.user_errors}
            if refused == self._conflicts:
                raise Conflict.of(result.user_errors)
            raise ValidationFailed(result.user_errors)
        return result


async def take_turns(work: UnitOfWork) -> None:
    """Serialize the bulk writes of one store that take locks one by one, until the transaction ends.

    Otherwise two of them could deadlock: each claims SKUs and names categories that the other may claim and name in
    another order.
    """
    await work.session.execute(select(func.pg_advisory_xact_lock(_LOCK, work.store.number)))


def outcome_documents(result: BulkResult[Any], documents: Sequence[Any]) -> list[Any]:
    """One of ``documents``, which describe ``result.results``, for each outcome; None if it was refused."""
    left = iter(documents)
    return [None if outcome.result is None else next(left) for outcome in result.outcomes]
