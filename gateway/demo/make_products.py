"""Make the demo shop's data files from the raw order lines.

    python -m gateway.demo.make_products online-retail.csv [--into DIRECTORY]

Writes `products.csv`, `variants.csv`, `categories.csv` and `refused.csv`, sorted, the same bytes each time, and prints
what was counted. The raw file is the first 10,000 lines of the "Online Retail" data set (see LICENSE-DATA.md).
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.demo.catalog_builder import CatalogProduct, articles_of, cost_of, products_of, stock_of
from gateway.demo.categories import SHELVES
from gateway.demo.raw_lines import RefusedLine, RejectedLineReason, folded_sku, read_lines


def make(source: Path, into: Path) -> str:
    """Write the four files and return the counts, one per line. Raises OSError for files that cannot be read or
    written.
    """
    lines, refused = read_lines(source)
    articles, nameless = articles_of(lines)
    refused = sorted([*refused, *nameless], key=lambda line: line.line)
    products = products_of(articles)
    kept = {article.sku for article in articles}
    write_rows(into / "products.csv", ("sku", "name", "price", "categories", "tags"), map(_product_row, products))
    write_rows(
        into / "variants.csv",
        ("product", "sku", "price", "cost", "stock", "sold", "attribute"),
        (row for product in products for row in _variant_rows(product)),
    )
    used = {slug for product in products for slug in product.categories}
    write_rows(into / "categories.csv", ("slug", "name"), ((s.slug, s.name) for s in SHELVES if s.slug in used))
    write_rows(
        into / "refused.csv",
        ("line", "invoice", "stock_code", "description", "quantity", "unit_price", "reason", "product"),
        (_refused_row(line, kept) for line in refused),
    )
    return _counts(len(lines) + len(refused) - len(nameless), products, refused, kept)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m gateway.demo.make_products", description="Make the demo's data.")
    parser.add_argument("source", type=Path, help="the raw order lines, online-retail.csv")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, help="where to write (default: here)")
    chosen = parser.parse_args(arguments)
    sys.stdout.write(make(chosen.source, chosen.into))


def _product_row(product: CatalogProduct) -> tuple[object, ...]:
    joined = (";".join(product.categories), ";".join(product.tags))
    return (product.sku, product.name, f"{product.price:.2f}", *joined)


def _variant_rows(product: CatalogProduct) -> Iterable[tuple[object, ...]]:
    """One row per SKU; the price only where it differs from the product's."""
    for article, attribute in zip(product.articles, product.attributes, strict=True):
        override = "" if article.price == product.price else f"{article.price:.2f}"
        figures = (override, f"{cost_of(article):.2f}", stock_of(article), article.sold)
        yield (product.sku, article.sku, *figures, attribute)


def _refused_row(line: RefusedLine, kept: set[str]) -> tuple[object, ...]:
    """The line of the file, and the product that other lines of its code became."""
    sku = folded_sku(line.stock_code)
    cells = (line.line, line.invoice, line.stock_code, line.description, line.quantity, line.unit_price)
    return (*cells, line.reason.value, sku if sku in kept else "")


def write_rows(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a file of comma-separated values, the same bytes on every system."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)


def _counts(read: int, products: Sequence[CatalogProduct], refused: Sequence[RefusedLine], kept: set[str]) -> str:
    reasons = Counter(line.reason for line in refused)
    codes = {folded_sku(line.stock_code): line.reason for line in refused if folded_sku(line.stock_code) not in kept}
    several = sum(len(product.articles) > 1 for product in products)
    report = [
        f"lines read: {read}",
        f"products: {len(products)}, of which with several variants: {several}",
        f"SKUs: {len(kept)}",
        f"lines refused: {len(refused)}",
        *(f"  {reason.value}: {count}" for reason, count in sorted(reasons.items())),
        f"codes without a product: {len(codes)}",
        *(f"  {reason.value}: {', '.join(_codes(codes, reason))}" for reason in sorted(set(codes.values()))),
    ]
    return "\n".join(report) + "\n"


def _codes(codes: dict[str, RejectedLineReason], reason: RejectedLineReason) -> list[str]:
    return sorted(code for code, its_reason in codes.items() if its_reason is reason)


if __name__ == "__main__":
    main()
