"""Search in a word table: equality and prefix ranges only, since row-level security excludes every other operator from
the indexes. A search covers at most MAX_SEARCH_MATCHES owners of words, the best first.

Ranks: 0 to 2 are set by the area for the whole text (0 a key itself, 1 the whole name, 2 a prefix of either), 3 every
word, 4 a prefix of every word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import (
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.expression import ColumnElement

from domain.kernel.listing.query import Matches
from domain.kernel.sql.executor import CompiledStatement, Executor, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.sql.word_index import LAST_CHARACTER, count_prefix_entries, prefix_ranges, range_values, words_of
from domain.kernel.validation import index_key, name_key_of

MAX_SEARCH_MATCHES = 2_000
MAX_SCANNED_ENTRIES = 20_000
"""Entries of the rarest word that are read; with more, the result is truncated."""
MAX_SEARCH_WORDS = 8
"""Words of a search that count; the rest are ignored."""
SEARCH_BOUND = literal(MAX_SEARCH_MATCHES + 1, Integer)
WHOLE_NAME, KEY = bindparam("whole_name", type_=KEY_TEXT), bindparam("whole_key", type_=KEY_TEXT)
"""The whole text as names are stored (``name_key_of``), and as unique keys are (``index_key``)."""
_ONE = literal_column("1", Integer)


def begins_with_name(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a name key begins with the text."""
    return _between(column, "whole_name", "whole_name_high")


def begins_with_key(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a unique key begins with the text."""
    return _between(column, "whole_key", "whole_key_high")


class WordSearch:
    """Finds the owners of words. ``words`` is the table (``store_id``, ``word`` and the column ``owner``).

    ``whole`` are SELECTs of an owner and a rank (0 to 2) by the whole text, each with an index and the limit
    SEARCH_BOUND.

    ``split`` returns the words of a text, ``values`` the values that the SELECTs need besides WHOLE_NAME and KEY.
    """

    def __init__(
        self,
        name: str,
        words: FromClause,
        owner: str,
        whole: Sequence[Select[Any]],
        *,
        split: Callable[[str], set[str]] = words_of,
        values: Callable[[str], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        self._name = name
        self._words = words
        self._word, self._owner = words.c.word, words.c[owner]
        self._whole = tuple(whole)
        self._split = split
        self._values = values

    @cached_property
    def rarity(self) -> CompiledStatement:
        """Counts how many entries of the word table begin with each word, no further than needed."""
        entries = count_prefix_entries(self._words.c.store_id, self._word, MAX_SCANNED_ENTRIES + 1)
        return compile_select(entries, f"{self._name}_word_rarity")

    @cached_property
    def statement(self) -> CompiledStatement:
        """The matches of a text, ranked: ``owner`` and ``rank``."""
        return compile_select(self._search(), f"{self._name}_search")

    async def find(self, db: Executor, text: str) -> Matches:
        """The owners that ``text`` names, ranked. Two statements: how rare each word is, then the matches."""
        key, name, words = index_key(text), name_key_of(text), sorted(self._split(text))[:MAX_SEARCH_WORDS]
        found = await self._entries(db, words)
        words.sort(key=lambda word: found[word])
        if not key or (words and found[words[0]] == 0):
            return Matches([], [], cut=False)
        rarest, *others = words or [LAST_CHARACTER]  # of punctuation alone there is no word, but it may be a key
        # A text of accents alone has no name; LAST begins none either.
        whole = {"whole_key": key, "whole_key_high": key + LAST_CHARACTER, "whole_name": name or LAST_CHARACTER}
        rows = await db.rows(
            self.statement,
            {
                **whole,
                "whole_name_high": (name or LAST_CHARACTER) + LAST_CHARACTER,
                "rarest": rarest,
                "rarest_high": rarest + LAST_CHARACTER,
                **range_values(others),
                **self._values(text),
            },
        )
        kept = rows[:MAX_SEARCH_MATCHES]
        cut = len(rows) > MAX_SEARCH_MATCHES or found.get(rarest, 0) > MAX_SCANNED_ENTRIES
        return Matches([row.owner for row in kept], [row.rank for row in kept], cut)

    async def _entries(self, db: Executor, words: list[str]) -> dict[str, int]:
        rows = await db.rows(self.rarity, range_values(words)) if words else []
        return {row.low: row.found for row in rows}

    def _by_words(self) -> Subquery:
        """Owners with the rarest word that have all the others too, each once; whole words rank before beginnings."""
        scanned = self._scanned()
        ranges = prefix_ranges()
        other = self._words.alias("other_word")

        def has(*condition: ColumnElement[bool]) -> ColumnElement[bool]:
            """Whether the owner of the scanned word has a word like that."""
            words = select(_ONE).select_from(other).where(other.c.store_id == STORE, *condition)
            return words.where(other.c[self._owner.name] == scanned.c.owner).correlate(scanned, ranges).exists()

        def lacks_one(*condition: ColumnElement[bool]) -> ColumnElement[bool]:
            return select(_ONE).select_from(ranges).where(~has(*condition)).correlate(scanned).exists()

        rarest = bindparam("rarest", type_=KEY_TEXT)
        is_whole = scanned.c.word == rarest
        is_first = or_(is_whole, ~has(other.c.word >= rarest, other.c.word < scanned.c.word))
        every_whole = and_(is_whole, ~lacks_one(other.c.word == ranges.c.low))
        return (
            select(scanned.c.owner, case((every_whole, 3), else_=4).label("rank"))
            .where(is_first, ~lacks_one(other.c.word >= ranges.c.low, other.c.word < ranges.c.high))
            .limit(SEARCH_BOUND)
            .subquery("by_words")
        )

    def _scanned(self) -> Subquery:
        """The first entries of the word table that begin with the rarest word."""
        return (
            select(self._owner.label("owner"), self._word.label("word"))
            .where(self._words.c.store_id == STORE, _between(self._word, "rarest", "rarest_high"))
            .order_by(self._word, self._owner)
            .limit(literal(MAX_SCANNED_ENTRIES, Integer))
            .subquery()
        )

    def _search(self) -> Select[Any]:
        by_words = self._by_words()
        subqueries = [branch.subquery() for branch in self._whole]
        branches = [select(part.c[0].label("owner"), part.c[1].label("rank")) for part in subqueries]
        hits = union_all(*branches, select(by_words.c.owner, by_words.c.rank)).subquery("hits")
        best = func.min(hits.c.rank)
        return (
            select(hits.c.owner, best.label("rank"))
            .group_by(hits.c.owner)
            .order_by(best, hits.c.owner.desc())
            .limit(SEARCH_BOUND)
        )


def rank(number: int) -> ColumnElement[int]:
    """A rank, as a column of a SELECT by the whole text."""
    return literal(number, Integer).label("rank")


def _between(key: ColumnElement[str], low: str, high: str) -> ColumnElement[bool]:
    return and_(key >= bindparam(low, type_=KEY_TEXT), key < bindparam(high, type_=KEY_TEXT))
