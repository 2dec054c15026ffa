"""What two answers say, whatever the shape that each gives it: their leaves, by paths that all contestants share.

A path is the names on the way to a leaf, joined without underscores in lower case, so that ``price { currency }``,
``price_currency`` and ``priceCurrency`` are one. Left out are places in lists, the members that only wrap (``nodes``,
``amount``, ``slug``) and roots that are alone. A value is text in lower case, money in minor units, an instant in
whole seconds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any

Leaves = Mapping[str, list[object]]
"""The values of every path, in the order of the answer."""
_WRAPPERS = frozenset({"nodes", "amount", "minorunits", "slug"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")
_MONEY = re.compile(r"-?\d+\.\d\d")
_NUMBER = re.compile(r"-?\d{1,15}")
SHARED_AT_LEAST = 0.5
"""The part of the paths that two surfaces must share: fewer would compare nothing."""


def leaves_of(answer: Any) -> Leaves:
    """Those of an answer of GraphQL or REST."""
    found: defaultdict[str, list[object]] = defaultdict(list)
    for path, value in _walk(_without_root(answer), ()):
        found[path].append(_value(value))
    return found


def count(leaves: Leaves) -> int:
    """How many there are."""
    return sum(map(len, leaves.values()))


def disagreement(one: Leaves, other: Leaves, apart: Set[str], alike: Set[str]) -> str:
    """A path of which both say something else, with the values; empty if there is none.

    ``apart`` is not compared; with ``alike``, nothing else is. Nulls are not: an object that is null has no path of its
    own id, which another contestant writes as null.
    """
    compared = (alike or one.keys() & other.keys()) - apart
    different = (
        path for path in sorted(compared) if path not in one or _present(one[path]) != _present(other.get(path))
    )
    return next((f"{path}: {one.get(path)} {other.get(path)}" for path in different), "")


def _present(values: list[object] | None) -> list[object] | None:
    return None if values is None else [value for value in values if value is not None]


def shared(one: Leaves, other: Leaves) -> float:
    """The part of the paths of ``one`` that ``other`` has as well."""
    return len(one.keys() & other.keys()) / len(one)


def _without_root(answer: Any) -> Any:
    data = answer.get("data", answer)
    while isinstance(data, dict) and len(rest := [data[name] for name in data if name != "userErrors"]) == 1:
        (data,) = rest
    return data


def _walk(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, member in value.items():
            step = name.replace("_", "").lower()
            yield from _walk(member, path if step in _WRAPPERS else (*path, step))
    elif isinstance(value, list):
        for member in value:
            yield from _walk(member, path)
    else:
        yield "".join(path), value


def _value(value: Any) -> object:
    if isinstance(value, float):
        return round(value * 100)
    if not isinstance(value, str):
        return value
    if _INSTANT.fullmatch(value):
        return int(datetime.fromisoformat(value).timestamp())
    if _MONEY.fullmatch(value):
        return int(value.replace(".", ""))
    return int(value) if _NUMBER.fullmatch(value) else value.casefold()
