"""API keys by their state, which depends on the current time and is therefore no column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal, or_, select, union_all

from domain.access.model import ApiKey, KeyState
from domain.kernel.listing import FilterClause
from domain.kernel.listing.counted_filters import MAX_COUNTED_MATCHES, CountedFilter
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import STORE

_key = ApiKey.__table__.c
_VALID = _key.revoked_at.is_(None)
_RANGES: Mapping[KeyState, tuple[tuple[ColumnElement[bool], ColumnElement[Any]], ...]] = {
    # Each entry: a range of an index, and the order of that index.
    KeyState.ACTIVE: (
        (and_(_VALID, _key.expires_at.is_(None)), _key.expires_at),
        (and_(_VALID, _key.expires_at > func.now()), _key.expires_at),
    ),
    KeyState.EXPIRED: ((and_(_VALID, _key.expires_at <= func.now()), _key.expires_at),),
    KeyState.REVOKED: ((_key.revoked_at.is_not(None), _key.created_at),),
}


def _select_ids(states: Sequence[KeyState]) -> Select[Any]:
    bound = literal(MAX_COUNTED_MATCHES + 1, Integer)
    ranges = [
        select(_key.id).where(_key.store_id == STORE, condition).order_by(order, _key.id).limit(bound)
        for state in states
        for condition, order in _RANGES[state]
    ]
    hits = union_all(*(select(each.subquery()) for each in ranges)).subquery("hits")
    return select(hits.c.id)


def _state_filter(states: Sequence[KeyState]) -> CountedFilter:
    conditions = [condition for state in states for condition, _ in _RANGES[state]]
    return CountedFilter("_".join(states), _select_ids(states), or_(*conditions), id=_key.id)


_SUBSETS = {frozenset(states): _state_filter(states) for size in (1, 2, 3) for states in combinations(KeyState, size)}


async def in_state(db: Executor, states: Sequence[KeyState]) -> tuple[FilterClause, Mapping[str, Any]]:
    """Select the keys in one of these states, by the database's clock."""
    return await _SUBSETS[frozenset(states)].choose(db, {})
