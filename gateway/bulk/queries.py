"""Queries of bulk exports: checked when the job is started, and executed page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from domain.jobs import ExportedObject, JobFailedError
from domain.kernel.database import Database
from domain.kernel.errors import LimitExceeded, Unavailable, ValidationFailed
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from gateway.bulk.connection_plan import ID_KEY, ConnectionPlan, used_variables
from gateway.bulk.page_sizes import PageSizes, fitting_sizes
from gateway.bulk.query_planner import QueryPlanner
from gateway.bulk.scopes import needed_scopes
from gateway.execution import Code, Failure, StrawberryEngine
from gateway.graphql.documents import DocumentCache, RejectedDocumentError, refuse_card_numbers
from gateway.graphql.limits import check_variables
from resolvers.context import Context

PARENT, CONNECTION = "__parentId", "__connection"
"""Members of each line besides those that were selected. No field of a query can have such a name."""
_TRANSIENT = (Code.UNAVAILABLE, Code.TIMEOUT)


class GraphQLBulkQueries:
    """Executes queries with the rules and the engine of the GraphQL transports."""

    def __init__(self, database: Database, engine: StrawberryEngine) -> None:
        self._database = database
        self._engine = engine
        self._documents = DocumentCache(engine.schema)
        self._planner = QueryPlanner(engine.schema, self._documents)

    def check(self, query: str, variables: Mapping[str, Any], principal: Principal) -> tuple[str, ...]:
        """See the port."""
        try:
            refuse_card_numbers(query)
            operation = self._documents.operation(query, None)
            connections = self._planner.plan(operation)
            failures = check_variables(variables)
            if failures:
                raise RejectedDocumentError(failures)
            needed = needed_scopes(self._engine.schema, operation, principal)
            for connection in (each for one in connections for each in one.within()):
                self._check_page(connection, variables, principal)
        except RejectedDocumentError as rejected:
            raise rejected.as_validation_error("query") from None
        return needed

    def _check_page(self, connection: ConnectionPlan, variables: Mapping[str, Any], principal: Principal) -> None:
        """Raises RejectedDocumentError where a page of it could not be read."""
        sizes = fitting_sizes(self._engine, connection, variables)
        given = {**used_variables(connection.prepared, variables), ID_KEY: "", **sizes.variables()}
        context = Context(principal, self._database, new_id("req"))
        failures = self._engine.refusals(connection.prepared, context, given)
        if failures:
            raise RejectedDocumentError(failures)

    async def objects(
        self, query: str, variables: Mapping[str, Any], principal: Principal, snapshot: Executor
    ) -> AsyncGenerator[ExportedObject]:
        """See the port."""
        try:
            connections = self._planner.plan(self._documents.operation(query, None))
        except (RejectedDocumentError, ValidationFailed) as changed:  # the schema has changed since
            raise JobFailedError(f"The query is no longer valid: {changed}") from None
        reader = _PageReader(self._engine, self._database, variables, principal, snapshot)
        for connection in connections:
            async for each in _walk(reader, connection, await reader.page(connection), None):
                yield each


@dataclass(frozen=True, slots=True)
class _PageReader:
    """Reads pages within one snapshot."""

    engine: StrawberryEngine
    database: Database
    variables: Mapping[str, Any]
    principal: Principal
    snapshot: Executor

    async def page(self, connection: ConnectionPlan, after: str | None = None, parent: str | None = None) -> Any:
        """One page of a connection, of the node ``parent`` if it is not a root field. None where it is skipped.

        Raises JobFailedError, Unavailable.
        """
        own = {connection.after: after, **({} if connection.is_root else {ID_KEY: parent})}
        given = {**used_variables(connection.prepared, self.variables), **own}
        sizes = fitting_sizes(self.engine, connection, self.variables)
        data = await self._data(connection, given, sizes)
        return (data if connection.is_root else data["node"] or {}).get(connection.key)

    async def _data(self, connection: ConnectionPlan, given: Mapping[str, Any], sizes: PageSizes) -> Any:
        """The data of one operation, with shorter pages if the rows or the response are too large."""
        while True:
            context = Context(self.principal, self.database, new_id("req"), snapshot=self.snapshot)
            try:
                answer = await self.engine.execute(connection.prepared, {**given, **sizes.variables()}, context)
                failure = answer.failures[0] if answer.failures else None
            except LimitExceeded as exceeded:
                failure = Failure(Code.LIMIT_EXCEEDED, str(exceeded))
            finally:
                await context.close()
            if failure is None:
                return orjson.loads(answer.body)["data"]
            if failure.code in _TRANSIENT:
                raise Unavailable(failure.message)
            if failure.code != Code.LIMIT_EXCEEDED or not sizes.shrink():
                raise JobFailedError(f"The query failed: {failure.message}")


async def _walk(
    reader: _PageReader, connection: ConnectionPlan, page: Any, parent: str | None
) -> AsyncGenerator[ExportedObject]:
    """The nodes of a connection, each with all that is below it, from a page to the last."""
    while page is not None:
        for node in page["nodes"]:
            below = [(each, node.pop(key, None)) for key, each in connection.below.items()]
            id = node.pop(ID_KEY, None)
            yield ExportedObject(connection.name, _line(node, connection, id, parent))
            for each, first_page in below:
                async for found in _walk(reader, each, first_page, id):
                    yield found
        info = page["pageInfo"]
        page = await reader.page(connection, info["endCursor"], parent) if info["hasNextPage"] else None


def _line(node: dict[str, Any], connection: ConnectionPlan, id: str | None, parent: str | None) -> bytes:
    """A node as a line. One with others below it has its ``id``, whatever is selected: theirs refer to it."""
    own = {"id": id} if id is not None and "id" not in node else {}
    above = {} if parent is None else {PARENT: parent}
    return orjson.dumps({**node, **own, **above, CONNECTION: connection.name})
