"""Filters that many lists have: by one or several values of a column, from and to a moment."""

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
    """Having one of the values given. ``few``: see Fan.

    ``sorts``: those for which an index holds the rows of each value in order. It is then walked value by value, also
    where there is one: told a common value, the database would walk the list's own index, and where all that have it
    are old it reads everything since.
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
    """Having the one value given, walked as ``one_of`` walks each of several."""
    choose = one_of(name, column, sorts, few=few)
    return lambda value: choose((value,))


def named(name: str, column: ColumnElement[str]) -> Filter:
    """Having one of the values given, which name one row each: found by their index, then sorted."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column == any_(bindparam(name, type_=ARRAY(Text))))

    narrowing = FilterClause(narrow)
    return lambda values: (narrowing, {name: list(dict.fromkeys(values))})


def linked(
    name: str, link: FromClause, column: ColumnElement[Any], *, owner: FromClause, owner_id: ColumnElement[str]
) -> Filter:
    """Having the value given in ``column`` of ``link``: a table with one row at most for a value of an owner, which
    carries the owner's ``created_at``, so that the default sort walks its index.
    """

    def narrow(statement: Select[Any]) -> Select[Any]:
        joined = statement.join(link, and_(link.c.store_id == owner.c.store_id, owner_id == owner.c.id))
        return joined.where(link.c.store_id == STORE, column == bindparam(name, type_=column.type))

    narrowing = FilterClause(narrow, {"created_at": link.c.created_at, "id": owner_id})
    return lambda value: (narrowing, {name: value})


def equal(name: str, column: ColumnElement[Any]) -> Filter:
    """Having the value given; compared in the column's own collation, or no index serves."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column == bindparam(name, type_=column.type))

    narrowing = FilterClause(narrow)
    return lambda value: (narrowing, {name: value})


def at_or_after(name: str, column: ColumnElement[datetime]) -> Filter:
    """At the moment given or later."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column >= bindparam(name, type_=INSTANT))

    narrowing = FilterClause(narrow)
    return lambda moment: (narrowing, {name: moment})


def at_or_before(name: str, column: ColumnElement[datetime]) -> Filter:
    """At the moment given or before."""

    def narrow(statement: Select[Any]) -> Select[Any]:
        return statement.where(column <= bindparam(name, type_=INSTANT))

    narrowing = FilterClause(narrow)
    return lambda moment: (narrowing, {name: moment})


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
