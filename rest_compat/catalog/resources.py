"""The catalog's documents, composed from the reads of several areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import catalog, inventory
from domain.catalog.serializers import (
    COST_SCOPES,
    CategoryDocument,
    ProductDocument,
    VariantDocument,
    category_document,
    image_document,
    product_document,
    variant_document,
)
from domain.kernel.errors import NotFound
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Reader, Row
from domain.kernel.use_cases.bulk import BulkResult
from domain.kernel.use_cases.unit_of_work import Work
from domain.kernel.validation import fold
from rest_compat.bulk import input_results
from rest_compat.endpoint import ROOT, Represented

Ids = Mapping[str, str]
reads, stock_by_variant = catalog.reads, inventory.reads.stock_by_variant


async def describe_products(reader: Reader, principal: Principal, rows: Sequence[Row]) -> list[ProductDocument]:
    """Products with all that they own: four statements, however many they are."""
    ids = [row.id for row in rows]
    variants = await reads.variants_by_product.for_keys(reader, ids)
    images = await reads.images_by_product.for_keys(reader, ids)
    categories = await reads.categories_by_product.for_keys(reader, ids)
    stock = await _stock(reader, [variant.id for group in variants for variant in group])
    with_cost = _sees_cost(principal)
    return [
        product_document(row, variants=own, images=shown, categories=within, stock=stock, with_cost=with_cost)
        for row, own, shown, within in zip(rows, variants, images, categories, strict=True)
    ]


async def describe_categories(reader: Reader, principal: Principal, rows: Sequence[Row]) -> list[CategoryDocument]:
    """Categories as they are."""
    return [category_document(row) for row in rows]


async def fetch_product(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """The product with this id, else with this SKU."""
    return await _product(reader, principal, await _find(reader, ids["id"]))


async def fetch_variants(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """The variants of a product, the default first."""
    product = await _find(reader, ids["id"])
    variants = await reads.variants_by_product.for_key(reader, product.id)
    return Represented({"data": await _variants(reader, principal, product, variants)}, product.version)


async def fetch_variant(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """One variant of a product."""
    product = await _find(reader, ids["id"])
    variant = await reads.variant_by_id.for_key(reader, ids["variant_id"])
    if variant is None or variant.product_id != product.id:
        raise NotFound("variant")
    (document,) = await _variants(reader, principal, product, [variant])
    return Represented(document, product.version, f"{ROOT}/products/{product.id}/variants/{variant.id}")


async def fetch_images(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """The pictures of a product, in order."""
    product = await _find(reader, ids["id"])
    images = await reads.images_by_product.for_key(reader, product.id)
    return Represented({"data": [image_document(image) for image in images]}, product.version)


async def fetch_image(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """One picture of a product."""
    product = await _find(reader, ids["id"])
    image = await reads.image_by_id.for_key(reader, ids["image_id"])
    if image is None or image.product_id != product.id:
        raise NotFound("image")
    return Represented(image_document(image), product.version, f"{ROOT}/products/{product.id}/images/{image.id}")


async def fetch_category(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """The category with this id, else with this slug."""
    key = ids["id"]
    row = await reads.category_by_id.for_key(reader, key) if is_id("cat", key) else None
    row = row or await reads.category_by_slug.for_key(reader, key)
    if row is None:
        raise NotFound("category")
    return Represented(category_document(row), row.version, f"{ROOT}/categories/{row.id}")


async def fetch_variant_alone(reader: Reader, principal: Principal, ids: Ids) -> Represented:
    """The variant with this id, else with this SKU."""
    key = ids["id"]
    variant = await reads.variant_by_id.for_key(reader, key) if is_id("var", key) else None
    variant = variant or await reads.variant_by_sku.for_key(reader, fold(key))
    if variant is None:
        raise NotFound("variant")
    return await fetch_variant(reader, principal, {"id": variant.product_id, "variant_id": variant.id})


async def freeze_stock(work: Work, ids: Ids) -> None:
    """Lock a product and its stock, in the order in which all writers do."""
    product = await work.lock(catalog.Product, ids["id"], noun="product")
    variants = await reads.variants_by_product.for_key(work.reader, product.id)
    await inventory.lock_stock(work, [(product.id, variant.id) for variant in variants])


async def represent_product(reader: Reader, principal: Principal, product: Any) -> Represented:
    """A product just written."""
    return await fetch_product(reader, principal, {"id": product.id})


async def represent_variant(reader: Reader, principal: Principal, variant: Any) -> Represented:
    """A variant just written."""
    return await fetch_variant(reader, principal, {"id": variant.product_id, "variant_id": variant.id})


async def represent_image(reader: Reader, principal: Principal, image: Any) -> Represented:
    """A picture just added."""
    return await fetch_image(reader, principal, {"id": image.product_id, "image_id": image.id})


async def represent_products(reader: Reader, principal: Principal, result: BulkResult[Any]) -> Represented:
    """Products just written together: as many statements as for a page of them."""
    ids = [product.id for product in result.results]
    rows = await reads.product_by_id.for_keys(reader, ids) if ids else []
    documents = await describe_products(reader, principal, rows) if rows else []
    return Represented(input_results(result, "product", documents))


async def represent_category(reader: Reader, principal: Principal, category: Any) -> Represented:
    """A category just written."""
    return await fetch_category(reader, principal, {"id": category.id})


async def _find(reader: Reader, key: str) -> Row:
    row = await reads.product_by_id.for_key(reader, key) if is_id("prod", key) else None
    row = row or await reads.product_by_sku.for_key(reader, fold(key))
    if row is None:
        raise NotFound("product")
    return row


async def _product(reader: Reader, principal: Principal, row: Row) -> Represented:
    (document,) = await describe_products(reader, principal, [row])
    return Represented(document, row.version, f"{ROOT}/products/{row.id}")


async def _variants(reader: Reader, principal: Principal, product: Row, rows: Sequence[Row]) -> list[VariantDocument]:
    images = await reads.images_by_product.for_key(reader, product.id)
    stock = await _stock(reader, [row.id for row in rows])
    return [variant_document(row, images, stock, with_cost=_sees_cost(principal)) for row in rows]


async def _stock(reader: Reader, variants: Sequence[str]) -> dict[str, int]:
    levels = await stock_by_variant.for_keys(reader, variants)
    return {level.variant_id: level.available for level in levels if level is not None}


def _sees_cost(principal: Principal) -> bool:
    return any(principal.may(scope) for scope in COST_SCOPES)
