"""Webhooks in this process: the dependencies of their use cases, payload queries, and the dispatcher."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import orjson
from graphql import FieldNode, GraphQLSchema, TypeInfo, TypeInfoVisitor, Visitor, visit

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from gateway.adapters.late_sender import LateSender
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
"""Seconds for a payload query. With sending, much less than the lease of the delivery."""
MAX_PAYLOAD_BYTES = 2 * 2**20
"""Bytes of the result of a payload query: each delivery stores it in the log."""
PAYLOAD_QUERY_FORM = "Must be one subscription to events, without arguments, variables or a fragment around the field."


class GraphQLPayloadRunner:
    """Runs payload queries with the limits, rules and engine of the GraphQL transports."""

    def __init__(self, database: Database, engine: StrawberryEngine) -> None:
        self._database = database
        self._engine = engine
        self._documents = DocumentCache(engine.schema)

    def check(self, query: str, principal: Principal) -> None:
        """See the port."""
        try:
            operation = self._documents.operation(query, None)
        except RejectedDocumentError as error:
            raise error.as_validation_error("query") from None
        if not _follows_events(operation):
            raise ValidationFailed.of(("query",), ErrorCode.INVALID, PAYLOAD_QUERY_FORM)
        for scopes in operation.scopes:
            if not any(map(principal.has_scope, scopes)):
                raise principal.lacks(*scopes, purpose=", which the query requires")
        failures = self._engine.refusals(operation, Context(principal, self._database, new_id("req")))
        if failures:
            raise RejectedDocumentError(failures).as_validation_error("query")
        cost = self._engine.worst_cost(operation)
        if cost > POINTS:
            message = (
                f"The query may cost {cost} points for the largest event, at most {POINTS} are allowed. Select fewer "
                f"lists, or fewer fields of their items."
            )
            raise ValidationFailed.of(("query",), ErrorCode.TOO_LARGE, message)

    def needs(self, query: str, scopes: frozenset[str]) -> tuple[webhooks.Need, ...]:
        """See the port. If a list leaves out what its viewer may not read, the result depends on all their scopes:
        then all of them are needed."""
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
                result = await self._engine.answer_event(operation, context, event)
        except RejectedDocumentError as error:  # the schema has changed since
            raise webhooks.PayloadQueryError(f"The query is no longer valid: {error}") from None
        except TimeoutError:
            raise webhooks.PayloadQueryError(f"The query took longer than {PAYLOAD_QUERY_TIMEOUT:g} seconds.") from None
        finally:
            await context.close()
        if result.failures:
            raise webhooks.PayloadQueryError(f"The query failed: {result.failures[0].message}")
        data = _root_value(operation, result.body)
        if (size := len(data)) > MAX_PAYLOAD_BYTES:
            del data, result  # the error's traceback would hold them for as long as the error is held
            message = f"The result of the query has {size} bytes, at most {MAX_PAYLOAD_BYTES} are allowed."
            raise webhooks.PayloadQueryError(message)
        return orjson.Fragment(data)


class _ViewerDependence(Visitor):
    """Finds fields whose value depends on the viewer's scopes."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found = False

    def enter_field(self, *_: object) -> None:
        definition = self._info.get_field_def()
        source = None if definition is None else getattr(field_of(definition), "source", None)
        self.found = (
            self.found or isinstance(source, PermittedSource) or getattr(source, "check_filters", None) is not None
        )


def _depends_on_viewer(schema: GraphQLSchema, operation: Operation) -> bool:
    info = TypeInfo(schema)
    visitor = _ViewerDependence(info)
    visit(operation.document, TypeInfoVisitor(info, visitor))
    return visitor.found


def _root_value(operation: Operation, body: bytes) -> bytes:
    """Cut the value of the one root field out of a response: parsing and writing it again would cost as much as
    building it."""
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
    """The dependencies, sender and dispatcher of webhooks, over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        wakeups: Wakeups,
        metrics: DeliveryMetrics,
        *,
        poll: float = webhooks.DISPATCH_POLL_INTERVAL,
    ) -> None:
        """``poll``: seconds between two polls without a wakeup. Raises SettingsError if there is no encryption key."""
        address_policy = webhooks.AddressPolicy(settings.webhook_allowed_networks)
        dependencies = webhooks.WebhookDependencies(
            settings.keyring, address_policy, GraphQLPayloadRunner(database, CompiledEngine())
        )
        database.provide(dependencies)
        self._database = database
        self._wakeups = wakeups
        self._metrics = metrics
        self._sender = LateSender(address_policy)
        self._dispatcher = webhooks.DeliveryDispatcher(database, dependencies, self._sender, metrics, poll=poll)
        self.wake = self._dispatcher.wake
        database.on_commit(webhooks.DeliveriesDue, self._on_deliveries_due)
        wakeups.subscribe(Topic.LOG_GROWN, self.wake)
        wakeups.subscribe(Topic.DELIVERIES_DUE, self.wake)

    async def run(self) -> None:
        """Deliver until cancelled."""
        sampling = asyncio.create_task(sample_backlog(self._metrics, self._database))
        try:
            await self._dispatcher.run()
        finally:
            sampling.cancel()
            await asyncio.gather(sampling, return_exceptions=True)
            await self._sender.close()

    def _on_deliveries_due(self, _: webhooks.DeliveriesDue) -> None:
        self.wake()
        self._wakeups.publish(Topic.DELIVERIES_DUE)
