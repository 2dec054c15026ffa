"""Enums of the domain as GraphQL types: upper case, every value with a description.

Those of an area are described in its ``area.py``, those of the kernel here. All of them become types here, before any
field or input uses them: an enum described after its first use would be another type.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, EnumMeta
from typing import Any, TypeVar

import strawberry

from domain import orders
from domain.areas import load_areas
from domain.kernel.errors import ErrorCode
from domain.kernel.listing import Listing, SortDirection
from domain.kernel.principal import Mode, Plan
from domain.kernel.use_cases.bulk import ErrorPolicy
from schema.strawberry_internals import definition_of, keep_input_as_mapping

E = TypeVar("E", bound=EnumMeta)


def describe_enum(enum: E, description: str, values: Mapping[Any, str], name: str | None = None) -> E:
    """The enum as a GraphQL type. Raises KeyError for a value without a description."""
    strawberry.enum(enum, name=name or enum.__name__, description=description)
    for value in definition_of(enum).values:
        value.description = values[enum[value.name]]
    return enum


def sort_input(name: str, listing: Listing, descriptions: Mapping[str, str]) -> type[Any]:
    """The input that chooses one of a listing's sorts: ``{ field: NAME, direction: ASC }``."""
    sorts = {sort.upper(): sort for sort in listing.sorts}
    fields: Any = Enum(f"{name}Field", sorts)  # type: ignore[misc]  # created at run time
    texts = {fields(sort): text for sort, text in descriptions.items()}
    describe_enum(
        fields, f"The fields that {listing.name.replace('_', ' ')} can be sorted by. Ties are broken by id.", texts
    )
    parts = {
        "field": strawberry.field(description="The field to sort by."),
        "direction": strawberry.field(description="The direction.", default=SortDirection.ASC),
    }
    annotations = {"field": fields, "direction": SortDirection}
    input_type = type(name, (), {"__annotations__": annotations, "__module__": __name__, **parts})
    return keep_input_as_mapping(strawberry.input(input_type, description="A sort order."))


describe_enum(
    SortDirection,
    "A sort direction.",
    {
        SortDirection.ASC: "Ascending: smallest, oldest or alphabetically first.",
        SortDirection.DESC: "Descending.",
    },
)
describe_enum(
    ErrorPolicy,
    "How refused inputs of a bulk mutation affect the other inputs.",
    {
        ErrorPolicy.ALL_OR_NONE: "If one input is refused, nothing is written. All problems are reported.",
        ErrorPolicy.SKIP: "Refused inputs are skipped. All others are written.",
    },
)
describe_enum(
    Mode,
    "The mode of a store.",
    {Mode.LIVE: "The live store.", Mode.TEST: "The sandbox store, for tests."},
)
describe_enum(
    Plan,
    "The plan of an account.",
    {
        Plan.FREE: "The free plan.",
        Plan.STARTER: "The starter plan.",
        Plan.PROFESSIONAL: "The professional plan.",
        Plan.ENTERPRISE: "The enterprise plan.",
    },
)
describe_enum(
    ErrorCode,
    "The code of a user error.",
    {
        ErrorCode.REQUIRED: "The field is required.",
        ErrorCode.NULL_NOT_ALLOWED: "The field must not be null.",
        ErrorCode.UNKNOWN_FIELD: "The field is unknown.",
        ErrorCode.INVALID: "The value has an invalid format.",
        ErrorCode.TOO_SHORT: "The value has fewer characters or items than the minimum.",
        ErrorCode.TOO_LONG: "The value has more characters, items or bytes than the maximum.",
        ErrorCode.TOO_SMALL: "The value is below the minimum.",
        ErrorCode.TOO_LARGE: "The value is above the maximum.",
        ErrorCode.TOO_MANY_DECIMALS: "The amount has more decimals than its currency.",
        ErrorCode.CURRENCY_MISMATCH: "The amount is in another currency than the store.",
        ErrorCode.DUPLICATE: "The value occurs twice in the request.",
        ErrorCode.READ_ONLY: "The field is read-only.",
        ErrorCode.NOT_FOUND: "The object does not exist in the store.",
        ErrorCode.TAKEN: "The value is already in use and must be unique.",
        ErrorCode.VERSION_MISMATCH: "The object has changed since it was read. Read it again.",
        ErrorCode.ILLEGAL_TRANSITION: "The state of the object does not allow the change.",
        ErrorCode.INSUFFICIENT_STOCK: "There is not enough stock.",
        ErrorCode.AMOUNT_EXCEEDED: "The amount or quantity is more than what is left.",
        ErrorCode.IDEMPOTENCY_MISMATCH: "The idempotency key was already used for a different request.",
        ErrorCode.IN_FLIGHT: "A request with the same idempotency key is in progress.",
        ErrorCode.CURSOR_EXPIRED: "Events after this cursor are no longer stored.",
    },
    name="UserErrorCode",
)
for _area in load_areas():
    for _doc in _area.enums:
        describe_enum(_doc.enum, _doc.description, _doc.values, _doc.name)


OrderSort = sort_input(
    "OrderSort",
    orders.reads.orders,
    {
        "created_at": "When the order was created.",
        "updated_at": "When the order was last changed.",
        "total": "The total of the order.",
        "number": "The order number.",
    },
)
