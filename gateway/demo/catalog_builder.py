"""From checked order lines to the catalog of the demo shop. Pure and deterministic: the same lines give the same shop.

Money is GBP as `Decimal`, stock and sales are units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from gateway.demo.categories import categories_of, motif_tags
from gateway.demo.families import STEM_LENGTH, find_family
from gateway.demo.names import shop_name
from gateway.demo.people import stable_number
from gateway.demo.raw_lines import RawLine, RefusedLine, RejectedLineReason, refuse

BESTSELLERS = 50
_PENNY = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Article:
    """One SKU of the file: its most frequent name and price, and the units sold by its lines."""

    sku: str
    name: str
    price: Decimal
    sold: int


@dataclass(frozen=True, slots=True)
class CatalogProduct:
    """A product over one article, or over a family; `attributes` is one `name=value` per article, empty when alone."""

    sku: str
    name: str
    price: Decimal
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    articles: tuple[Article, ...]
    attributes: tuple[str, ...]


def articles_of(lines: Iterable[RawLine]) -> tuple[list[Article], list[RefusedLine]]:
    """Group the lines by SKU, in order of SKU. The lines of a SKU without a name are refused."""
    by_sku: defaultdict[str, list[RawLine]] = defaultdict(list)
    for line in lines:
        by_sku[line.sku].append(line)
    articles: list[Article] = []
    nameless: list[RefusedLine] = []
    for sku, own in sorted(by_sku.items()):
        descriptions = [line.name for line in own if line.name]
        if descriptions:
            price = commonest_price(line.price for line in own)
            articles.append(Article(sku, shop_name(_commonest(descriptions)), price, sum(line.sold for line in own)))
        else:
            nameless.extend(refuse(line, RejectedLineReason.NO_NAME) for line in own)
    return articles, nameless


def products_of(articles: Sequence[Article]) -> list[CatalogProduct]:
    """Products of families where grouping is safe, otherwise one product per SKU; in order of SKU."""
    families: defaultdict[str, list[Article]] = defaultdict(list)
    for article in articles:
        families[article.sku[:STEM_LENGTH]].append(article)
    products = [product for stem, members in families.items() for product in _family(stem, members)]
    best = sorted(products, key=lambda product: (-_units(product), product.sku))[:BESTSELLERS]
    tagged = {product.sku for product in best if _units(product)}
    return sorted((_tagged(product, tagged) for product in products), key=lambda product: product.sku)


def commonest_price(prices: Iterable[Decimal]) -> Decimal:
    """The most frequent price. Of equally frequent ones the lowest: the file's second price is mostly the till's,
    about double, which carries tax and delivery for a guest."""
    return min(Counter(prices).items(), key=lambda item: (-item[1], item[0]))[0]


def stock_of(article: Article) -> int:
    """Units on hand after every sale of the file: few products are sold out, some low, most have tens to hundreds, and
    those that sell have more. A stable hash of the SKU spreads them, so the shop is always the same.
    """
    number = stable_number(article.sku, "stock")
    share, spread = number % 100, number // 100
    if share < 2:
        return 0
    if share < 8:
        return 1 + spread % 9
    if share < 85:
        return 12 + spread % 229 + article.sold // 4
    return 240 + spread % 961 + article.sold // 4


def cost_of(article: Article) -> Decimal:
    """The cost of one unit: a stable 35 to 60 per cent of its price, to the penny, never zero."""
    share = Decimal(35 + stable_number(article.sku, "cost") % 26) / 100
    return max((article.price * share).quantize(_PENNY, ROUND_HALF_UP), _PENNY)


def _family(stem: str, members: Sequence[Article]) -> list[CatalogProduct]:
    family = find_family(stem, {member.sku: member.name for member in members})
    if family is None:
        return [_alone(member) for member in members]
    words = " ".join((family.name, *(member.name for member in members)))
    attributes = tuple(f"{family.attribute}={family.values[member.sku]}" for member in members)
    price = commonest_price(member.price for member in members)
    return [
        CatalogProduct(
            stem, family.name, price, categories_of(family.name), motif_tags(words), tuple(members), attributes
        )
    ]


def _alone(article: Article) -> CatalogProduct:
    name = article.name
    return CatalogProduct(article.sku, name, article.price, categories_of(name), motif_tags(name), (article,), ("",))


def _tagged(product: CatalogProduct, bestsellers: Set[str]) -> CatalogProduct:
    return replace(product, tags=("bestseller", *product.tags)) if product.sku in bestsellers else product


def _units(product: CatalogProduct) -> int:
    return sum(article.sold for article in product.articles)


def _commonest(descriptions: Iterable[str]) -> str:
    return min(Counter(descriptions).items(), key=lambda item: (-item[1], item[0]))[0]
