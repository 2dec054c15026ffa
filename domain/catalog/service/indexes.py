"""Derived rows of a product: its SKUs, search words, categories and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.catalog.model import (
    Category,
    Product,
    ProductCategory,
    ProductSku,
    ProductStatus,
    ProductStock,
    ProductTag,
    ProductWord,
)
from domain.kernel.errors import Conflict, ErrorCode, Path
from domain.kernel.ids import new_id
from domain.kernel.sql.word_index import words_of
from domain.kernel.use_cases.derived_rows import drop_keys, insert_rows, keys_of, sync_rows
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold


async def index_products(work: UnitOfWork, products: Sequence[Product], categories: Sequence[Sequence[str]]) -> None:
    """Write all derived rows of new products. ``categories``: the slugs of each.

    Raises Conflict if a SKU is in use.
    """
    await _claim(work, products, {key: path for product in products for key, path in _sku_paths(product).items()})
    words = [_row(work, product, word=word) for product in products for word in _words(product)]
    await insert_rows(work, ProductWord, words)
    await insert_rows(work, ProductTag, [row for product in products for row in _tag_rows(work, product)])
    stock = [_row(work, product, in_stock=False, created_at=product.created_at) for product in products]
    await insert_rows(work, ProductStock, stock)  # inventory updates it later
    ids = await _category_ids(work, {slug for slugs in categories for slug in slugs})
    links = [
        _link(work, product, ids[slug]) for product, slugs in zip(products, categories, strict=True) for slug in slugs
    ]
    await insert_rows(work, ProductCategory, links)


async def name_categories(work: UnitOfWork, names: Mapping[str, str]) -> None:
    """Create the categories that do not exist yet. ``names``: the names by slug."""
    await _insert_categories(work, names)


async def index_names(work: UnitOfWork, product: Product, paths: Mapping[str, Path]) -> None:
    """Update the SKUs and words of a product whose name or SKUs changed.

    ``paths``: the path of each SKU key in the command. Raises Conflict if a SKU is in use.
    """
    taken = await keys_of(work, ProductSku.sku_key, product_id=product.id)
    await drop_keys(work, ProductSku.sku_key, taken - set(_sku_paths(product)), product_id=product.id)
    await _claim(work, [product], paths, skip=taken)
    words = [_row(work, product, word=word) for word in sorted(_words(product))]
    await sync_rows(work, ProductWord.word, words, product_id=product.id)


async def index_tags(work: UnitOfWork, product: Product) -> None:
    """Update the tag rows to match ``product.tags``."""
    await sync_rows(work, ProductTag.tag_key, _tag_rows(work, product), product_id=product.id)


async def category_slugs(work: UnitOfWork, product: Product) -> list[str]:
    """Return the slugs of the product's categories, sorted."""
    return (await category_slugs_of(work, [product.id])).get(product.id, [])


async def category_slugs_of(work: UnitOfWork, product_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the sorted slugs of the categories of each product that has any."""
    link = ProductCategory
    statement = (
        select(link.product_id, Category.slug)
        .join(link, (link.store_id == Category.store_id) & (link.category_id == Category.id))
        .where(link.store_id == work.store.number, link.product_id.in_(product_ids))
        .order_by(Category.slug)
    )
    found: dict[str, list[str]] = {}
    for product_id, slug in await work.session.execute(statement):
        found.setdefault(product_id, []).append(slug)
    return found


async def replace_categories(work: UnitOfWork, product: Product, slugs: Iterable[str]) -> None:
    """Replace the categories of the product by ``slugs``. Unknown categories are created."""
    ids = await _category_ids(work, set(slugs))
    links = [_link(work, product, id) for id in ids.values()]
    await sync_rows(work, ProductCategory.category_id, links, product_id=product.id)


async def index_status(work: UnitOfWork, product: Product) -> None:
    """Update what is copied of the status of a product."""
    link = ProductCategory
    own = (link.store_id == work.store.number, link.product_id == product.id)
    active = product.status == ProductStatus.ACTIVE
    changed = update(link).where(*own).values(active=active).execution_options(synchronize_session=False)
    await work.session.execute(changed)


async def _claim(
    work: UnitOfWork,
    products: Sequence[Product],
    paths: Mapping[str, Path],
    skip: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Insert the products' SKUs. The primary key decides between concurrent claims of the same SKU."""
    owners = [
        _row(work, product, sku_key=key) for product in products for key in _sku_paths(product) if key not in skip
    ]
    if not owners:
        return
    owners.sort(key=lambda row: row["sku_key"])  # one order for all writers, so that they cannot deadlock
    claim = upsert(ProductSku).on_conflict_do_nothing().returning(ProductSku.sku_key)
    claimed = (await work.session.scalars(claim, owners)).all()
    if len(claimed) < len(owners):
        missing = [row["sku_key"] for row in owners if row["sku_key"] not in claimed]
        raise Conflict(
            "This SKU is already in use.", ErrorCode.TAKEN, paths.get(missing[0], ("sku",)) if missing else ("sku",)
        )


def _sku_paths(product: Product) -> dict[str, Path]:
    """Return every SKU key of a product with its path in the command that creates the product."""
    paths: dict[str, Path] = {
        variant.sku_key: ("variants", index, "sku") for index, variant in enumerate(product.variants)
    }
    paths[fold(product.sku)] = ("sku",)
    return paths


def _words(product: Product) -> set[str]:
    words = words_of(product.name) | words_of(product.sku)
    return words.union(*(words_of(variant.sku) for variant in product.variants))


def _tag_rows(work: UnitOfWork, product: Product) -> list[dict[str, Any]]:
    keys = sorted({fold(tag) for tag in product.tags})
    return [_row(work, product, tag_key=key, created_at=product.created_at) for key in keys]


async def _category_ids(work: UnitOfWork, slugs: set[str]) -> Mapping[str, str]:
    """Return the category id of each slug. Unknown slugs get a category named after them."""
    if not slugs:
        return {}
    # Locked against removal until the links are written, in the lock order of the removal.
    known = (
        select(Category.slug, Category.id)
        .where(Category.store_id == work.store.number, Category.slug.in_(sorted(slugs)))
        .order_by(Category.id)
        .with_for_update(read=True, key_share=True)
    )
    found = dict((await work.session.execute(known)).all())
    if found.keys() == slugs:
        return found
    await _insert_categories(work, {slug: slug.replace("-", " ").capitalize() for slug in slugs - found.keys()})
    return dict((await work.session.execute(known)).all())


async def _insert_categories(work: UnitOfWork, names: Mapping[str, str]) -> None:
    """Insert categories in one order for all writers, so that they cannot deadlock. Existing ones are skipped."""
    rows = [category_row(work, slug, name) for slug, name in sorted(names.items())]
    await work.session.execute(upsert(Category).on_conflict_do_nothing(), rows)


def category_row(work: UnitOfWork, slug: str, name: str, description: str = "") -> dict[str, Any]:
    """Build the row of a new category."""
    return {
        "store_id": work.store.number,
        "id": new_id("cat"),
        "slug": slug,
        "name": name,
        "description": description,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }


def _link(work: UnitOfWork, product: Product, category_id: str) -> dict[str, Any]:
    active = product.status == ProductStatus.ACTIVE
    return _row(work, product, category_id=category_id, created_at=product.created_at, active=active)


def _row(work: UnitOfWork, product: Product, **values: Any) -> dict[str, Any]:
    return {"store_id": work.store.number, "product_id": product.id, **values}
