"""Mutations of bulk mutations: checked when the job is started, and executed with the variables of each line."""

from __future__ import annotations

from typing import Any

from domain.jobs import LineOutcome
from domain.kernel.database import Database
from domain.kernel.errors import DomainError, ErrorCode, Unavailable, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import UseCase
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from gateway.bulk.scopes import needed_scopes
from gateway.bulk.secrets import selects_secret
from gateway.execution import Code, GraphQLResponse, StrawberryEngine
from gateway.execution.engine import rejection, rolled_back_response
from gateway.execution.failures import failure_of
from gateway.graphql.documents import DocumentCache, RejectedDocumentError, refuse_card_numbers
from gateway.graphql.limits import check_variables
from gateway.graphql.requests import parse_request
from resolvers.context import Context
from resolvers.types import MutationResult
from transport.body import parse_object

MAX_REASON_CHARACTERS = 500
_TRANSIENT = (Code.UNAVAILABLE, Code.TIMEOUT)


class _LineContext(Context):
    """Notes why use cases have refused, whatever the response shows of it."""

    reason: str | None = None

    async def change(self, use_case: UseCase, command: Any) -> MutationResult:
        """As of the base."""
        result = await super().change(use_case, command)
        if result.user_errors and self.reason is None:
            self.reason = result.user_errors[0].message
        return result


class _RolledBackError(Exception):
    """Rolls the savepoint back, and carries the response."""

    def __init__(self, answer: GraphQLResponse) -> None:
        super().__init__()
        self.answer = answer


class GraphQLBulkMutations:
    """Executes mutations with the rules and the engine of the GraphQL transports."""

    def __init__(self, database: Database, engine: StrawberryEngine) -> None:
        self._database = database
        self._engine = engine
        self._documents = DocumentCache(engine.schema)

    def check(self, mutation: str, principal: Principal) -> tuple[str, ...]:
        """See the port."""
        try:
            refuse_card_numbers(mutation)
            operation = self._documents.operation(mutation, None)
        except RejectedDocumentError as rejected:
            raise rejected.as_validation_error("mutation") from None
        if not operation.writes:
            message = f"Must be a mutation, not a {operation.kind}."
            raise ValidationFailed.of(("mutation",), ErrorCode.INVALID, message)
        if operation.calls_out:
            message = "This mutation calls an external service. Send it as requests, one by one."
            raise ValidationFailed.of(("mutation",), ErrorCode.INVALID, message)
        if operation.introspects:
            raise ValidationFailed.of(("mutation",), ErrorCode.INVALID, "Introspection fields are not possible here.")
        if selects_secret(self._engine.schema, operation):
            message = "The result would contain a secret. Send this mutation as requests, or select no secret."
            raise ValidationFailed.of(("mutation",), ErrorCode.INVALID, message)
        return needed_scopes(self._engine.schema, operation, principal)

    async def execute(
        self, mutation: str, line: str, principal: Principal, request_id: str, work: UnitOfWork
    ) -> LineOutcome:
        """See the port."""
        try:
            operation = self._documents.operation(mutation, None)
            variables = _variables(mutation, line)
        except RejectedDocumentError as rejected:  # the schema has changed since
            return _outcome(rejection(rejected.failures, request_id), None)
        except DomainError as malformed:
            return _outcome(rejection([failure_of(malformed, request_id)], request_id), None)
        context = _LineContext(principal, self._database, request_id, work)
        try:
            async with work.savepoint():
                answer = await self._engine.execute(operation, variables, context)
                if answer.failures:
                    raise _RolledBackError(answer)
        except _RolledBackError as ended:
            if ended.answer.failures[0].code in _TRANSIENT:
                raise Unavailable(ended.answer.failures[0].message) from None
            return _outcome(rolled_back_response(ended.answer, request_id), None)
        finally:
            await context.close()
        return _outcome(answer, context.reason)


def _variables(mutation: str, line: str) -> dict[str, Any]:
    """The variables of a line. Raises MalformedRequest, ValidationFailed, RejectedDocumentError."""
    members = parse_object(line.encode())
    asked = parse_request({"query": mutation, "variables": members})
    failures = check_variables(asked.variables)
    if failures:
        raise RejectedDocumentError(failures)
    return dict(asked.variables)


def _outcome(answer: GraphQLResponse, reason: str | None) -> LineOutcome:
    if answer.failures:
        reason = answer.failures[0].message
    short = None if reason is None else reason[:MAX_REASON_CHARACTERS]
    return LineOutcome(answer.body, is_refused=reason is not None, reason=short)
