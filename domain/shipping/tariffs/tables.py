"""Prices by weight and zone, read from ``data/`` when first asked for."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class RateTable:
    """The prices of one service in cents: a row for each weight, a column for each zone."""

    weights: tuple[Decimal, ...]
    """The upper limits of the rows, increasing."""
    prices: Mapping[str, tuple[int, ...]]
    """By zone, one for each weight."""

    def row_for(self, weight: Decimal) -> int | None:
        """The row that a weight falls into; None above the last one."""
        place = bisect_left(self.weights, weight)
        return place if place < len(self.weights) else None


@cache
def rate_table(carrier: str, service: str) -> RateTable:
    """The table of a service."""
    text = (files(__package__) / "data" / f"{carrier}_{service}.csv").read_text("ascii")
    (_, *zones), *rows = csv.reader(text.splitlines())
    columns = [tuple(int(row[place]) for row in rows) for place in range(1, len(zones) + 1)]
    return RateTable(tuple(Decimal(row[0]) for row in rows), dict(zip(zones, columns, strict=True)))
