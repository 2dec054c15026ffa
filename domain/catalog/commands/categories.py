"""Commands of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.catalog.commands.products import SLUG_FORM, SLUG_PATTERN
from domain.catalog.commands.shared_fields import id_of
from domain.kernel.fields import UNSET, FieldLocation, Integer, Text, Unset

MAX_MOVED = 1_000
"""Products that the removal of a category moves at most: each move is a change with an event of its own."""
_CATEGORY_NAME = Text(min=1, max=255, description="The display name.", example="Garden furniture")
_CATEGORY_DESCRIPTION = Text(
    max=5_000, description="The description, as plain text.", example="Furniture for the garden."
)
_CATEGORY_VERSION = Integer(
    description="The version the change is based on. If the category has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateCategory:
    """Create a category."""

    name: Annotated[str, _CATEGORY_NAME]
    slug: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            pattern=SLUG_PATTERN,
            form=SLUG_FORM,
            description="The name used in URLs and filters. Unique in the store; never changes. Derived from the name "
            "if omitted.",
            example="garden-furniture",
        ),
    ] = UNSET
    description: Annotated[str, _CATEGORY_DESCRIPTION] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateCategory:
    """Update a category. Fields that are left out stay unchanged. The slug never changes."""

    id: Annotated[str, id_of("category", "cat")]
    expected_version: Annotated[int | Unset, _CATEGORY_VERSION] = UNSET
    name: Annotated[str | Unset, _CATEGORY_NAME] = UNSET
    description: Annotated[str | Unset, _CATEGORY_DESCRIPTION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveCategory:
    """Remove a category. Its products are moved to another category."""

    id: Annotated[str, id_of("category", "cat")]
    expected_version: Annotated[int | Unset, _CATEGORY_VERSION] = UNSET
    move_to: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The id (`cat_…`) or slug of the category to move the products to. Required unless the "
            f"category is empty. At most {MAX_MOVED:,} products can be moved.",
            example="electronics",
            place=FieldLocation.QUERY,
        ),
    ] = UNSET
