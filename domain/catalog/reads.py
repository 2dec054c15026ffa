"""What is read of the catalog. Each declared once; dataloaders, REST routes and compiled plans all run these."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from domain.catalog.model import (
    Category,
    Product,
    ProductCategory,
    ProductImage,
    ProductSku,
    ProductTag,
    ProductVariant,
)
from domain.catalog.search import find
from domain.kernel.labels import tag_filter
from domain.kernel.listing import Listing, Narrowing
from domain.kernel.narrowing import one_of
from domain.kernel.reads import STORE, Read
from domain.kernel.tables import KEY_TEXT

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
)
_IMAGES = select(_image.id, _image.product_id, _image.url, _image.alt, _image.position, _image.created_at)
_CATEGORIES = select(_category.id, _category.slug, _category.name, _category.created_at)

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


def _of_category(statement: Select[Any]) -> Select[Any]:
    slug = _category.slug == bindparam("category", type_=KEY_TEXT)
    category = select(_category.id).where(_category.store_id == STORE, slug).scalar_subquery()
    return statement.join(
        ProductCategory,
        and_(_in_category.store_id == _product.store_id, _in_category.product_id == _product.id),
    ).where(_in_category.store_id == STORE, _in_category.category_id == category)


_CATEGORY = Narrowing(_of_category, {"created_at": _in_category.created_at, "id": _in_category.product_id})


def _by_category(slug: str) -> tuple[Narrowing, dict[str, Any]]:
    return _CATEGORY, {"category": slug}


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
        "category": _by_category,
        "tags": tag_filter(Product.__table__, ProductTag.__table__, "product_id"),
    },
    search=find,
)
categories = Listing(
    "categories",
    _CATEGORIES,
    scope=SCOPE,
    store=_category.store_id,
    id=_category.id,
    sorts={"created_at": _category.created_at},
)
