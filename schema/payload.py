"""The payloads of mutations. A refusal is part of the payload, not an error of the request."""

from __future__ import annotations

import strawberry

from domain.kernel.errors import ErrorCode, Problem
from resolvers.wire_format import client_field, client_message
from schema.fields import attribute, computed


def _client_message(problem: Problem) -> str:
    return client_message(problem.message)


@strawberry.type(description="A reason why a mutation was refused.")
class UserError:
    """Describes the domain's Problem."""

    code: ErrorCode = attribute("The error code.")
    message: str = computed(_client_message, columns=("message",), description="The error message.")
    field: list[str] | None = computed(
        client_field,
        columns=("path", "code"),
        description='The path of the input field, for example `["variants", "0", "price"]`. Null if the error does not '
        "concern one field.",
    )


@strawberry.interface(description="Result of a mutation: the changed objects, or the reasons why nothing was changed.")
class Payload:
    """The members of every payload."""

    user_errors: list[UserError] = attribute("Why the change was refused. Empty if it was made.")
