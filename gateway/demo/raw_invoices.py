"""The raw order lines as the history of a shop, each checked once: goods, postage, discount, loss, or refused with a
reason.

Nothing is dropped silently: every line of the file is in one of the two lists.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from gateway.demo.people import PLACES
from gateway.demo.raw_lines import PRODUCT_CODE, folded_sku, read_price, read_whole

_POSTAGE = frozenset({"POST", "DOT"})
_DISCOUNT = "D"
_FORM = "%m-%d-%Y %H:%M"


class LineKind(StrEnum):
    """The kind of a line. The values are those in `invoice_lines.csv`."""

    ITEM = "item"
    SHIPPING = "shipping"
    DISCOUNT = "discount"
    WRITE_OFF = "write_off"  # a negative quantity without a cancellation: stock that was found missing or broken


class RejectedInvoiceReason(StrEnum):
    """The reason why a line is not part of the history. The values are those in `refused_invoice_lines.csv`."""

    NOT_A_PRODUCT = "not_a_product"  # carriage, bank charges, manual corrections
    NO_PRODUCT = "no_product"  # the catalogue has nothing under this code: no line of it has both a price and a name
    NO_GOODS = "no_goods"  # postage or a discount on an invoice that has no goods
    WRONG_SIGN = "wrong_sign"  # an amount that would increase the order where it should reduce it, or the reverse
    UNKNOWN_COUNTRY = "unknown_country"
    MALFORMED = "malformed"  # a column is missing, or a number or a time isn't one


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A usable line. `quantity` and `price` (GBP) are positive or, for the price, zero, for every kind of line.
    `customer` is empty for a guest; `line` counts the heading as line 1.
    """

    line: int
    invoice: str
    at: datetime
    customer: str
    country: str
    kind: LineKind
    sku: str
    quantity: int
    price: Decimal
    fits: bool = True
    """Whether the quantity has the sign of its kind."""


@dataclass(frozen=True, slots=True)
class RefusedInvoiceLine:
    """A line that can't be used, its cells as they stand in the file."""

    line: int
    cells: tuple[str, ...]
    reason: RejectedInvoiceReason


def read_invoice_lines(path: Path, skus: Set[str]) -> tuple[list[InvoiceLine], list[RefusedInvoiceLine]]:
    """Read the file, `skus` being those of the catalogue. A missing file is the caller's `OSError`."""
    judged: list[InvoiceLine] = []
    refused: list[RefusedInvoiceLine] = []
    cells: dict[int, tuple[str, ...]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, restval="")
        for row in reader:
            number = reader.line_num
            cells[number] = tuple(" ".join(cell.split()) for cell in list(row.values())[:8])
            line = _judge(number, row, skus)
            if isinstance(line, InvoiceLine):
                judged.append(line)
            else:
                refused.append(RefusedInvoiceLine(number, cells[number], line))
    unfit = _unfit(judged)
    refused.extend(RefusedInvoiceLine(number, cells[number], reason) for number, reason in unfit.items())
    return [line for line in judged if line.line not in unfit], sorted(refused, key=lambda line: line.line)


def _judge(number: int, row: Mapping[str, str], skus: Set[str]) -> InvoiceLine | RejectedInvoiceReason:
    code, quantity, price = folded_sku(row["StockCode"]), read_whole(row["Quantity"]), read_price(row["UnitPrice"])
    at, invoice = _moment(row["InvoiceDate"]), row["InvoiceNo"].strip()
    kind = _kind(code)
    if quantity is None or price is None or price < 0 or at is None or not invoice:
        return RejectedInvoiceReason.MALFORMED
    if kind is None:
        return RejectedInvoiceReason.NOT_A_PRODUCT
    if kind is LineKind.ITEM and code not in skus:
        return RejectedInvoiceReason.NO_PRODUCT
    if row["Country"] not in PLACES:
        return RejectedInvoiceReason.UNKNOWN_COUNTRY
    customer = row["CustomerID"].strip()
    line = InvoiceLine(number, invoice, at, customer, row["Country"], kind, code, abs(quantity), price)
    return _signed(line, quantity)


def _signed(line: InvoiceLine, quantity: int) -> InvoiceLine:
    """The line without its sign: the quantities of a cancellation are negated."""
    cancelled = line.invoice.startswith("C")
    wanted = line.kind is not LineKind.DISCOUNT
    if line.kind is LineKind.ITEM and quantity < 0 and not cancelled:
        return replace(line, kind=LineKind.WRITE_OFF)
    return replace(line, fits=((quantity > 0) is not cancelled) is wanted)


def _unfit(lines: Iterable[InvoiceLine]) -> dict[int, RejectedInvoiceReason]:
    """Which lines don't go together with the rest of their invoice."""
    invoices: defaultdict[str, list[InvoiceLine]] = defaultdict(list)
    for line in lines:
        invoices[line.invoice].append(line)
    unfit: dict[int, RejectedInvoiceReason] = {}
    for own in invoices.values():
        goods = sum(line.price * line.quantity for line in own if line.kind is LineKind.ITEM and line.fits)
        empty = not any(line.kind is LineKind.ITEM and line.fits for line in own)
        for line in own:
            if line.kind in (LineKind.SHIPPING, LineKind.DISCOUNT) and empty:
                unfit[line.line] = RejectedInvoiceReason.NO_GOODS
            elif not line.fits:
                unfit[line.line] = RejectedInvoiceReason.WRONG_SIGN
            elif line.kind is LineKind.DISCOUNT and line.price * line.quantity > goods:
                unfit[line.line] = RejectedInvoiceReason.NO_GOODS
    return unfit


def _kind(code: str) -> LineKind | None:
    if code in _POSTAGE:
        return LineKind.SHIPPING
    if code == _DISCOUNT:
        return LineKind.DISCOUNT
    return LineKind.ITEM if PRODUCT_CODE.fullmatch(code) else None


def _moment(cell: str) -> datetime | None:
    """The file's time, which is London's and, in winter, UTC."""
    try:
        return datetime.strptime(cell.strip(), _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
