"""Reads and listings of the catalog, declared once and run by dataloaders, REST endpoints and query plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, select

from domain.catalog.filters import category_named, in_category, in_stock, with_skus
from domain.catalog.model import (
    Category,
    Product,
    ProductCategory,
    ProductImage,
    ProductSku,
    ProductTag,
    ProductVariant,
)
from domain.catalog.search import SEARCH
from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import AdaptiveFilter, FilterClause, Listing
from domain.kernel.listing.counted_filters import within
from domain.kernel.listing.filters import at_or_after, at_or_before, named, one_of, tag_filter
from domain.kernel.listing.nested import NestedListing
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.statements import STORE

SCOPE = "products:read"

_product = Product.__table__.c
_variant = ProductVariant.__table__.c
_image = ProductImage.__table__.c
_category = Category.__table__.c
_in_category = ProductCategory.__table__.c
_sku = ProductSku.__table__.c

_PRODUCTS = select(
    _product.id,
    _product.name,
    _product.name_key,
    _product.description,
    _product.sku,
    _product.status,
    _product.price,
    _product.currency,
    _product.tags,
    _product.metadata,
    _product.version,
    _product.created_at,
    _product.updated_at,
)
_VARIANTS = select(
    _variant.id,
    _variant.product_id,
    _variant.sku,
    _variant.price,
    _variant.overrides_price,
    _variant.cost,
    _variant.currency,
    _variant.attributes,
    _variant.image_id,
    _variant.position,
    _variant.created_at,
    _variant.updated_at,
    _variant.weight,
    _variant.weight_unit,
    _variant.barcode,
    _variant.compare_at_price,
)
_IMAGES = select(_image.id, _image.product_id, _image.url, _image.alt, _image.position, _image.created_at)
_CATEGORIES = select(
    _category.id,
    _category.slug,
    _category.name,
    _category.name_key,
    _category.description,
    _category.version,
    _category.created_at,
    _category.updated_at,
)

product_by_id = Read("product_by_id", _PRODUCTS, scope=SCOPE, store=_product.store_id, key=_product.id)
product_by_sku = Read(
    "product_by_sku",
    _PRODUCTS.add_columns(_sku.sku_key).join(
        ProductSku, and_(_sku.store_id == _product.store_id, _sku.product_id == _product.id)
    ),
    scope=SCOPE,
    store=_sku.store_id,
    key=_sku.sku_key,
)
variant_by_id = Read("variant_by_id", _VARIANTS, scope=SCOPE, store=_variant.store_id, key=_variant.id)
variant_by_sku = Read(
    "variant_by_sku",
    _VARIANTS.add_columns(_sku.sku_key).join(
        ProductSku,
        and_(
            _sku.store_id == _variant.store_id, _sku.product_id == _variant.product_id, _sku.sku_key == _variant.sku_key
        ),
    ),
    scope=SCOPE,
    store=_sku.store_id,
    key=_sku.sku_key,
)
"""Found through ``product_sku``, which stores the product. A SKU that belongs to a product only finds no variant."""
variants_by_product = Read(
    "variants_by_product",
    _VARIANTS,
    scope=SCOPE,
    store=_variant.store_id,
    key=_variant.product_id,
    order=(_variant.product_id, _variant.position, _variant.id),
    many=True,
    likely=2,
)
image_by_id = Read("image_by_id", _IMAGES, scope=SCOPE, store=_image.store_id, key=_image.id)
images_by_product = Read(
    "images_by_product",
    _IMAGES,
    scope=SCOPE,
    store=_image.store_id,
    key=_image.product_id,
    order=(_image.product_id, _image.position, _image.id),
    many=True,
    likely=2,
)
category_by_id = Read("category_by_id", _CATEGORIES, scope=SCOPE, store=_category.store_id, key=_category.id)
category_by_slug = Read("category_by_slug", _CATEGORIES, scope=SCOPE, store=_category.store_id, key=_category.slug)
categories_by_product = Read(
    "categories_by_product",
    _CATEGORIES.add_columns(_in_category.product_id).join(
        ProductCategory,
        and_(_in_category.store_id == _category.store_id, _in_category.category_id == _category.id),
    ),
    scope=SCOPE,
    store=_in_category.store_id,
    key=_in_category.product_id,
    order=(_in_category.product_id, _category.slug),
    many=True,
    likely=2,
)


products = Listing(
    "products",
    _PRODUCTS,
    scope=SCOPE,
    store=_product.store_id,
    id=_product.id,
    sorts={
        "created_at": _product.created_at,
        "updated_at": _product.updated_at,
        "name": _product.name_key,
        "price": _product.price,
    },
    filters={
        "status": one_of("status", _product.status, ("created_at",)),
        "category": in_category,
        "tags": tag_filter(Product.__table__, ProductTag.__table__, "product_id"),
        **within("price_from", "price_to", Product.__table__, "price", sort="price"),
        "in_stock": in_stock,
        "ids": named("ids", _product.id),
        "skus": AdaptiveFilter(with_skus),
        "created_from": at_or_after("created_from", _product.created_at),
        "created_to": at_or_before("created_to", _product.created_at),
        **within("updated_from", "updated_to", Product.__table__, "updated_at", sort="updated_at"),
    },
    search=SEARCH.find,
)
_within = ProductCategory.__table__.alias("within")


def _linked(statement: Select[Any]) -> Select[Any]:
    """Join the link under an alias, because a filter may join it once more."""
    link = and_(_within.c.store_id == _product.store_id, _within.c.product_id == _product.id)
    return statement.join(_within, link).where(_within.c.store_id == STORE)


products_by_category = NestedListing(
    "products_by_category",
    products,
    _within.c.category_id,
    through=FilterClause(_linked, {"created_at": _within.c.created_at, "id": _within.c.product_id}),
)
"""The products of each of several categories. Newest first uses the index of the link table."""


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check the filters of products. Raises MalformedRequest for a range that ends before it begins."""
    for what in ("price", "created", "updated"):
        refuse_reversed(filters, f"{what}_from", f"{what}_to")
    return filters


categories = Listing(
    "categories",
    _CATEGORIES,
    scope=SCOPE,
    store=_category.store_id,
    id=_category.id,
    sorts={"created_at": _category.created_at, "name": _category.name_key},
    filters={"name": AdaptiveFilter(category_named)},
)
