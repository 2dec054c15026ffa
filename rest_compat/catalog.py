"""The catalog's routes: products, their variants and images, and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import catalog, inventory
from domain.catalog.commands import ProductFilter
from domain.catalog.document import (
    COST_SCOPES,
    CategoryDocument,
    ImageDocument,
    ProductDocument,
    VariantDocument,
    category_document,
    image_document,
    product_document,
    variant_document,
)
from domain.kernel.checks import fold
from domain.kernel.errors import NotFound
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.sql import Reader, Row
from domain.kernel.use_cases import use_case_of
from rest_compat.endpoint import ROOT, Document, Endpoint, Paged, PathId, Represented, Single, Write

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
    return Represented(category_document(row))


async def represent_product(reader: Reader, principal: Principal, product: Any) -> Represented:
    """A product just written."""
    return await fetch_product(reader, principal, {"id": product.id})


async def represent_variant(reader: Reader, principal: Principal, variant: Any) -> Represented:
    """A variant just written."""
    return await fetch_variant(reader, principal, {"id": variant.product_id, "variant_id": variant.id})


async def represent_image(reader: Reader, principal: Principal, image: Any) -> Represented:
    """A picture just added."""
    return await fetch_image(reader, principal, {"id": image.product_id, "image_id": image.id})


async def _find(reader: Reader, key: str) -> Row:
    row = await reads.product_by_id.for_key(reader, key) if is_id("prod", key) else None
    row = row or await reads.product_by_sku.for_key(reader, fold(key))
    if row is None:
        raise NotFound("product")
    return row


async def _product(reader: Reader, principal: Principal, row: Row) -> Represented:
    (document,) = await describe_products(reader, principal, [row])
    return Represented(document, row.version, f"{ROOT}/products/{row.id}")


async def _variants(
    reader: Reader, principal: Principal, product: Row, rows: Sequence[Row]
) -> list[VariantDocument]:
    images = await reads.images_by_product.for_key(reader, product.id)
    stock = await _stock(reader, [row.id for row in rows])
    return [variant_document(row, images, stock, with_cost=_sees_cost(principal)) for row in rows]


async def _stock(reader: Reader, variants: Sequence[str]) -> dict[str, int]:
    levels = await stock_by_variant.for_keys(reader, variants)
    return {level.variant_id: level.available for level in levels if level is not None}


def _sees_cost(principal: Principal) -> bool:
    return any(principal.may(scope) for scope in COST_SCOPES)


_PRODUCT = PathId(noun="product", prefix="prod")
_PRODUCT_OR_SKU = PathId(noun="product", prefix="prod", otherwise="SKU")
_PARENT = PathId(noun="product", prefix="prod", field="product_id")
_VARIANT = PathId(noun="variant", prefix="var")
_IMAGE = PathId(noun="image", prefix="img")
_FIND = (reads.product_by_id, reads.product_by_sku)
_INVENTORY = frozenset({"inventory"})
"""Read, it is what all warehouses have available; written, what the default one shall have."""

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/products",
        name="listProducts",
        summary="List products",
        description="A page of products, newest first unless sorted; a search is sorted by how well it matches.",
        tag="Products",
        action=Paged(listing=reads.products, describe=describe_products, filters=ProductFilter),
        answer=ProductDocument,
    ),
    Endpoint(
        method="POST",
        path="/products",
        name="createProduct",
        summary="Create a product",
        description="Without variants, a default one shares the product's SKU.",
        tag="Products",
        action=Write(use_case=use_case_of(catalog.create_product), represent=represent_product),
        answer=ProductDocument,
    ),
    Endpoint(
        method="GET",
        path="/products/{id}",
        name="getProduct",
        summary="Retrieve a product by id or SKU",
        description="The SKU of one of its variants will do as well.",
        tag="Products",
        action=Single(
            reads=(*_FIND, reads.variants_by_product, reads.images_by_product, reads.categories_by_product),
            fetch=fetch_product,
        ),
        answer=ProductDocument,
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="PUT",
        path="/products/{id}",
        name="updateProduct",
        summary="Update a product",
        description="What is left out stays. Variants merge by id, then SKU; categories, images and tags replace; "
        "metadata merges.",
        tag="Products",
        action=Write(
            use_case=use_case_of(catalog.update_product),
            represent=represent_product,
            current=fetch_product,
            echoes=_INVENTORY,
        ),
        answer=ProductDocument,
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}",
        name="archiveProduct",
        summary="Archive a product",
        description="It stays readable with the status archived, and its SKU stays taken. Again is 204 as well.",
        tag="Products",
        action=Write(use_case=use_case_of(catalog.archive_product), current=fetch_product),
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/variants",
        name="listVariants",
        summary="List a product's variants",
        tag="Products",
        action=Single(reads=(*_FIND, reads.variants_by_product), fetch=fetch_variants),
        answer=list[VariantDocument],
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="POST",
        path="/products/{id}/variants",
        name="addVariant",
        summary="Add a variant to a product",
        tag="Products",
        action=Write(
            use_case=use_case_of(catalog.add_variant), represent=represent_variant, current=fetch_product
        ),
        answer=VariantDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/variants/{variant_id}",
        name="getVariant",
        summary="Retrieve a variant",
        tag="Products",
        action=Single(reads=(*_FIND, reads.variant_by_id, stock_by_variant), fetch=fetch_variant),
        answer=VariantDocument,
        ids={"id": _PRODUCT_OR_SKU, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="PUT",
        path="/products/{id}/variants/{variant_id}",
        name="updateVariant",
        summary="Update a variant",
        description="What is left out stays; a null price follows the product's.",
        tag="Products",
        action=Write(
            use_case=use_case_of(catalog.update_variant),
            represent=represent_variant,
            current=fetch_variant,
            echoes=_INVENTORY,
        ),
        answer=VariantDocument,
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}/variants/{variant_id}",
        name="removeVariant",
        summary="Remove a variant",
        description="Its stock is written off. A product keeps at least one variant.",
        tag="Products",
        action=Write(use_case=use_case_of(catalog.remove_variant), current=fetch_variant),
        ids={"id": _PARENT, "variant_id": _VARIANT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/images",
        name="listImages",
        summary="List a product's images",
        tag="Products",
        action=Single(reads=(*_FIND, reads.images_by_product), fetch=fetch_images),
        answer=list[ImageDocument],
        ids={"id": _PRODUCT_OR_SKU},
    ),
    Endpoint(
        method="POST",
        path="/products/{id}/images",
        name="addImage",
        summary="Add an image to a product",
        tag="Products",
        action=Write(use_case=use_case_of(catalog.add_image), represent=represent_image, current=fetch_product),
        answer=ImageDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/products/{id}/images/{image_id}",
        name="getImage",
        summary="Retrieve an image",
        tag="Products",
        action=Single(reads=(*_FIND, reads.image_by_id), fetch=fetch_image),
        answer=ImageDocument,
        ids={"id": _PRODUCT_OR_SKU, "image_id": _IMAGE},
    ),
    Endpoint(
        method="DELETE",
        path="/products/{id}/images/{image_id}",
        name="removeImage",
        summary="Remove an image",
        description="Variants that showed it show none.",
        tag="Products",
        action=Write(use_case=use_case_of(catalog.remove_image), current=fetch_image),
        ids={"id": _PARENT, "image_id": _IMAGE},
    ),
    Endpoint(
        method="GET",
        path="/categories",
        name="listCategories",
        summary="List categories",
        description="Categories are made when a product first names them.",
        tag="Products",
        action=Paged(listing=reads.categories, describe=describe_categories),
        answer=CategoryDocument,
    ),
    Endpoint(
        method="GET",
        path="/categories/{id}",
        name="getCategory",
        summary="Retrieve a category by id or slug",
        tag="Products",
        action=Single(reads=(reads.category_by_id, reads.category_by_slug), fetch=fetch_category),
        answer=CategoryDocument,
        ids={"id": PathId(noun="category", prefix="cat", otherwise="slug")},
    ),
)
