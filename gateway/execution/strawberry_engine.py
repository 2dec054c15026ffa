"""The engine for every operation: graphql-core executes Strawberry's schema through resolvers and loaders."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import orjson
import strawberry
from graphql import ExecutionResult, Executor, GraphQLError, create_source_event_stream
from graphql.execution.values import VariableValues

from domain.kernel.budget import Budget, budget
from domain.kernel.errors import Forbidden, LimitExceeded, Unavailable
from domain.kernel.event_log import Checkpoint
from domain.kernel.principal import Principal
from gateway.execution.cost import POINTS, Cost, cost_of, worst_cost_of
from gateway.execution.engine import GraphQLResponse, Operation, StreamedResponse, rejection
from gateway.execution.failures import Code, Failure, document_failure, failure_of, limit_exceeded
from gateway.execution.graphql_internals import HIDDEN, Replay, coerce_variables, execute_replaying
from gateway.execution.introspection import IntrospectionCache
from gateway.execution.loaded_value_replay import LoadedValueReplay
from gateway.execution.plan_cache import PUSHDOWN_AFTER, CachedPlan, PlanCache
from gateway.execution.planner import MAX_FIELDS, TooLargeError
from gateway.execution.responses import response_of
from gateway.execution.shared_subscriptions import SubscriberGroup, SubscriberGroups
from gateway.execution.variable_errors import reword_error
from gateway.introspection_rule import IntrospectionRule
from resolvers.context import Context
from schema import schema
from schema.strawberry_internals import core_schema

SUBSCRIPTIONS_OF_KEY = 10_000
"""Live subscriptions in one process, over all connections."""


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """An operation that may be executed."""

    operation: Operation
    sent: Mapping[str, Any]
    """The variables as they were sent."""
    variables: VariableValues
    ready: CachedPlan
    cost: Cost


class RejectedOperationError(Exception):
    """An operation that is refused before anything of it runs."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(failures[0].message)
        self.failures = failures


class StrawberryEngine:
    """Executes every operation; slower than compiled plans, and their reference in tests."""

    def __init__(
        self,
        cursor_of: Callable[[Any], str | None] = lambda _: None,
        *,
        pushdown_after: int = PUSHDOWN_AFTER,
        introspection: IntrospectionRule = IntrospectionRule.ON,
        of: strawberry.Schema = schema,
    ) -> None:
        """``cursor_of``: the cursor from which a subscription can resume after a row that it yielded;
        ``pushdown_after``: see PlanCache; ``introspection``: who may introspect the schema; ``of``: the schema.
        """
        self.schema = core_schema(of)
        self._cursor_of = cursor_of
        self.plans = PlanCache(self.schema, pushdown_after)
        self._groups = SubscriberGroups()
        self._following: Counter[tuple[int, str, str]] = Counter()
        self._introspection = introspection
        self._introspections = IntrospectionCache(self.schema)

    async def execute(self, operation: Operation, variables: Mapping[str, Any], context: Context) -> GraphQLResponse:
        """See the port."""
        try:
            prepared = self._prepare(operation, variables, context)
        except RejectedOperationError as refused:
            await context.charge(0)
            return rejection(refused.failures, context.request_id)
        await context.charge(prepared.cost.requested)
        return await self._within_budget(prepared, context)

    def cost(self, operation: Operation, variables: Mapping[str, Any]) -> int:
        """See the port."""
        values = coerce_variables(self.schema, operation.definition, operation.variables, variables)
        if isinstance(values, list):
            return 0
        try:
            ready = self.plans.of(operation, values)
        except (GraphQLError, TooLargeError):
            return 0
        return cost_of(ready.plan, values) if ready.cost is None else ready.cost

    async def prepare(self, operation: Operation) -> None:
        """See the port. There is nothing to prepare."""

    async def subscribe(
        self, operation: Operation, variables: Mapping[str, Any], open_context: Callable[[], Context]
    ) -> AsyncGenerator[StreamedResponse]:
        """See the port."""
        context = open_context()
        try:
            prepared = self._prepare(operation, variables, context)
        except RejectedOperationError as refused:
            yield _ended(rejection(refused.failures, context.request_id))
            return
        stream = await self._stream(operation, variables, context)
        if isinstance(stream, ExecutionResult):
            yield _ended(response_of(stream, context.request_id))
            return
        rights = (context.principal.store, context.principal.scopes, context.principal.storefront)
        try:
            with (
                self._live(context.principal),
                self._groups.joined(operation, variables, rights) as group,
            ):
                async with aclosing(stream):
                    async for row in stream:
                        yield await self._response_to(prepared, group, open_context, row)
        except RejectedOperationError as refused:
            await stream.aclose()
            yield _ended(rejection(refused.failures, context.request_id))
        except Exception as error:
            yield _ended(rejection([failure_of(error, context.request_id)], context.request_id))

    @contextmanager
    def _live(self, principal: Principal) -> Generator[None]:
        """Count a subscription of a key while it is live, of a publishable one for each of its clients: none can use up
        what the others need. Raises RejectedOperationError if there are too many."""
        client = "" if principal.storefront is None else principal.storefront.client
        credential = (principal.store.number, principal.credential, client)
        live = self._following[credential] + 1
        if live > SUBSCRIPTIONS_OF_KEY:
            raise RejectedOperationError([limit_exceeded("live subscriptions of a key", SUBSCRIPTIONS_OF_KEY, live)])
        self._following[credential] = live
        try:
            yield
        finally:
            self._following[credential] -= 1
            if not self._following[credential]:
                del self._following[credential]

    async def answer_event(self, operation: Operation, context: Context, event: Any) -> GraphQLResponse:
        """The response of a subscription without variables to one event, for a subscriber with the event at hand."""
        try:
            return await self._within_budget(self._prepare(operation, {}, context), context, event)
        except RejectedOperationError as refused:
            return rejection(refused.failures, context.request_id)

    def refusals(
        self, operation: Operation, context: Context, variables: Mapping[str, Any] | None = None
    ) -> Sequence[Failure]:
        """Why an operation would be refused before anything of it runs; none where it would run."""
        try:
            self._prepare(operation, variables or {}, context)
        except RejectedOperationError as refused:
            return refused.failures
        return ()

    def worst_cost(self, operation: Operation) -> int:
        """The points of an operation without variables, for the largest event that it may be run for."""
        values = coerce_variables(self.schema, operation.definition, operation.variables, {})
        assert not isinstance(values, list)  # noqa: S101 - it declares no variables
        return worst_cost_of(self.plans.of(operation, values).plan, values)

    def _prepare(self, operation: Operation, variables: Mapping[str, Any], context: Context) -> PreparedOperation:
        """Everything that is known before execution. Raises RejectedOperationError."""
        try:
            if operation.introspects:
                self._introspection.require(context.principal.store)
            for scopes in operation.scopes:
                context.require(scopes)
            for unread in operation.unread:
                if not unread.is_given(variables):
                    context.require_reading(unread.name, unread.scopes)
        except Forbidden as forbidden:
            raise RejectedOperationError([failure_of(forbidden, context.request_id)]) from None
        values = coerce_variables(self.schema, operation.definition, operation.variables, variables)
        if isinstance(values, list):
            errors = reword_error(self.schema, values)
            raise RejectedOperationError([document_failure(error, Code.BAD_USER_INPUT) for error in errors])
        try:
            ready = self.plans.of(operation, values)
        except GraphQLError as error:  # null for @include or @skip
            raise RejectedOperationError([document_failure(error, Code.BAD_USER_INPUT)]) from None
        except TooLargeError:
            raise RejectedOperationError([limit_exceeded("fields with those of fragments", MAX_FIELDS, None)]) from None
        requested = cost_of(ready.plan, values) if ready.cost is None else ready.cost
        if requested > POINTS:
            raise RejectedOperationError([limit_exceeded("cost", POINTS, requested)])
        context.waive(operation.waived)
        return PreparedOperation(operation, variables, values, ready, Cost(requested, ready.plan))

    async def _within_budget(self, prepared: PreparedOperation, context: Context, event: Any = None) -> GraphQLResponse:
        """Run an operation, or refuse it because of what it reads or returns."""
        spent = Budget()
        token = budget.set(spent)
        try:
            answer = await self._run(prepared, context, event)
            spent.take_answer(len(answer.body))
        except (LimitExceeded, Unavailable) as exceeded:
            if spent.broken is None:
                raise
            return rejection([failure_of(exceeded, context.request_id)], context.request_id)
        finally:
            budget.reset(token)
            held = spent.close()
        return answer if held is None else replace(answer, held=held)

    async def _run(self, prepared: PreparedOperation, context: Context, event: Any = None) -> GraphQLResponse:
        return await self._rendered(prepared, context, event)

    async def _rendered(
        self, prepared: PreparedOperation, context: Context, event: Any, *replay: Replay
    ) -> GraphQLResponse:
        operation, variables, plan = prepared.operation, prepared.sent, prepared.ready.plan
        before: list[Replay] = [*replay]
        if not replay and (plan.leaner or plan.read_overrides):
            before.append(LoadedValueReplay(plan, prepared.variables))
        asked = plan.introspection
        result: ExecutionResult | Awaitable[ExecutionResult] = ExecutionResult({}, None)
        document = operation.document if asked is None else asked.rest
        if document is not None:
            result = execute_replaying(self.schema, document, operation.name, variables, context, event, before)
        found = await result if inspect.isawaitable(result) else result
        if asked is not None and found.data is not None:
            known = await self._introspections.answer(asked, prepared.variables)
            found.data = {
                key: orjson.Fragment(known[key]) if key in asked.own else found.data[key] for key in asked.keys
            }
        return replace(response_of(found, context.request_id), cost=prepared.cost)

    async def _stream(
        self, operation: Operation, variables: Mapping[str, Any], context: Context
    ) -> AsyncGenerator[Any] | ExecutionResult:
        executor = Executor.build(
            self.schema,
            operation.document,
            context_value=context,
            raw_variable_values=dict(variables),
            operation_name=operation.name,
            hide_suggestions=HIDDEN,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        source = create_source_event_stream(executor)
        return cast(AsyncGenerator[Any] | ExecutionResult, await source if inspect.isawaitable(source) else source)

    async def _response_to(
        self, prepared: PreparedOperation, group: SubscriberGroup, open_context: Callable[[], Context], row: Any
    ) -> StreamedResponse:
        cursor = self._cursor_of(row)
        if isinstance(row, Checkpoint):
            return StreamedResponse(b"", cursor)

        async def execute() -> GraphQLResponse:
            context = open_context()
            try:
                return await self._within_budget(prepared, context, row)
            finally:
                await context.close()

        answer = await (execute() if cursor is None else group.answer(cursor, execute))
        return StreamedResponse(answer.body, cursor)


def _ended(answer: GraphQLResponse) -> StreamedResponse:
    return StreamedResponse(answer.body, executed=False)
