"""The ports through which jobs execute GraphQL, which is above the domain."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ExportedObject:
    """One object of an export."""

    group: str
    """What it is counted as: its connection or its type."""
    line: bytes
    """Its JSON, without the end of the line."""


class BulkQueries(Protocol):
    """Executes a query over connections, all pages of them."""

    def check(self, query: str, variables: Mapping[str, Any], principal: Principal) -> tuple[str, ...]:
        """The scopes that the caller needs for the query.

        Raises ValidationFailed (``query``: what is wrong with it), Forbidden.
        """

    def objects(
        self, query: str, variables: Mapping[str, Any], principal: Principal, snapshot: Executor
    ) -> AsyncGenerator[ExportedObject]:
        """All objects, each before those below it. Raises JobFailedError, Unavailable."""


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What one line of a bulk mutation has come to."""

    response: bytes
    """The response of GraphQL, a JSON object."""
    is_refused: bool
    reason: str | None
    """The first message of a refusal."""


class BulkMutations(Protocol):
    """Executes a mutation once for each line of variables."""

    def check(self, mutation: str, principal: Principal) -> tuple[str, ...]:
        """The scopes that the caller needs. Raises ValidationFailed (``mutation``), Forbidden."""

    async def execute(
        self, mutation: str, line: str, principal: Principal, request_id: str, work: UnitOfWork
    ) -> LineOutcome:
        """Execute it with the variables of a line, in a savepoint, which a response with errors rolls back.

        Raises Unavailable.
        """


@dataclass(frozen=True, slots=True)
class BulkOperations:
    """GraphQL for jobs."""

    queries: BulkQueries
    mutations: BulkMutations
