"""Keys and words that a search finds rows by, made of texts that only Python can fold: for revisions that change them.

Rows are read and written in batches, so that memory stays the same however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

BATCH = 5_000
IS_FOREIGN = "octet_length({0}) <> char_length({0})"
"""Whether a text has more than ASCII in it: only such texts fold differently with and without accents."""


def batches(query: str) -> Iterator[list[Any]]:
    """The rows of a query, so many at a time. It selects ``store_id`` and ``id``, and ends in its WHERE clause."""
    page = sa.text(f"{query} AND (store_id, id) > (:store, :id) ORDER BY store_id, id LIMIT {BATCH}")
    place = {"store": 0, "id": ""}
    while rows := list(op.get_bind().execute(page, place)):
        yield rows
        place = {"store": rows[-1].store_id, "id": rows[-1].id}


def set_column(table: str, column: str, query: str, key: Callable[[Any], str | None]) -> None:
    """Give a column of the rows that ``query`` selects the value that ``key`` makes of each."""
    update = sa.text(
        f"UPDATE {table} SET {column} = given.value FROM unnest(CAST(:stores AS int[]), CAST(:ids AS text[]), "
        f"CAST(:found AS text[])) AS given(store_id, id, value) "
        f"WHERE {table}.store_id = given.store_id AND {table}.id = given.id"
    )
    for rows in batches(query):
        stores, ids = [row.store_id for row in rows], [row.id for row in rows]
        op.get_bind().execute(update, {"stores": stores, "ids": ids, "found": [key(row) for row in rows]})


def insert_words(
    table: str, owner: str, query: str, words: Callable[[Any], Iterable[str]], more: Mapping[str, str] | None = None
) -> None:
    """Write the words of the rows that ``query`` selects. ``more``: further columns of the table, in SQL."""
    others = dict(more or {})
    insert = sa.text(
        f"INSERT INTO {table} ({', '.join(('store_id', 'word', owner, *others))}) "
        f"SELECT {', '.join(('store_id', 'word', 'id', *others.values()))} FROM unnest(CAST(:stores AS int[]), "
        f"CAST(:words AS text[]), CAST(:ids AS text[])) AS given(store_id, word, id)"
    )
    for rows in batches(query):
        found = [(row.store_id, word, row.id) for row in rows for word in words(row)]
        stores, made, ids = ([entry[column] for entry in found] for column in range(3))
        op.get_bind().execute(insert, {"stores": stores, "words": made, "ids": ids})
