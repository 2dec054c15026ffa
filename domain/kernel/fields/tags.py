"""Input fields of labels that callers attach to objects: tags and metadata."""

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
    description="Its tags, the whole list; compared without regard to case.",
)
HAVING_TAGS = ListOf(
    item=fields.Text(min=1, max=50, description="A tag."), min=1, max=10, description="Having all of these tags."
)
METADATA = Metadata(
    description="Your own JSON; on update keys merge and null drops a key.",
    example={"season": "summer"},
)


def unique_tags(tags: Sequence[str]) -> list[str]:
    """Each tag once, whatever its case, as first written."""
    found: dict[str, str] = {}
    for tag in tags:
        found.setdefault(fold(tag), tag)
    return list(found.values())
