"""What callers may see of a delivery: the functions that find it in a row, and how the database finds the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, case, func

from domain.kernel.principal import Principal
from domain.kernel.reads.json_objects import JsonExpression, JsonRow, JsonSqlBuilder
from domain.kernel.reads.json_sql import ColumnKind, RowColumns, typed_column
from domain.kernel.reads.json_stored_rows import JsonStoredList
from domain.kernel.reads.stored_rows import StoredColumns, StoredRows
from domain.kernel.sql.executor import Row
from domain.kernel.sql.tables import INSTANT
from domain.webhooks.body_scopes import body_is_visible, may_see_body
from domain.webhooks.model import DeliveryAttempt


def _started_at(attempt: StoredColumns) -> ColumnElement[Any]:
    return func.coalesce(attempt.member("at"), attempt.member("started_at"), type_=INSTANT)


def _response(attempt: StoredColumns) -> ColumnElement[Any]:
    return case((body_is_visible(attempt.holder), attempt.member("response")))


_ATTEMPTS = StoredRows(
    members={
        "number": Integer(),
        "at": INSTANT,
        "started_at": INSTANT,
        "duration_ms": Integer(),
        "status": Integer(),
        "error": Text(),
        "response": Text(),
    },
    derived={"started_at": _started_at, "response": _response},
)
"""As ``DeliveryAttempt.of`` reads them, and as ``attempts_shown`` shows them."""


@dataclass(frozen=True, slots=True)
class JsonRequest(JsonExpression):
    """The body of a delivery; null for callers who may not see it."""

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The text."""
        return case((body_is_visible(row), typed_column(row, "request", ColumnKind.TEXT)))


class RequestShown:
    """The body of a delivery; None for callers who may not see its content."""

    def __call__(self, row: Row, principal: Principal) -> str | None:
        """The body."""
        return row.request if may_see_body(principal, row.body_scopes) else None

    def as_json(self, *, required: bool) -> JsonRequest:
        """The same, written by the database; never required."""
        return JsonRequest()


class AttemptsShown:
    """The attempts of a delivery.

    Callers who may not see the request body do not get the responses either: a response may repeat the request.
    """

    def __call__(self, row: Row, principal: Principal) -> list[DeliveryAttempt]:
        """The attempts."""
        attempts = [DeliveryAttempt.of(entry) for entry in row.attempts]
        if may_see_body(principal, row.body_scopes):
            return attempts
        return [replace(attempt, response=None) for attempt in attempts]

    def as_rows(self, members: JsonRow) -> JsonStoredList:
        """The same, each written as an object of these members by the database."""
        return JsonStoredList("attempts", _ATTEMPTS, members)


request_shown = RequestShown()
attempts_shown = AttemptsShown()
