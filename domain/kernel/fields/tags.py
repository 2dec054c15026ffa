"""Input fields of tags and metadata."""

from __future__ import annotations

from collections.abc import Sequence

from domain.kernel import fields
from domain.kernel.fields import ListOf, Metadata
from domain.kernel.validation import fold

TAGS = ListOf(
    item=fields.Text(
        min=1,
        max=50,
        pattern=r"[^,]+",
        form="text without a comma",
        description="A tag, without a comma.",
        example="new",
    ),
    max=50,
    description="The tags. Replaces the current list. Compared ignoring case.",
)
HAVING_TAGS = ListOf(
    item=fields.Text(min=1, max=50, description="A tag."),
    min=1,
    max=10,
    description="Return only items with all of these tags.",
)
METADATA = Metadata(
    description="Custom JSON data. On update, keys are merged and a null value removes its key.",
    example={"season": "summer"},
)


def unique_tags(tags: Sequence[str]) -> list[str]:
    """The tags without duplicates, ignoring case; the first spelling stays."""
    found: dict[str, str] = {}
    for tag in tags:
        found.setdefault(fold(tag), tag)
    return list(found.values())
