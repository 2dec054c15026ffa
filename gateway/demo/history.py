"""The history of the demo shop in the package: real invoices, losses, and refused lines.

The files are created by `make_orders.py`. Of an invoice, only its lines are real; its later status changes (the source
has none) are spread over the following days, always in the same way.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from domain.orders import OrderStatus
from gateway.demo.people import stable_number
from gateway.demo.rows import csv_rows

PENDING = 8
"""How many of the newest orders wait to be looked at."""
PROCESSING = 8
"""How many before those are being packed."""

StatusStep = tuple[OrderStatus, datetime]


@dataclass(slots=True)
class DemoInvoice:
    """An invoice of goods. A leading `C` of the number marks a cancellation. Amounts are GBP; `customer` is empty for a
    guest; `country` is the name in the file.
    """

    number: str
    at: datetime
    customer: str
    country: str
    lines: list[tuple[str, int, Decimal]] = field(default_factory=list)
    """SKU, quantity and the price of one."""
    shipping: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    steps: tuple[StatusStep, ...] = ()
    """The status changes after pending."""

    @property
    def cancelled(self) -> bool:
        """Whether it is a cancellation."""
        return self.number.startswith("C")


@dataclass(frozen=True, slots=True)
class DemoLoss:
    """Stock that was written off."""

    number: str
    at: datetime
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RefusedInvoiceRow:
    """A line of the raw file that the history couldn't use; `line` counts the heading as 1."""

    line: int
    invoice: str
    stock_code: str
    reason: str


@cache
def demo_history() -> tuple[list[DemoInvoice], list[DemoLoss]]:
    """All invoices of goods in order of time, and all losses: the same every time."""
    invoices = {row["invoice"]: _invoice(row) for row in csv_rows("invoices.csv")}
    losses: list[DemoLoss] = []
    for row in csv_rows("invoice_lines.csv"):
        invoice, quantity, price = invoices[row["invoice"]], int(row["quantity"]), Decimal(row["price"])
        if row["kind"] == "item":
            invoice.lines.append((row["sku"], quantity, price))
        elif row["kind"] == "shipping":
            invoice.shipping += quantity * price
        elif row["kind"] == "discount":
            invoice.discount += quantity * price
        else:
            losses.append(DemoLoss(invoice.number, invoice.at, row["sku"], quantity))
    written = sorted((each for each in invoices.values() if each.lines), key=lambda each: (each.at, each.number))
    _assign_statuses(written)
    return written, losses


def refused_invoice_rows() -> Iterator[RefusedInvoiceRow]:
    """Every line of the raw file that the history couldn't use, in the file's order."""
    for row in csv_rows("refused_invoice_lines.csv"):
        yield RefusedInvoiceRow(int(row["line"]), row["invoice"], row["stock_code"], row["reason"])


def by_customer(invoices: list[DemoInvoice]) -> dict[str, list[DemoInvoice]]:
    """The invoices of each customer's number, in order of time; guests are left out."""
    found: defaultdict[str, list[DemoInvoice]] = defaultdict(list)
    for invoice in invoices:
        if invoice.customer:
            found[invoice.customer].append(invoice)
    return dict(found)


def _invoice(row: dict[str, str]) -> DemoInvoice:
    return DemoInvoice(row["invoice"], datetime.fromisoformat(row["at"]), row["customer"], row["country"])


def _assign_statuses(invoices: list[DemoInvoice]) -> None:
    """Cancellations are cancelled at once; all but the newest of the others are delivered."""
    sold = [invoice for invoice in invoices if not invoice.cancelled]
    waiting = {invoice.number for invoice in sold[-PENDING:]}
    packed = {invoice.number for invoice in sold[-PENDING - PROCESSING : -PENDING]}
    for invoice in invoices:
        if invoice.cancelled:
            invoice.steps = ((OrderStatus.CANCELLED, invoice.at),)
        elif invoice.number not in waiting:
            steps = _delivery(invoice)
            invoice.steps = steps[:1] if invoice.number in packed else steps


def _delivery(invoice: DemoInvoice) -> tuple[StatusStep, ...]:
    """Packed within four hours, sent within two days, there within a week."""
    chosen = stable_number(invoice.number, "delivery")
    packing = invoice.at + timedelta(minutes=20 + chosen % 220)
    sending = packing + timedelta(minutes=90 + chosen // 220 % 2_400)
    arriving = sending + timedelta(minutes=1_080 + chosen // 528_000 % 6_000)
    return (
        (OrderStatus.PROCESSING, packing),
        (OrderStatus.SHIPPED, sending),
        (OrderStatus.DELIVERED, arriving),
    )
