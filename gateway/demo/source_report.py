"""The report of the demo about its sources: how much of them is used, and where the refused lines are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gateway.demo.history import by_customer, demo_history, refused_invoice_rows
from gateway.demo.rows import demo_products, refused_rows


def source_report() -> list[str]:
    """The counts, and a line with place and reasons for each of the two lists of refused lines."""
    invoices, losses = demo_history()
    cancelled = sum(invoice.cancelled for invoice in invoices)
    guests = sum(not invoice.customer for invoice in invoices)
    counts = (
        f"{len(demo_products()):,} products; {len(invoices)} orders, {cancelled} of them cancelled and {guests} by "
        f"guests; {len(by_customer(invoices))} customers; {len(losses)} losses of stock"
    )
    return [
        counts,
        _refused("products", "refused.csv", (row.reason for row in refused_rows())),
        _refused("orders", "refused_invoice_lines.csv", (row.reason for row in refused_invoice_rows())),
    ]


def _refused(what: str, file: str, reasons: Iterable[str]) -> str:
    counted = ", ".join(f"{count} {reason}" for reason, count in sorted(Counter(reasons).items()))
    return f"Source lines that could not be used for {what}, each named in gateway/demo/{file}: {counted}"
