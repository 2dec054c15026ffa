"""Make the demo shop's order files from the raw order lines.

    python -m gateway.demo.make_orders online-retail.csv [--into DIRECTORY]

Writes `invoices.csv`, `invoice_lines.csv` and `refused_invoice_lines.csv`, in the order of the file, the same bytes
each time, and prints what was counted. Every line of the raw file stands in one of the last two, by its number.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gateway.demo.catalog_builder import articles_of
from gateway.demo.make_products import write_rows
from gateway.demo.raw_invoices import InvoiceLine, RefusedInvoiceLine, read_invoice_lines
from gateway.demo.raw_lines import read_lines

_CELLS = ("invoice", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer", "country")


def make(source: Path, into: Path) -> str:
    """Write the three files and return the counts, one per line. Raises OSError for files that cannot be read or
    written.
    """
    articles, _ = articles_of(read_lines(source)[0])
    lines, refused = read_invoice_lines(source, {article.sku for article in articles})
    write_rows(into / "invoices.csv", ("invoice", "at", "customer", "country"), _invoices(lines))
    write_rows(
        into / "invoice_lines.csv",
        ("line", "invoice", "kind", "sku", "quantity", "price"),
        ((line.line, line.invoice, line.kind, line.sku, line.quantity, f"{line.price:.2f}") for line in lines),
    )
    write_rows(
        into / "refused_invoice_lines.csv",
        ("line", *_CELLS, "reason"),
        ((line.line, *line.cells, line.reason) for line in refused),
    )
    return _counts(lines, refused)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m gateway.demo.make_orders", description="Make the demo's orders.")
    parser.add_argument("source", type=Path, help="the raw order lines, online-retail.csv")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, help="where to write (default: here)")
    chosen = parser.parse_args(arguments)
    sys.stdout.write(make(chosen.source, chosen.into))


def _invoices(lines: Sequence[InvoiceLine]) -> list[tuple[str, str, str, str]]:
    """Each invoice once, at the time of its first line: one of the file's was written over two minutes."""
    first: dict[str, InvoiceLine] = {}
    for line in lines:
        if line.invoice not in first or line.at < first[line.invoice].at:
            first[line.invoice] = line
    return [(line.invoice, line.at.isoformat(), line.customer, line.country) for line in first.values()]


def _counts(lines: Sequence[InvoiceLine], refused: Sequence[RefusedInvoiceLine]) -> str:
    report = [
        f"lines read: {len(lines) + len(refused)}",
        f"lines used: {len(lines)}, of {len({line.invoice for line in lines})} invoices",
        *(f"  {kind}: {count}" for kind, count in sorted(Counter(line.kind for line in lines).items())),
        f"lines refused: {len(refused)}",
        *(f"  {reason}: {count}" for reason, count in sorted(Counter(line.reason for line in refused).items())),
    ]
    return "\n".join(report) + "\n"


if __name__ == "__main__":
    main()
