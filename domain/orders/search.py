"""The filter on orders by prefix of e-mail address or domain, and the search over number, e-mail address and names.

Ranks of a search: 0 the number or the e-mail address itself, 2 a prefix of the address, 3 every word, 4 a prefix of
every word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, false, func, literal, or_, select, union
from sqlalchemy.types import Integer

from domain.kernel.listing import FilterClause
from domain.kernel.listing.counted_filters import MAX_COUNTED_MATCHES, CountedFilter
from domain.kernel.listing.word_search import KEY, SEARCH_BOUND, WordSearch, begins_with_key, rank
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.sql.word_index import LAST_CHARACTER
from domain.kernel.validation import index_key
from domain.orders.model.order import Order
from domain.orders.search_tables import OrderWord

NUMBER_PATTERN = r"#?[0-9]{1,18}"
"""Format of an order number in a search: 1473 or #1473."""
_order = Order.__table__.c
_own = _order.store_id == STORE
_LOW, _HIGH = bindparam("email", type_=KEY_TEXT), bindparam("email_high", type_=KEY_TEXT)
_KEYS = (_order.email_key, _order.email_domain_key)


def _select_by_email() -> Select[Any]:
    bound = literal(MAX_COUNTED_MATCHES + 1, Integer)
    branches = [
        select(_order.id).where(_own, key >= _LOW, key < _HIGH).order_by(key, _order.id).limit(bound) for key in _KEYS
    ]
    hits = union(*(select(branch.subquery()) for branch in branches)).subquery("hits")
    return select(hits.c.id)


# Counting a frequent address reads ranges of two indexes; a list walks its own index and compares each row.
_BY_EMAIL = CountedFilter(
    "email",
    _select_by_email(),
    func.coalesce(or_(*(and_(key >= _LOW, key < _HIGH) for key in _KEYS)), false()),
    id=_order.id,
)


async def filter_by_email(db: Executor, text: str) -> tuple[FilterClause, Mapping[str, Any]]:
    """Filter orders whose e-mail address, or its domain, starts with ``text``, ignoring case."""
    key = index_key(text)
    return await _BY_EMAIL.choose(db, {"email": key, "email_high": key + LAST_CHARACTER})


def parse_number(text: str) -> int | None:
    """Parse an order number. None if ``text`` is none."""
    return int(text.strip().removeprefix("#")) if re.fullmatch(NUMBER_PATTERN, text.strip(), re.ASCII) else None


def _values(text: str) -> Mapping[str, Any]:
    number = parse_number(text)
    return {"whole_number": -1 if number is None else number}


SEARCH = WordSearch(
    "order",
    OrderWord.__table__,
    "order_id",
    [
        select(_order.id, rank(0)).where(_own, _order.number == bindparam("whole_number", type_=BigInteger())),
        select(_order.id, rank(0)).where(_own, _order.email_key == KEY).limit(SEARCH_BOUND),
        select(_order.id, rank(2)).where(_own, begins_with_key(_order.email_key)).limit(SEARCH_BOUND),
    ],
    values=_values,
)
