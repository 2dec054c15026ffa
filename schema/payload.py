"""What a mutation says when it refuses: not an error of the request, but a part of its answer."""

from __future__ import annotations

import strawberry

from domain.kernel.errors import ErrorCode, Problem
from resolvers.wire_format import client_field, client_message
from schema.fields import attribute, computed


def _spoken_message(problem: Problem) -> str:
    return client_message(problem.message)


@strawberry.type(description="One thing for which a mutation changed nothing.")
class UserError:
    """Describes the domain's Problem."""

    code: ErrorCode = attribute("What is wrong, for programs.")
    message: str = computed(_spoken_message, columns=("message",), description="What is wrong, for people.")
    field: list[str] | None = computed(
        client_field,
        columns=("path", "code"),
        description='Where in the input: ["variants", "0", "price"]; null when no field is to blame.',
    )


@strawberry.interface(description="The answer of a mutation: what it changed, or why it changed nothing.")
class Payload:
    """What every payload has."""

    user_errors: list[UserError] = attribute("Why nothing was changed; empty when it was.")
