"""What callers can ask of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.catalog.commands.products import SLUG_FORM, SLUG_PATTERN, id_of
from domain.kernel.fields import UNSET, FieldLocation, Integer, Text, Unset

MAX_MOVED = 1_000
"""Products that the removal of one category moves to another: each is a change with an event of its own."""
_CATEGORY_NAME = Text(min=1, max=255, description="The name of the category, for people.", example="Garden furniture")
_CATEGORY_DESCRIPTION = Text(
    max=5_000, description="What is in the category, as text.", example="What stands outdoors."
)
_CATEGORY_VERSION = Integer(
    description="The version of the category you have seen; a stale one is a conflict and nothing is written.",
    min=1,
    place=FieldLocation.VERSION,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateCategory:
    """Add a category."""

    name: Annotated[str, _CATEGORY_NAME]
    slug: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            pattern=SLUG_PATTERN,
            form=SLUG_FORM,
            description="The name of the category in addresses and filters, unique in the store; it never changes. "
            "Made from the name when left out.",
            example="garden-furniture",
        ),
    ] = UNSET
    description: Annotated[str, _CATEGORY_DESCRIPTION] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateCategory:
    """Change what is given of a category and leave the rest. Its slug never changes."""

    id: Annotated[str, id_of("category", "cat")]
    expected_version: Annotated[int | Unset, _CATEGORY_VERSION] = UNSET
    name: Annotated[str | Unset, _CATEGORY_NAME] = UNSET
    description: Annotated[str | Unset, _CATEGORY_DESCRIPTION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveCategory:
    """Remove a category. One that holds products needs another category to move them to."""

    id: Annotated[str, id_of("category", "cat")]
    expected_version: Annotated[int | Unset, _CATEGORY_VERSION] = UNSET
    move_to: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The id (cat_…) or slug of the category that the products move to, at most "
            f"{MAX_MOVED:,} of them; needed unless the category is empty.",
            example="electronics",
            place=FieldLocation.QUERY,
        ),
    ] = UNSET
