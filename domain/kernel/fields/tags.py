"""What callers attach to things of theirs: tags, which lists are narrowed by, and metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, Text, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel import fields
from domain.kernel.fields import ListOf, Metadata
from domain.kernel.listing import Filter, FilterClause
from domain.kernel.reads.read import STORE
from domain.kernel.sql.tables import KEY_TEXT
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


def tag_filter(owner: FromClause, link: FromClause, owner_id: str) -> Filter:
    """Having all of some tags. ``link``: a row for each tag (``tag_key``) of an owner (``owner_id``), which carries the
    owner's ``created_at``, so that the default sort walks its index.
    """
    tag = link.c

    def with_one(statement: Select[Any]) -> Select[Any]:
        return statement.join(link, and_(tag.store_id == owner.c.store_id, tag[owner_id] == owner.c.id)).where(
            tag.store_id == STORE, tag.tag_key == bindparam("tag", type_=KEY_TEXT)
        )

    def with_all(statement: Select[Any]) -> Select[Any]:
        """The first tag is walked by its index; that the others are there too is looked up for each row."""
        tags = bindparam("tags", type_=ARRAY(Text))
        other = link.alias("other_tag")
        found = (
            select(func.count())
            .where(other.c.store_id == STORE, other.c[owner_id] == owner.c.id, other.c.tag_key == any_(tags))
            .scalar_subquery()
        )
        return with_one(statement).where(found == func.cardinality(tags))

    keys = {"created_at": tag.created_at, "id": tag[owner_id]}
    one, all_ = FilterClause(with_one, keys), FilterClause(with_all, keys)

    def by_tags(tags: Sequence[str]) -> tuple[FilterClause, Mapping[str, Any]]:
        wanted = sorted({fold(tag) for tag in tags})
        return (one, {"tag": wanted[0]}) if len(wanted) == 1 else (all_, {"tag": wanted[0], "tags": wanted})

    return by_tags
