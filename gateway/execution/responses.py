"""Responses made from results of graphql-core."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from graphql import ExecutionResult

from domain.kernel.budget import budget
from domain.kernel.errors import MalformedRequest
from gateway.execution.engine import GraphQLResponse, rejection
from gateway.execution.failures import Code, Failure, document_failure, execution_failure, failure_of
from gateway.execution.response_size import size_of


def response_of(result: ExecutionResult, request_id: str) -> GraphQLResponse:
    """The response of a result of graphql-core: its data, and its errors as failures."""
    errors = result.errors or []
    if errors and all(error.path is None for error in errors):
        return rejection([document_failure(error, Code.BAD_USER_INPUT) for error in errors], request_id)
    malformed = [error for error in errors if isinstance(error.original_error, MalformedRequest)]
    failures = tuple(execution_failure(error, request_id) for error in malformed or errors)
    if malformed:  # the request cannot be read: no data and so no path, as if it had been seen before
        return rejection([replace(failure, path=None) for failure in failures], request_id)
    return _rendered(result.data, failures, request_id)


def _rendered(data: dict[str, Any] | None, failures: tuple[Failure, ...], request_id: str) -> GraphQLResponse:
    spent = budget.get()
    if spent is not None:
        spent.check()
        spent.require(size_of(data, spent.answer_max))
    body: dict[str, Any] = {"data": data}
    if failures:
        body = {"errors": [failure.body(request_id) for failure in failures], **body}
    try:
        return GraphQLResponse(orjson.dumps(body), executed=True, has_data=data is not None, failures=failures)
    except TypeError as error:  # one of our values that JSON cannot express
        failure = failure_of(error, request_id)
        lost = {"errors": [failure.body(request_id)], "data": None}
        return GraphQLResponse(orjson.dumps(lost), executed=True, has_data=False, failures=(failure,))
