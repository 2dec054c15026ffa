"""Reads the rows of a WooCommerce export with the variations of each product behind it.

An export is sorted by id, so the variations of a product may be far from it, before or behind. They are kept in memory;
products are not. The position of a row, from which reading goes on, is its number in this order.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from domain.jobs.imports.records import Record, RecordReader
from domain.jobs.imports.source_file import SourceFileError

MAX_VARIATIONS = 50_000
PARENT, TYPE, ID, SKU = "Parent", "Type", "ID", "SKU"
VARIATION = "variation"


class VariationReader:
    """The ``RecordReader`` of a file, in another order. ``Parent`` of variations is as products are called."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader

    def records(self, start: tuple[int, int] | None) -> Generator[Record]:
        """See the protocol. Raises SourceFileError also for more than ``MAX_VARIATIONS`` variations."""
        done = 0 if start is None else start[0]
        for number, record in enumerate(self._ordered(), start=1):
            if number > done:
                yield replace(record, end=(number, record.line))

    def _ordered(self) -> Iterator[Record]:
        variations = self._variations()
        for record in self._reader.records(None):
            if not is_variation(record):
                yield record
                names = (f"id:{record.values.get(ID)}", record.values.get(SKU, ""))
                for child in sorted((each for name in names for each in variations.pop(name, ())), key=_line):
                    yield replace(child, values={**child.values, PARENT: product_key(record)})
        yield from sorted((each for own in variations.values() for each in own), key=_line)

    def _variations(self) -> dict[str, list[Record]]:
        """The variations by what they call their product."""
        found: dict[str, list[Record]] = {}
        count = 0
        for record in self._reader.records(None):
            if is_variation(record):
                found.setdefault(record.values.get(PARENT, ""), []).append(record)
                count += 1
                if count > MAX_VARIATIONS:
                    raise SourceFileError(f"The file has more than {MAX_VARIATIONS:,} variations. Split it.")
        return found


def is_variation(record: Record) -> bool:
    """Whether a row is a variation of a product in another row."""
    return VARIATION in record.values.get(TYPE, "").lower().replace(" ", "").split(",")


def product_key(record: Record) -> str:
    """What variations call a product: by its id, or by its SKU if it has no id."""
    id = record.values.get(ID)
    return record.values.get(SKU, "") if id is None else f"id:{id}"


def _line(record: Record) -> int:
    return record.line
