"""The totals of a file with the columns of "Online Retail", computed without any code of the gateway.

``python -m tests.jobs.retail_totals FILE`` prints them. Sales and cancellations are counted apart, amounts in pence.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RetailTotals:
    """Units and amounts of one kind of lines. Keys: `2010-12-01`, a country as the file names it, an upper-case SKU."""

    lines: list[int] = field(default_factory=list)
    """The lines of the file, the header being 1."""
    invoices: set[str] = field(default_factory=set)
    units: Counter[str] = field(default_factory=Counter)
    """By SKU."""
    by_day: Counter[str] = field(default_factory=Counter)
    by_country: Counter[str] = field(default_factory=Counter)
    by_sku: Counter[str] = field(default_factory=Counter)

    def add(self, line: int, row: dict[str, str]) -> None:
        """Count a line without its sign."""
        month, day, year = row["InvoiceDate"].split(" ")[0].split("-")
        quantity, sku = abs(int(row["Quantity"])), row["StockCode"].strip().upper()
        amount = int(Decimal(row["UnitPrice"]) * 100) * quantity
        self.lines.append(line)
        self.invoices.add(row["InvoiceNo"])
        self.units[sku] += quantity
        self.by_day[f"{year}-{month}-{day}"] += amount
        self.by_country[row["Country"].strip()] += amount
        self.by_sku[sku] += amount


@dataclass(frozen=True, slots=True)
class RetailFile:
    """All of a file."""

    sales: RetailTotals = field(default_factory=RetailTotals)
    cancellations: RetailTotals = field(default_factory=RetailTotals)
    no_sales: list[int] = field(default_factory=list)
    """The lines of invoices that are corrections of stock or of debts."""


def count(path: Path) -> RetailFile:
    """Read the file. Its lines must have no line breaks in their cells."""
    found = RetailFile()
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(enumerate(csv.DictReader(file), start=2))
    for line, row in rows:
        is_cancelled, is_negative = row["InvoiceNo"].startswith("C"), int(row["Quantity"]) < 0
        if is_cancelled != is_negative or Decimal(row["UnitPrice"]) < 0:
            found.no_sales.append(line)
        else:
            (found.cancellations if is_cancelled else found.sales).add(line, row)
    return found


def main() -> None:
    """Print the totals as JSON."""
    file = count(Path(sys.argv[1]))
    for name, part in (("sales", file.sales), ("cancellations", file.cancellations)):
        amounts = {"lines": len(part.lines), "invoices": len(part.invoices), "units": part.units.total()}
        shown = {**amounts, "by_day": part.by_day, "by_country": part.by_country, "by_sku": part.by_sku}
        sys.stdout.write(f"{name} {json.dumps(shown, sort_keys=True)}\n")
    sys.stdout.write(f"no sales {json.dumps(file.no_sales)}\n")


if __name__ == "__main__":
    main()
