"""Documents of the catalog for REST, composed from the reads of several areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import catalog, inventory
from domain.catalog.serializers import (
    COST_SCOPES,
    CategoryDocument,
    ProductDocument,
    VariantDocument,
    serialize_category,
    serialize_image,
    serialize_product,
    serialize_variant,
)
from domain.kernel.errors import NotFound
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.bulk import BulkResult
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold
from rest_compat.bulk import input_results
from rest_compat.endpoint import ROOT, Representation

Ids = Mapping[str, str]
reads, stock_by_variant = catalog.reads, inventory.reads.stock_by_variant


async def describe_products(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[ProductDocument]:
    """Describe products with everything they own, by four statements for any number of products."""
    ids = [row.id for row in rows]
    variants = await reads.variants_by_product.for_keys(db, ids)
    images = await reads.images_by_product.for_keys(db, ids)
    categories = await reads.categories_by_product.for_keys(db, ids)
    stock = await _stock(db, [variant.id for group in variants for variant in group])
    with_cost = _sees_cost(principal)
    return [
        serialize_product(row, variants=own, images=shown, categories=within, stock=stock, with_cost=with_cost)
        for row, own, shown, within in zip(rows, variants, images, categories, strict=True)
    ]


async def describe_categories(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[CategoryDocument]:
    """Describe categories."""
    return [serialize_category(row) for row in rows]


async def fetch_product(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch a product by id, or else by SKU."""
    return await _product(db, principal, await _find(db, ids["id"]))


async def fetch_variants(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the variants of a product, the default first."""
    product = await _find(db, ids["id"])
    variants = await reads.variants_by_product.for_key(db, product.id)
    return Representation({"data": await _variants(db, principal, product, variants)}, product.version)


async def fetch_variant(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one variant of a product."""
    product = await _find(db, ids["id"])
    variant = await reads.variant_by_id.for_key(db, ids["variant_id"])
    if variant is None or variant.product_id != product.id:
        raise NotFound("variant")
    (document,) = await _variants(db, principal, product, [variant])
    return Representation(document, product.version, f"{ROOT}/products/{product.id}/variants/{variant.id}")


async def fetch_images(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the images of a product, in display order."""
    product = await _find(db, ids["id"])
    images = await reads.images_by_product.for_key(db, product.id)
    return Representation({"data": [serialize_image(image) for image in images]}, product.version)


async def fetch_image(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one image of a product."""
    product = await _find(db, ids["id"])
    image = await reads.image_by_id.for_key(db, ids["image_id"])
    if image is None or image.product_id != product.id:
        raise NotFound("image")
    return Representation(serialize_image(image), product.version, f"{ROOT}/products/{product.id}/images/{image.id}")


async def fetch_category(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch a category by id, or else by slug."""
    key = ids["id"]
    row = await reads.category_by_id.for_key(db, key) if is_id("cat", key) else None
    row = row or await reads.category_by_slug.for_key(db, key)
    if row is None:
        raise NotFound("category")
    return Representation(serialize_category(row), row.version, f"{ROOT}/categories/{row.id}")


async def fetch_variant_alone(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch a variant by id, or else by SKU, without naming its product."""
    key = ids["id"]
    variant = await reads.variant_by_id.for_key(db, key) if is_id("var", key) else None
    variant = variant or await reads.variant_by_sku.for_key(db, fold(key))
    if variant is None:
        raise NotFound("variant")
    return await fetch_variant(db, principal, {"id": variant.product_id, "variant_id": variant.id})


async def freeze_stock(work: UnitOfWork, ids: Ids) -> None:
    """Lock a product and its stock, in the lock order of all writers."""
    product = await work.lock(catalog.Product, ids["id"], noun="product")
    variants = await reads.variants_by_product.for_key(work.reader, product.id)
    await inventory.pin_stock(work, [(product.id, variant.id) for variant in variants])


async def represent_product(db: Executor, principal: Principal, product: Any) -> Representation:
    """Represent a product after a write."""
    return await fetch_product(db, principal, {"id": product.id})


async def represent_variant(db: Executor, principal: Principal, variant: Any) -> Representation:
    """Represent a variant after a write."""
    return await fetch_variant(db, principal, {"id": variant.product_id, "variant_id": variant.id})


async def represent_image(db: Executor, principal: Principal, image: Any) -> Representation:
    """Represent an image after a write."""
    return await fetch_image(db, principal, {"id": image.product_id, "image_id": image.id})


async def represent_products(db: Executor, principal: Principal, result: BulkResult[Any]) -> Representation:
    """Represent products after a bulk write, by as many statements as a page of products."""
    ids = [product.id for product in result.results]
    rows = await reads.product_by_id.for_keys(db, ids) if ids else []
    documents = await describe_products(db, principal, rows) if rows else []
    return Representation(input_results(result, "product", documents))


async def represent_category(db: Executor, principal: Principal, category: Any) -> Representation:
    """Represent a category after a write."""
    return await fetch_category(db, principal, {"id": category.id})


async def _find(db: Executor, key: str) -> Row:
    row = await reads.product_by_id.for_key(db, key) if is_id("prod", key) else None
    row = row or await reads.product_by_sku.for_key(db, fold(key))
    if row is None:
        raise NotFound("product")
    return row


async def _product(db: Executor, principal: Principal, row: Row) -> Representation:
    (document,) = await describe_products(db, principal, [row])
    return Representation(document, row.version, f"{ROOT}/products/{row.id}")


async def _variants(db: Executor, principal: Principal, product: Row, rows: Sequence[Row]) -> list[VariantDocument]:
    images = await reads.images_by_product.for_key(db, product.id)
    stock = await _stock(db, [row.id for row in rows])
    return [serialize_variant(row, images, stock, with_cost=_sees_cost(principal)) for row in rows]


async def _stock(db: Executor, variants: Sequence[str]) -> dict[str, int]:
    levels = await stock_by_variant.for_keys(db, variants)
    return {level.variant_id: level.available for level in levels if level is not None}


def _sees_cost(principal: Principal) -> bool:
    return any(principal.has_scope(scope) for scope in COST_SCOPES)
