"""Filters on customers by prefix of e-mail address or names, and the search over both and the telephone number.

Both are adaptive filters: they count the matches first and then choose their clause. Ranks of a search: 0 the e-mail
address itself, 1 the whole name (last name first), 2 a prefix of either, 3 every word, 4 a prefix of every word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.customers.model import Customer, CustomerSearchWord, CustomerWord, email_key
from domain.kernel.fields.contact import phone_digits
from domain.kernel.listing import FilterClause
from domain.kernel.listing.counted_filters import MAX_COUNTED_MATCHES
from domain.kernel.listing.word_search import KEY, WHOLE_NAME, WordSearch, begins_with_key, begins_with_name, rank
from domain.kernel.listing.word_search import SEARCH_BOUND as MATCHES_BOUND
from domain.kernel.sql.executor import Executor, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.sql.word_index import (
    LAST_CHARACTER,
    MAX_WORD_LENGTH,
    count_prefix_entries,
    prefix_ranges,
    range_values,
    words_of,
)

MAX_SEARCH_WORDS = 8
"""Number of words of a name filter that are used; the rest are ignored."""
_ONE = literal_column("1", Integer)

_PHONE = re.compile(r"[+0-9][0-9 ()./-]*[0-9]")
_PHONE_DIGITS = 5
"""Number of digits from which a text of digits and signs counts as a telephone number or a prefix of one."""

_customer = Customer.__table__.c
_word = CustomerWord.__table__.c


async def filter_by_email(db: Executor, text: str) -> tuple[FilterClause, Mapping[str, Any]]:
    """Filter customers whose e-mail address, or its domain, starts with ``text``, ignoring case."""
    prefix = email_key(text)
    rows = await db.rows(_SELECT_BY_EMAIL, {"email": prefix, "email_high": prefix + LAST_CHARACTER})
    if len(rows) <= MAX_COUNTED_MATCHES:
        return _EMAIL_FEW, {"email_ids": [row.id for row in rows]}
    return _EMAIL_MANY, {"email": prefix}


async def filter_by_name(db: Executor, text: str) -> tuple[FilterClause, Mapping[str, Any]]:
    """Filter customers whose names have, for each word of ``text``, a word that starts with it.

    A text without words matches no customer.
    """
    words = sorted(words_of(text))[:MAX_SEARCH_WORDS]
    counts = await db.rows(_WORD_ENTRIES, range_values(words)) if words else []
    found = {row.low: row.found for row in counts}
    words.sort(key=lambda word: found[word])
    if not words or found[words[0]] == 0:
        return _NAME_FEW, {"name_ids": []}
    if found[words[0]] > MAX_COUNTED_MATCHES:
        return _NAME_MANY, range_values(words)
    rarest, *others = words
    values = {"rarest": rarest, "rarest_high": rarest + LAST_CHARACTER, **range_values(others)}
    return _NAME_FEW, {"name_ids": [row.customer_id for row in await db.rows(_SELECT_BY_NAME, values)]}


def words_of_phone(phone: str | None) -> set[str]:
    """Return the search words of a telephone number: its digits as one word, so that grouping does not matter."""
    return set() if phone is None else {digits[:MAX_WORD_LENGTH] for digits in phone_digits(phone)}


def _split(text: str) -> set[str]:
    """Split a search into words. A telephone number is one word: its digits."""
    digits = "".join(character for character in text if character in "0123456789")
    is_phone = len(digits) >= _PHONE_DIGITS and _PHONE.fullmatch(text.strip()) is not None
    return {digits[:MAX_WORD_LENGTH]} if is_phone else words_of(text)


def _between(key: ColumnElement[str], low: str, high: str) -> ColumnElement[bool]:
    return and_(key >= bindparam(low, type_=KEY_TEXT), key < bindparam(high, type_=KEY_TEXT))


def _select_by_email() -> Select[Any]:
    bound = literal(MAX_COUNTED_MATCHES + 1, Integer)
    own = _customer.store_id == STORE
    keys = (_customer.email_key, _customer.email_domain_key)
    branches = [select(_customer.id).where(own, _between(key, "email", "email_high")).limit(bound) for key in keys]
    hits = union(*(select(branch.subquery()) for branch in branches)).subquery("hits")
    return select(hits.c.id).limit(bound)


def _lacks_a_word(owner: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that one of the prefixes matches no word of the customer."""
    ranges = prefix_ranges()
    other = CustomerWord.__table__.alias("other_word")
    words = select(_ONE).select_from(other).where(other.c.store_id == STORE, other.c.customer_id == owner)
    has = words.where(other.c.word >= ranges.c.low, other.c.word < ranges.c.high).correlate(owner.table, ranges)
    return select(_ONE).select_from(ranges).where(~has.exists()).correlate(owner.table).exists()


def _select_by_name() -> Select[Any]:
    rarest = and_(_word.store_id == STORE, _between(_word.word, "rarest", "rarest_high"))
    return select(_word.customer_id).distinct().where(rarest, ~_lacks_a_word(_word.customer_id))


def _one_of(ids: str) -> FilterClause:
    return FilterClause(lambda statement: statement.where(_customer.id == any_(bindparam(ids, type_=ARRAY(Text)))))


def _many(condition: ColumnElement[bool]) -> FilterClause:
    """Filter a frequent condition while walking the index of the list.

    Wrapped in CASE, the condition is opaque to the planner: it neither uses an index for it nor estimates it as rare.
    """
    return FilterClause(lambda statement: statement.where(case((condition, true()), else_=false())))


_EMAIL = bindparam("email", type_=KEY_TEXT)
_EMAIL_FEW, _NAME_FEW = _one_of("email_ids"), _one_of("name_ids")
_EMAIL_MANY = _many(
    or_(func.starts_with(_customer.email_key, _EMAIL), func.starts_with(_customer.email_domain_key, _EMAIL))
)
_NAME_MANY = _many(~_lacks_a_word(_customer.id))
_SELECT_BY_EMAIL = compile_select(_select_by_email(), "customers_by_email")
_SELECT_BY_NAME = compile_select(_select_by_name(), "customers_by_name")
_WORD_ENTRIES = compile_select(
    count_prefix_entries(_word.store_id, _word.word, MAX_COUNTED_MATCHES + 1), "customer_word_entries"
)
_own = _customer.store_id == STORE
SEARCH = WordSearch(
    "customer",
    CustomerSearchWord.__table__,
    "customer_id",
    [
        select(_customer.id, rank(0)).where(_own, _customer.email_key == KEY),
        select(_customer.id, rank(1)).where(_own, _customer.name_key == WHOLE_NAME).limit(MATCHES_BOUND),
        select(_customer.id, rank(2)).where(_own, begins_with_key(_customer.email_key)).limit(MATCHES_BOUND),
        select(_customer.id, rank(2)).where(_own, begins_with_name(_customer.name_key)).limit(MATCHES_BOUND),
    ],
    split=_split,
)
