"""The demo shop and the sample shop as typed rows, read from the package's own files. Nothing here writes anywhere.

Money is `Decimal`, never float. A product always has at least one variant; the first is the default one, and a
product that comes in one form only has a single variant of its own SKU without attributes.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Status = Literal["active", "draft", "archived"]

CURRENCY = "GBP"  # of the demo shop; the sample shop uses that of its store


@dataclass(frozen=True, slots=True)
class DemoImage:
    """The URL and the alternative text of an image. The URLs are on a reserved domain, which does not resolve."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class DemoVariant:
    """A variant. `price` overrides the product's if it is not None; `stock` is units on hand today; `sold` is the units
    sold by the order lines of the file before today, so a loader that replays them starts with both. `attributes`
    are pairs in order (`("size", "M")`), because a frozen row cannot contain a dictionary.
    """

    sku: str
    price: Decimal | None
    cost: Decimal
    stock: int
    sold: int
    attributes: tuple[tuple[str, str], ...] = ()
    image: str | None = None


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product as it is to be created: `categories` are slugs, the main one first."""

    sku: str
    name: str
    description: str
    price: Decimal
    status: Status
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    variants: tuple[DemoVariant, ...]
    images: tuple[DemoImage, ...] = ()

    @property
    def cost(self) -> Decimal:
        """The cost of the default variant."""
        return self.variants[0].cost

    @property
    def stock(self) -> int:
        """Units on hand over all variants."""
        return sum(variant.stock for variant in self.variants)


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A category's slug and the name to show for it."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refused line of the raw file, with its cells as they are in it (blanks folded). `line` counts the heading as 1;
    `product` is the SKU that other lines of the same code became, or None if the code has no product.
    """

    line: int
    invoice: str
    stock_code: str
    description: str
    quantity: str
    unit_price: str
    reason: str
    product: str | None


def demo_products() -> list[DemoProduct]:
    """The whole demo shop in GBP, in order of SKU: the same list every time."""
    names = {category.slug: category.name for category in demo_categories()}
    variants = _demo_variants()
    return [_demo_product(row, variants[row["sku"]], names) for row in csv_rows("products.csv")]


def demo_categories() -> list[DemoCategory]:
    """Every category the demo shop uses, in the order a shop would show them."""
    return [DemoCategory(row["slug"], row["name"]) for row in csv_rows("categories.csv")]


def refused_rows() -> list[RefusedRow]:
    """Every line of the raw file that was refused, in the file's order."""
    return [_refused_row(row) for row in csv_rows("refused.csv")]


def sample_products(decimals: int = 2) -> list[DemoProduct]:
    """The sample shop of a new account's test store, priced for a currency of `decimals` places (0, 2 or 3).

    The file has two decimals. Fewer round half up, so 199.99 is 200 in yen; more only add zeros. The amounts are not
    converted between currencies: they are samples, and every one of them stays positive.
    """
    return [_sample_product(entry, Decimal(1).scaleb(-decimals)) for entry in _sample()["products"]]


def sample_categories() -> list[DemoCategory]:
    """Every category the sample shop uses."""
    return [DemoCategory(entry["slug"], entry["name"]) for entry in _sample()["categories"]]


def _demo_product(row: dict[str, str], variants: tuple[DemoVariant, ...], names: dict[str, str]) -> DemoProduct:
    categories = tuple(row["categories"].split(";"))
    return DemoProduct(
        sku=row["sku"],
        name=row["name"],
        description=f"{row['name']}, from our {names[categories[0]]} range.",
        price=Decimal(row["price"]),
        status="active",
        categories=categories,
        tags=tuple(filter(None, row["tags"].split(";"))),
        variants=variants,
    )


def _refused_row(row: dict[str, str]) -> RefusedRow:
    return RefusedRow(
        line=int(row["line"]),
        invoice=row["invoice"],
        stock_code=row["stock_code"],
        description=row["description"],
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        reason=row["reason"],
        product=row["product"] or None,
    )


def _demo_variants() -> dict[str, tuple[DemoVariant, ...]]:
    variants: dict[str, tuple[DemoVariant, ...]] = {}
    for row in csv_rows("variants.csv"):
        variant = DemoVariant(
            sku=row["sku"],
            price=Decimal(row["price"]) if row["price"] else None,
            cost=Decimal(row["cost"]),
            stock=int(row["stock"]),
            sold=int(row["sold"]),
            attributes=_attribute(row["attribute"]),
        )
        variants[row["product"]] = (*variants.get(row["product"], ()), variant)
    return variants


def _attribute(cell: str) -> tuple[tuple[str, str], ...]:
    name, _, value = cell.partition("=")
    return ((name, value),) if name else ()


def _sample_product(entry: dict[str, Any], unit: Decimal) -> DemoProduct:
    return DemoProduct(
        sku=entry["sku"],
        name=entry["name"],
        description=entry["description"],
        price=_rounded(entry["price"], unit),
        status=entry["status"],
        categories=tuple(entry["categories"]),
        tags=tuple(entry["tags"]),
        variants=tuple(_sample_variant(variant, unit) for variant in entry["variants"]),
        images=tuple(DemoImage(image["url"], image["alt"]) for image in entry["images"]),
    )


def _sample_variant(entry: dict[str, Any], unit: Decimal) -> DemoVariant:
    price = entry.get("price")
    return DemoVariant(
        sku=entry["sku"],
        price=None if price is None else _rounded(price, unit),
        cost=_rounded(entry["cost"], unit),
        stock=entry["stock"],
        sold=0,
        attributes=tuple(entry.get("attributes", {}).items()),
        image=entry.get("image"),
    )


def _rounded(amount: str, unit: Decimal) -> Decimal:
    return Decimal(amount).quantize(unit, ROUND_HALF_UP)


def csv_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the package's own files."""
    with files(__package__).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


@cache
def _sample() -> dict[str, Any]:
    """The sample file, parsed once: every new account reads it."""
    document: dict[str, Any] = json.loads(files(__package__).joinpath("sample.json").read_text(encoding="utf-8"))
    return document
