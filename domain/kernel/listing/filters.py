"""Filters that many lists share: by values of a column, and by ranges of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.listing.query import Filter, FilterClause, PerValueScan
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import INSTANT, KEY_TEXT
from domain.kernel.validation import fold


def one_of(name: str, column: ColumnElement[str], sorts: Sequence[str] = (), *, few: bool = False) -> Filter:
    """Rows with one of the values. ``few``: see PerValueScan.

    ``sorts``: sorts for which an index has the rows of each value in order. The list is then scanned value by value,
    even for one value: for a common value, the database would choose the list's own index, and if all rows with the
    value are old, it would read every newer row.
    """

    def one(statement: Select[Any]) -> Select[Any]:
        return statement.where(column == bindparam(name, type_=column.type))

    def several(statement: Select[Any]) -> Select[Any]:
        return statement.where(column == any_(bindparam(f"{name}_any", type_=ARRAY(Text))))

    fan = PerValueScan(f"{name}_any", column, sorts, few=few) if sorts else None
    alone, together = FilterClause(one, per_value=fan), FilterClause(several, per_value=fan)

    def choose(values: Sequence[str]) -> tuple[FilterClause, dict[str, Any]]:
        different = list(dict.fromkeys(map(str, values)))
        if len(different) == 1:
            return alone, {name: different[0], f"{name}_any": different}
        return together, {f"{name}_any": different}

    return choose


def single(name: str, column: ColumnElement[str], sorts: Sequence[str], *, few: bool = False) -> Filter:
    """Rows with the one value, scanned as ``one_of`` scans each of several."""
    choose = one_of(name, column, sorts, few=few)
    return lambda value: choose((value,))


def named(name: str, column: ColumnElement[str]) -> Filter:
    """Rows with one of the values, of which each identifies one row: found by their index, then sorted."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column == any_(bindparam(name, type_=ARRAY(Text))))

    clause = FilterClause(narrow)
    return lambda values: (clause, {name: list(dict.fromkeys(values))})


def linked(
    name: str, link: FromClause, column: ColumnElement[Any], *, owner: FromClause, owner_id: ColumnElement[str]
) -> Filter:
    """Rows with the value in ``column`` of ``link``: a table with at most one row per value and owner, which has the
    ``created_at`` of the owner, so that the default sort scans its index.
    """

    def narrow(statement: Select[Any]) -> Select[Any]:
        joined = statement.join(link, and_(link.c.store_id == owner.c.store_id, owner_id == owner.c.id))
        return joined.where(link.c.store_id == STORE, column == bindparam(name, type_=column.type))

    clause = FilterClause(narrow, {"created_at": link.c.created_at, "id": owner_id})
    return lambda value: (clause, {name: value})


def equal(name: str, column: ColumnElement[Any]) -> Filter:
    """Rows with the value, compared in the collation of the column; otherwise no index is used."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column == bindparam(name, type_=column.type))

    clause = FilterClause(narrow)
    return lambda value: (clause, {name: value})


def present(column: ColumnElement[Any]) -> Filter:
    """Rows in which the column is not null, or is null: each a partial index."""
    absence = FilterClause(lambda statement: statement.where(column.is_(None)))
    presence = FilterClause(lambda statement: statement.where(column.is_not(None)))
    return lambda wanted: (presence if wanted else absence, {})


def at_or_after(name: str, column: ColumnElement[datetime]) -> Filter:
    """Rows at or after the instant."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column >= bindparam(name, type_=INSTANT))

    clause = FilterClause(narrow)
    return lambda instant: (clause, {name: instant})


def at_or_before(name: str, column: ColumnElement[datetime]) -> Filter:
    """Rows at or before the instant."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column <= bindparam(name, type_=INSTANT))

    clause = FilterClause(narrow)
    return lambda instant: (clause, {name: instant})


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
    return _by_tags(FilterClause(with_one, keys), FilterClause(with_all, keys))


def _by_tags(one: FilterClause, several: FilterClause) -> Filter:
    def by_tags(tags: Sequence[str]) -> tuple[FilterClause, Mapping[str, Any]]:
        wanted = sorted({fold(tag) for tag in tags})
        return (one, {"tag": wanted[0]}) if len(wanted) == 1 else (several, {"tag": wanted[0], "tags": wanted})

    return by_tags
