"""The port: what a door hands to an engine, and what it gets back."""

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
    """A member, selected in a mutation's answer, of something that was there before."""

    root: FieldNode
    """The field of Mutation."""
    name: str
    scopes: tuple[str, ...]
    """What reading it needs: one of these."""
    derivations: tuple[str, ...] = ()
    """Paths in the input that, where they are given, do not tell the member."""

    def is_given(self, variables: Mapping[str, Any]) -> bool:
        """Whether the caller writes the member, of many things of each: then they know what it is."""
        for argument in self.root.arguments or ():
            given = value_from_ast_untyped(argument.value, dict(variables))
            inputs = given if isinstance(given, list) else [given]
            if inputs and all(self._is_told(each) for each in inputs):
                return self.name not in _MERGED
        return False

    def _is_told(self, given: Any) -> bool:
        return _is_said(given, self.name) and not any(_is_said(given, path) for path in self.derivations)


def _is_said(given: Any, path: str) -> bool:
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
    """What its fields need: of each group, one."""
    waived: tuple[tuple[str, ...], ...] = ()
    """What fields of things that it makes need elsewhere."""
    unread: tuple[UnreadableMember, ...] = ()
    """What it shows of things that it changes, besides their ids and versions."""
    switches: tuple[str, ...] = ()
    """The variables by which fields are included and skipped."""
    telling: tuple[str, ...] = ()
    """The variables that are used elsewhere than in the arguments of root fields."""
    variables: tuple[VariableDeclaration, ...] = ()
    """What it declares."""
    introspects: bool = False
    """Whether it asks what the schema is."""
    calls_out: bool = False
    """Whether it is a mutation whose one root field calls the outside world: it runs in two transactions."""

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
    """What an answer has cost."""

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
    """None of what was not executed, or was given before."""
    held: HeldBytes | None = None
    """Counts the bytes of a large response for as long as something refers to it: to be kept while it is sent."""


class StreamedResponse(NamedTuple):
    """One response of a subscription, ready to be sent. Made for each of its subscribers, so it is made cheaply."""

    body: bytes
    """Empty when there is nothing to send, only a place to resume from."""
    cursor: str | None = None
    """Where the subscription can be resumed after this response; None where it cannot."""
    executed: bool = True
    """False when the subscription was refused or has failed: nothing follows."""


class Engine(Protocol):
    """Runs operations of one schema."""

    schema: GraphQLSchema

    async def execute(self, operation: Operation, variables: Mapping[str, Any], context: Context) -> GraphQLResponse:
        """The answer to an operation. Failures are in it; nothing is raised but cancellation.

        A caller without a scope that any of its fields needs is refused before anything runs.
        """

    def subscribe(
        self, operation: Operation, variables: Mapping[str, Any], open_context: Callable[[], Context]
    ) -> AsyncGenerator[StreamedResponse]:
        """A response for each event, until nobody asks for more: close it.

        Each event has a context of its own, made by ``open_context``, so that nothing is remembered from the one
        before. A refusal, or a failure of the stream itself, is the last response.
        """


def rejection(failures: Sequence[Failure], request_id: str) -> GraphQLResponse:
    """The answer to a request that is not executed."""
    body = orjson.dumps({"errors": [failure.body(request_id) for failure in failures]})
    return GraphQLResponse(body, executed=False, has_data=False, failures=tuple(failures))


def rolled_back_response(answer: GraphQLResponse, request_id: str) -> GraphQLResponse:
    """The answer when what was executed has been rolled back: its errors, and no data to claim otherwise."""
    if not answer.executed:
        return answer
    body = orjson.dumps({"errors": [failure.body(request_id) for failure in answer.failures], "data": None})
    return GraphQLResponse(body, executed=True, has_data=False, failures=answer.failures)
