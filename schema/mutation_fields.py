"""Fields of mutations and of their payloads."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import MISSING
from typing import Any, get_type_hints

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from domain.kernel.reads.read import Read
from domain.kernel.use_cases.registry import Execute, use_case_of
from resolvers.sources import ChangedRowSource, MutationSource, ResultValueSource
from schema.fields import argument
from schema.inputs import input_of
from schema.row_field import RowField


def mutation(use_case: Execute[Any, Any]) -> Any:
    """A use case of the domain's, described as its command is; needs the use case's scope."""
    entry = use_case_of(use_case)
    single = [argument("input", input_of(entry.command), "Input of the mutation.")]
    arguments = arguments_of_command(entry.command) if entry.bulk else single
    scopes = () if entry.scope is None else (entry.scope,)
    return RowField.of(MutationSource(entry), inspect.getdoc(entry.command) or "", scopes, arguments)


def arguments_of_command(command: type[Any]) -> list[StrawberryArgument]:
    """The fields of a command as arguments."""
    input_type = input_of(command)
    fields = {each.python_name: each for each in input_type.__strawberry_definition__.fields}
    return [
        StrawberryArgument(
            name,
            None,
            StrawberryAnnotation(get_type_hints(input_type)[name]),
            description=each.description,
            default=strawberry.UNSET if each.default is MISSING else each.default,
        )
        for name, each in fields.items()
    ]


def changed_row(
    read: Read,
    *,
    key: str,
    description: str,
    instead: tuple[Read, str] | None = None,
    written: Sequence[str] = (),
    derived: Sequence[str] = (),
) -> Any:
    """In a payload: an object that existed and was changed. Without the scope of the read, a caller is shown its id,
    its version and the members that were written: those of the input, and ``written``.

    ``instead``: another read and its key, for results in which that key is not null. ``derived``: paths in the input
    that set a member relative to its earlier value; such a member is not shown.
    """
    source = ChangedRowSource(read, key, instead=instead, written=frozenset(written), derived=frozenset(derived))
    return RowField.of(source, description)


def touched_row(
    read: Read,
    *,
    key: str,
    description: str,
    instead: tuple[Read, str] | None = None,
    written: Sequence[str] = (),
) -> Any:
    """In a payload: as ``changed_row``, of an object that the members of the input do not describe.

    The owner of what was changed, or what was computed from the input and the earlier state. Only ``written`` is shown,
    with its id and version.
    """
    source = ChangedRowSource(read, key, instead=instead, written=frozenset(written), described=False)
    return RowField.of(source, description)


def created_row(read: Read, *, key: str, description: str) -> Any:
    """In a payload: a created object. The scope of the mutation is enough for it and all that it owns."""
    return RowField.of(ChangedRowSource(read, key, created=True), description)


def affected_row(read: Read, *, key: str, description: str) -> Any:
    """In a payload: as ``changed_row``, for an object of another area that shows the change. Requires the scope of the
    read.
    """
    return RowField.of(ChangedRowSource(read, key), description, read.scopes)


def result_value(name: str, *, description: str) -> Any:
    """In a payload: a value that only the use case's result has."""
    return RowField.of(ResultValueSource(name), description)


def secret_value(*, description: str) -> Any:
    """In a payload: the secret that only the use case's result has. No job may execute a mutation that selects it."""
    return RowField.of(ResultValueSource("secret", is_secret=True), description)
