"""Word tables: a row for every word of a text, found by equality and by ranges of prefixes.

Row-level security excludes every other operator from the indexes: LIKE and full-text search would read the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, bindparam, column, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.validation import search_form

MAX_WORD_LENGTH = 64
LAST_CHARACTER = "\U0010ffff"
"""The last character in byte order: every text with the prefix w lies in [w, w + LAST)."""
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> set[str]:
    """The words of a text in search form: runs of letters and digits."""
    return {word[:MAX_WORD_LENGTH] for word in _WORD.findall(search_form(text))}


def prefix_ranges() -> Any:
    """The bounds of each prefix, as rows of ``low`` and ``high``; see ``range_values``."""
    return (
        func.unnest(bindparam("lows", type_=ARRAY(Text)), bindparam("highs", type_=ARRAY(Text)))
        .table_valued(column("low", KEY_TEXT), column("high", KEY_TEXT))
        .render_derived(name="ranges")
    )


def range_values(prefixes: Sequence[str]) -> dict[str, list[str]]:
    """The parameters of ``prefix_ranges``."""
    return {"lows": list(prefixes), "highs": [prefix + LAST_CHARACTER for prefix in prefixes]}


def count_prefix_entries(store: ColumnElement[int], word: ColumnElement[str], most: int) -> Select[Any]:
    """How many entries of a word table begin with each prefix: ``low``, and ``found``, at most ``most``."""
    ranges = prefix_ranges()
    entries = (
        select(literal_column("1", Integer))
        .where(store == STORE, word >= ranges.c.low, word < ranges.c.high)
        .limit(literal(most, Integer))
        .correlate(ranges)
        .subquery()
    )
    counted = select(func.count()).select_from(entries).scalar_subquery()
    return select(ranges.c.low, counted.label("found")).select_from(ranges)
