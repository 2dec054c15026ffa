"""Webhooks in this process: what their use cases are handed, and the courier that sends them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import orjson
from graphql import FieldNode, GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, visit

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.errors import ErrorCode, Forbidden, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from gateway.adapters.http_sender import AiohttpSender
from gateway.execution import CompiledEngine, Operation, StrawberryEngine
from gateway.execution.cost import POINTS
from gateway.graphql.documents import DocumentCache, RejectedDocumentError
from gateway.settings import Settings
from gateway.telemetry.delivery_metrics import DeliveryMetrics, sample_backlog
from gateway.wakeups import Topic, Wakeups
from resolvers.context import Context
from resolvers.sources import PermittedSource
from schema.strawberry_internals import field_of

PAYLOAD_QUERY_TIMEOUT = 5.0
"""How long a query may take: with sending it, much less than the lease of its delivery."""
MAX_PAYLOAD_BYTES = 2 * 2**20
"""Of what a query answers: each delivery of it is kept in the log."""
PAYLOAD_QUERY_FORM = "Must be one subscription to events, without arguments, variables or fragments around it."


class GraphQLPayloadRunner:
    """A Shaper, by the same limits, rules and engine as the doors."""

    def __init__(self, database: Database, engine: StrawberryEngine) -> None:
        self._database = database
        self._engine = engine
        self._documents = DocumentCache(engine.schema)

    def check(self, query: str, principal: Principal) -> None:
        """See the port."""
        try:
            operation = self._documents.operation(query, None)
        except RejectedDocumentError as refused:
            raise refused.as_validation_error("query") from None
        if not _follows_events(operation):
            raise ValidationFailed.of(("query",), ErrorCode.INVALID, PAYLOAD_QUERY_FORM)
        for scopes in operation.scopes:
            if not any(map(principal.has_scope, scopes)):
                raise Forbidden(f"The query needs the scope {' or '.join(scopes)}.", missing_scope=scopes[0])
        failures = self._engine.refusals(operation, Context(principal, self._database, new_id("req")))
        if failures:
            raise RejectedDocumentError(failures).as_validation_error("query")
        cost = self._engine.worst_cost(operation)
        if cost > POINTS:
            message = (
                f"For the largest event it may cost {cost} points, at most {POINTS}. Select fewer lists, or select "
                "less of what is in them."
            )
            raise ValidationFailed.of(("query",), ErrorCode.TOO_LARGE, message)

    def needs(self, query: str, scopes: frozenset[str]) -> tuple[webhooks.Need, ...]:
        """See the port. What a list shows depends on its viewer where it leaves out what they may not see: then all
        that they may read is needed."""
        try:
            operation = self._documents.operation(query, None)
        except RejectedDocumentError:
            return ()
        if not _depends_on_viewer(self._engine.schema, operation):
            return operation.scopes
        return (*operation.scopes, *((scope,) for scope in sorted(scopes)))

    async def run(self, query: str, principal: Principal, event: Row, work: UnitOfWork | None = None) -> Any:
        """See the port."""
        context = Context(principal, self._database, new_id("req"), work)
        try:
            operation = self._documents.operation(query, None)
            async with asyncio.timeout(PAYLOAD_QUERY_TIMEOUT):
                answer = await self._engine.answer_event(operation, context, event)
        except RejectedDocumentError as refused:  # the schema has changed since
            raise webhooks.PayloadQueryError(f"The query cannot run any more: {refused}") from None
        except TimeoutError:
            raise webhooks.PayloadQueryError(
                f"The query takes longer than {PAYLOAD_QUERY_TIMEOUT:g} seconds."
            ) from None
        finally:
            await context.close()
        if answer.failures:
            raise webhooks.PayloadQueryError(f"The query failed: {answer.failures[0].message}")
        shape = _within(operation, answer.body)
        if len(shape) > MAX_PAYLOAD_BYTES:
            raise webhooks.PayloadQueryError(f"The query answers {len(shape)} bytes, at most {MAX_PAYLOAD_BYTES}.")
        return orjson.Fragment(shape)


class _Narrowed(Visitor):
    """Looks for fields that show each viewer something else."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found = False

    def enter_field(self, *_: object) -> None:
        definition = self._info.get_field_def()
        source = None if definition is None else getattr(field_of(definition), "source", None)
        self.found = self.found or isinstance(source, PermittedSource) or getattr(source, "admit", None) is not None


def _depends_on_viewer(schema: GraphQLSchema, operation: Operation) -> bool:
    info = TypeInfo(schema)
    narrowed = _Narrowed(info)
    visit(operation.document, TypeInfoVisitor(info, narrowed))
    return narrowed.found


def _within(operation: Operation, body: bytes) -> bytes:
    """What the one root field of an answer holds, as it is written: reading and writing it again would cost as much as
    making it."""
    (field,) = operation.definition.selection_set.selections
    key = cast(FieldNode, field).alias or cast(FieldNode, field).name
    before, after = b'{"data":{"' + key.value.encode() + b'":', b"}}"
    if not body.startswith(before) or not body.endswith(after):
        raise webhooks.PayloadQueryError("The query failed.")
    return body[len(before) : -len(after)]


def _follows_events(operation: Operation) -> bool:
    (field, *others) = operation.definition.selection_set.selections
    plain = isinstance(field, FieldNode) and field.name.value == "events" and not field.arguments
    return operation.subscribes and plain and not others and not operation.definition.variable_definitions


class WebhookRuntime:
    """The parts of webhooks, put together over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        wakeups: Wakeups,
        metrics: DeliveryMetrics,
        *,
        poll: float = webhooks.DISPATCH_POLL_INTERVAL,
    ) -> None:
        """``poll``: seconds after which to look for deliveries unasked. Raises SettingsError when there is no
        encryption key."""
        guard = webhooks.AddressPolicy(settings.webhook_allowed_networks)
        outbound = webhooks.WebhookDependencies(
            settings.keyring, guard, GraphQLPayloadRunner(database, CompiledEngine())
        )
        database.provide(outbound)
        self._database = database
        self._wakeups = wakeups
        self._metrics = metrics
        self._sender = AiohttpSender(guard)
        self._courier = webhooks.DeliveryDispatcher(database, outbound, self._sender, metrics, poll=poll)
        self.tell = self._courier.wake
        database.on_commit(webhooks.DeliveriesDue, self._asked_for)
        wakeups.subscribe(Topic.LOG_GROWN, self.tell)
        wakeups.subscribe(Topic.DELIVERIES_DUE, self.tell)

    async def run(self) -> None:
        """Deliver until cancelled."""
        watching = asyncio.create_task(sample_backlog(self._metrics, self._database))
        try:
            await self._courier.run()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self._sender.close()

    def _asked_for(self, _: webhooks.DeliveriesDue) -> None:
        self.tell()
        self._wakeups.publish(Topic.DELIVERIES_DUE)
