"""Search by name or SKU over the word table: equality and prefix ranges only, since row-level security keeps every
other operator off the indexes. A search sees at most MATCHES products, the best first.

Ranks: 0 the SKU itself, 1 the whole name, 2 the beginning of a SKU or a name, 3 every word, 4 every word's beginning.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
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

from domain.catalog.model import Product, ProductSku, ProductWord
from domain.kernel.checks import key_of
from domain.kernel.listing import Matches
from domain.kernel.reads import STORE
from domain.kernel.sql import Reader, compile_select
from domain.kernel.tables import KEY_TEXT
from domain.kernel.words import LAST, prefix_entries, prefix_ranges, range_values, words_of

MATCHES = 2_000
SCANNED = 20_000
"""Entries of the rarest word that are looked at; beyond, the answer says that it was cut."""
WORDS = 8
"""Words of a search that count; the rest are ignored."""
_ONE = literal_column("1", Integer)

_product = Product.__table__.c
_sku = ProductSku.__table__.c
_word = ProductWord.__table__.c


async def find(reader: Reader, text: str) -> Matches:
    """The products that ``text`` names, ranked. Two statements: how rare each word is, then the matches."""
    whole, words = key_of(text), sorted(words_of(text))[:WORDS]
    found = await _entries(reader, words)
    words.sort(key=lambda word: found[word])
    if not whole or (words and found[words[0]] == 0):
        return Matches([], [], cut=False)
    rarest, *others = words or [LAST]  # of punctuation alone there is no word, but it may be a SKU
    rows = await reader.rows(
        _SEARCH,
        {
            "whole": whole,
            "whole_high": whole + LAST,
            "rarest": rarest,
            "rarest_high": rarest + LAST,
            **range_values(others),
        },
    )
    kept = rows[:MATCHES]
    cut = len(rows) > MATCHES or found.get(rarest, 0) > SCANNED
    return Matches([row.product_id for row in kept], [row.rank for row in kept], cut)


async def _entries(reader: Reader, words: list[str]) -> dict[str, int]:
    """How many entries of the index begin with each word, counted no further than needed."""
    if not words:
        return {}
    rows = await reader.rows(_RARITY, range_values(words))
    return {row.low: row.found for row in rows}


def _between(key: ColumnElement[str], low: str, high: str) -> ColumnElement[bool]:
    return and_(key >= bindparam(low, type_=KEY_TEXT), key < bindparam(high, type_=KEY_TEXT))


def _by_words() -> Subquery:
    """Products with the rarest word that have all the others too, each once; whole words rank before beginnings."""
    rarest = bindparam("rarest", type_=KEY_TEXT)
    scanned = (
        select(_word.product_id, _word.word)
        .where(_word.store_id == STORE, _between(_word.word, "rarest", "rarest_high"))
        .order_by(_word.word, _word.product_id)
        .limit(literal(SCANNED, Integer))
        .subquery()
    )
    ranges = prefix_ranges()
    other = ProductWord.__table__.alias("other_word")

    def has(*condition: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether the product of the scanned word has a word like that."""
        words = select(_ONE).select_from(other).where(other.c.store_id == STORE, *condition)
        return words.where(other.c.product_id == scanned.c.product_id).correlate(scanned, ranges).exists()

    def lacks_one(*condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return select(_ONE).select_from(ranges).where(~has(*condition)).correlate(scanned).exists()

    is_whole = scanned.c.word == rarest
    is_first = or_(is_whole, ~has(other.c.word >= rarest, other.c.word < scanned.c.word))
    every_whole = and_(is_whole, ~lacks_one(other.c.word == ranges.c.low))
    return (
        select(scanned.c.product_id, case((every_whole, 3), else_=4).label("rank"))
        .where(is_first, ~lacks_one(other.c.word >= ranges.c.low, other.c.word < ranges.c.high))
        .limit(literal(MATCHES + 1, Integer))
        .subquery("by_words")
    )


def _search() -> Select[Any]:
    whole = bindparam("whole", type_=KEY_TEXT)
    bound = literal(MATCHES + 1, Integer)
    names, skus = _product.store_id == STORE, _sku.store_id == STORE
    name_starts = _between(_product.name_key, "whole", "whole_high")
    sku_starts = _between(_sku.sku_key, "whole", "whole_high")
    by_words = _by_words()
    branches = [
        select(_sku.product_id, literal(0, Integer).label("rank")).where(skus, _sku.sku_key == whole),
        select(_product.id, literal(1, Integer)).where(names, _product.name_key == whole).limit(bound),
        select(_sku.product_id, literal(2, Integer)).where(skus, sku_starts).limit(bound),
        select(_product.id, literal(2, Integer)).where(names, name_starts).limit(bound),
        select(by_words.c.product_id, by_words.c.rank),
    ]
    hits = union_all(*(select(branch.subquery()) for branch in branches)).subquery("hits")
    best = func.min(hits.c.rank)
    return (
        select(hits.c.product_id, best.label("rank"))
        .group_by(hits.c.product_id)
        .order_by(best, hits.c.product_id.desc())
        .limit(bound)
    )


_RARITY = compile_select(prefix_entries(_word.store_id, _word.word, SCANNED + 1), "word_rarity")
_SEARCH = compile_select(_search(), "product_search")
