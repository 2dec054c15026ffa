"""The interface of an engine: its input and output."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    value_from_ast_untyped,
)

from domain.kernel.budget import HeldBytes
from gateway.execution.failures import Failure
from gateway.execution.graphql_internals import VariableDeclaration
from resolvers.context import Context

_MERGED = frozenset({"metadata"})
"""Members that show more than was written to them."""


@dataclass(frozen=True, slots=True)
class UnreadableMember:
    """A member, selected in the response of a mutation, of an object that existed before."""

    root: FieldNode
    """The field of Mutation."""
    name: str
    scopes: tuple[str, ...]
    """The scopes, of which one is required to read it."""
    derivations: tuple[str, ...] = ()
    """Paths in the input whose values do not show the member."""

    def is_given(self, variables: Mapping[str, Any]) -> bool:
        """Whether the caller writes the member, in each of many objects: then its value is known to the caller."""
        for argument in self.root.arguments or ():
            given = value_from_ast_untyped(argument.value, dict(variables))
            inputs = given if isinstance(given, list) else [given]
            if inputs and all(self._is_written(each) for each in inputs):
                return self.name not in _MERGED
        return False

    def _is_written(self, given: Any) -> bool:
        return _has_value(given, self.name) and not any(_has_value(given, path) for path in self.derivations)


def _has_value(given: Any, path: str) -> bool:
    """Whether an input has a value at a path of names."""
    for name in path.split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return given is not None


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation that was parsed, found within the limits, and validated. Compared by identity: it keys caches."""

    text: str
    """The document as it was sent."""
    document: DocumentNode
    definition: OperationDefinitionNode
    scopes: tuple[tuple[str, ...], ...]
    """The scopes of its fields: of each group, one is required."""
    waived: tuple[tuple[str, ...], ...] = ()
    """The scopes of fields of created objects, which are not required here."""
    unread: tuple[UnreadableMember, ...] = ()
    """The members of changed objects that it shows, besides their ids and versions."""
    switches: tuple[str, ...] = ()
    """The variables by which fields are included and skipped."""
    telling: tuple[str, ...] = ()
    """The variables that are used elsewhere than in the arguments of root fields."""
    variables: tuple[VariableDeclaration, ...] = ()
    """The operation definition."""
    hidden: tuple[str, ...] = ()
    """The first of its fields that publishable keys may not select, as ``Type.field``."""
    introspects: bool = False
    """Whether it selects introspection fields."""
    calls_out: bool = False
    """Whether it is a mutation whose one root field calls the outside world: it runs in two transactions."""
    is_buffered: bool = False
    """Whether it is a mutation whose one root field is a buffered use case: it needs no transaction."""
    is_single: bool = False
    """Whether it is a mutation of one root field: a refusal then rolls back the whole transaction."""
    is_sensitive: bool = False
    """Whether its document seems to contain a card number: no cache may keep it."""
    printed: str = ""
    """Of a mutation, the document in one form, whatever its blanks and comments: it identifies repeated requests."""

    @property
    def writes(self) -> bool:
        """Whether it is a mutation."""
        return self.definition.operation is OperationType.MUTATION

    @property
    def kind(self) -> str:
        """``query``, ``mutation`` or ``subscription``."""
        return self.definition.operation.value

    @property
    def subscribes(self) -> bool:
        """Whether it is a subscription."""
        return self.definition.operation is OperationType.SUBSCRIPTION

    @property
    def name(self) -> str | None:
        """Its name, where it has one."""
        return None if self.definition.name is None else self.definition.name.value


class CostReport(Protocol):
    """The cost of a response."""

    @property
    def requested(self) -> int:
        """The points that it might have cost at most."""

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """The points of the data that it has."""


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """A response, ready to be sent."""

    body: bytes
    executed: bool
    """Whether execution began; without it there is no ``data``."""
    has_data: bool
    """Whether ``data`` is there and not null."""
    failures: tuple[Failure, ...] = ()
    """The top-level errors in the body."""
    cost: CostReport | None = None
    """None if nothing was executed, or for a stored response."""
    held: HeldBytes | None = None
    """Counts the bytes of a large response as long as it is referenced: keep it while sending."""


class StreamedResponse(NamedTuple):
    """One response of a subscription, ready to be sent. One is created per subscriber, so creation is cheap."""

    body: bytes
    """Empty if there is nothing to send, only a position to resume from."""
    cursor: str | None = None
    """Where the subscription can be resumed after this response; None where it cannot."""
    executed: bool = True
    """False when the subscription was refused or has failed: nothing follows."""


class Engine(Protocol):
    """Runs operations of one schema."""

    schema: GraphQLSchema

    async def execute(self, operation: Operation, variables: Mapping[str, Any], context: Context) -> GraphQLResponse:
        """The response to an operation. Failures are in it; only cancellation is raised, and what ``context.charge``
        raises, which is told the cost before anything runs.

        A caller without a scope that any of its fields requires is refused before execution.
        """

    def cost(self, operation: Operation, variables: Mapping[str, Any]) -> int:
        """The points of an operation; 0 for one that will be refused before it runs."""

    async def prepare(self, operation: Operation) -> None:
        """Prepare an operation that is expected to come often, so that its first execution is as fast as later ones."""

    def subscribe(
        self, operation: Operation, variables: Mapping[str, Any], open_context: Callable[[], Context]
    ) -> AsyncGenerator[StreamedResponse]:
        """A response for each event, until the iterator is closed.

        Each event has a context of its own from ``open_context``, so that nothing is cached between events. A refusal,
        or a failure of the stream itself, is the last response.
        """


def rejection(failures: Sequence[Failure], request_id: str) -> GraphQLResponse:
    """The response to a request that is not executed."""
    body = orjson.dumps({"errors": [failure.body(request_id) for failure in failures]})
    return GraphQLResponse(body, executed=False, has_data=False, failures=tuple(failures))


def rolled_back_response(answer: GraphQLResponse, request_id: str) -> GraphQLResponse:
    """The response after a rollback: its errors, and no data."""
    if not answer.executed:
        return answer
    body = orjson.dumps({"errors": [failure.body(request_id) for failure in answer.failures], "data": None})
    return GraphQLResponse(body, executed=True, has_data=False, failures=answer.failures)
