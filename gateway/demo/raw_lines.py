"""The raw order lines of the "Online Retail" file, each checked once: usable, or refused with a reason.

Nothing is dropped silently: every line of the file is in one of the two lists. Money is GBP as `Decimal`.
"""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

PRODUCT_CODE = re.compile(r"\d{5}[A-Z]{0,2}")
_PENNY = Decimal("0.01")


class RejectedLineReason(StrEnum):
    """The reason why a line does not describe a product. The values are those in `refused.csv`."""

    NOT_A_PRODUCT = "not_a_product"  # postage, carriage, discounts, bank charges, manual corrections
    NO_PRICE = "no_price"  # price zero or below: stock corrections and write-offs, not sales
    NO_NAME = "no_name"  # priced, yet no line of this code carries a name
    MALFORMED = "malformed"  # a column is missing, or a number isn't one (prices are whole pence)


@dataclass(frozen=True, slots=True)
class RawLine:
    """A usable line, its description with the blanks folded."""

    line: int
    invoice: str
    sku: str
    description: str
    quantity: int
    price: Decimal

    @property
    def name(self) -> str:
        """The description where it is a name. Names are written in capitals; `amazon`, `wrongly marked`, `damaged`
        and `?` are a clerk's notes, and a note is no name: empty."""
        return self.description if any(letter.isupper() for letter in self.description) else ""

    @property
    def sold(self) -> int:
        """Units this line sold; a cancellation (`C` invoice or negative quantity) sold none."""
        return 0 if self.invoice.startswith("C") else max(self.quantity, 0)


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that can't be used, its cells as they stand in the file; `line` counts the heading as line 1."""

    line: int
    invoice: str
    stock_code: str
    description: str
    quantity: str
    unit_price: str
    reason: RejectedLineReason


def read_lines(path: Path) -> tuple[list[RawLine], list[RefusedLine]]:
    """Read the file. A missing file is the caller's `OSError`; a bad line is never an exception, it is refused."""
    usable: list[RawLine] = []
    refused: list[RefusedLine] = []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, restval="")
        for row in reader:
            line = _judge(reader.line_num, row)
            if isinstance(line, RawLine):
                usable.append(line)
            else:
                refused.append(line)
    return usable, refused


def refuse(line: RawLine, reason: RejectedLineReason) -> RefusedLine:
    """A line refused later, when its whole code turns out unusable."""
    return RefusedLine(line.line, line.invoice, line.sku, line.description, str(line.quantity), str(line.price), reason)


def folded_sku(stock_code: str) -> str:
    """The file writes one product as `85123a` and `85123A`: upper case is the SKU."""
    return stock_code.strip().upper()


def _judge(number: int, row: dict[str, str]) -> RawLine | RefusedLine:
    description = " ".join(row.get("Description", "").split())
    cells = (row.get("InvoiceNo", ""), row.get("StockCode", ""), description, row.get("Quantity", ""))
    sku, price, quantity = folded_sku(cells[1]), read_price(row.get("UnitPrice", "")), read_whole(cells[3])
    reason = None
    if not PRODUCT_CODE.fullmatch(sku):
        reason = RejectedLineReason.NOT_A_PRODUCT
    elif price is None or quantity is None or not cells[0]:
        reason = RejectedLineReason.MALFORMED
    elif price <= 0:
        reason = RejectedLineReason.NO_PRICE
    if reason is None and price is not None and quantity is not None:
        return RawLine(number, cells[0], sku, description, quantity, price)
    return RefusedLine(number, *cells, row.get("UnitPrice", ""), reason or RejectedLineReason.MALFORMED)


def read_price(cell: str) -> Decimal | None:
    """A price in whole pence, of either sign, or nothing."""
    try:
        price = Decimal(cell.strip())
    except InvalidOperation:
        return None
    return price if price.is_finite() and price == price.quantize(_PENNY) else None


def read_whole(cell: str) -> int | None:
    """A quantity other than zero, or nothing."""
    try:
        return int(cell.strip()) or None
    except ValueError:
        return None
