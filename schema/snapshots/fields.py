"""The fields of snapshots: those of the live type, read from what was stored."""

from __future__ import annotations

from typing import Any

from strawberry.types import get_object_definition

from domain.kernel.reads.read import Read
from schema.fields import attribute, computed
from schema.row_field import RowField
from schema.row_functions import ColumnText, OwnedByRow

VERSION = "The version, starting at 1. Increases with every change."


def as_in(live: type[Any], name: str) -> Any:
    """The field of this name of the live type, read from the stored snapshot."""
    definition = get_object_definition(live, strict=True)
    field = next(field for field in definition.fields if field.python_name == name)
    description = field.description or ""
    return (
        RowField.of(field.source, description, field.scopes) if isinstance(field, RowField) else attribute(description)
    )


def object_id_of(description: str) -> Any:
    """The id of the object, under a name that caches do not take for one."""
    return computed(ColumnText("id"), columns=("id",), description=description)


def owned_then(read: Read, description: str) -> Any:
    """The objects owned at the time of the event, stored under the read that finds the current ones."""
    return computed(OwnedByRow(read), columns=(), description=description)
