"""What is read of the catalog. Each declared once; dataloaders, REST routes and compiled plans all run these."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.catalog.model import (
    Category,
    Product,
    ProductCategory,
    ProductImage,
    ProductSku,
    ProductStatus,
    ProductTag,
    ProductVariant,
)
from domain.catalog.search import find
from domain.kernel.checks import fold
from domain.kernel.listing import Listing, Narrowing
from domain.kernel.reads import STORE, Read
from domain.kernel.tables import KEY_TEXT

SCOPE = "products:read"

_product = Product.__table__.c
_variant = ProductVariant.__table__.c
_image = ProductImage.__table__.c
_category = Category.__table__.c
_in_category = ProductCategory.__table__.c
_tag = ProductTag.__table__.c
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
)


def _one_status(statement: Select[Any]) -> Select[Any]:
    return statement.where(_product.status == bindparam("status", type_=KEY_TEXT))


def _statuses(statement: Select[Any]) -> Select[Any]:
    return statement.where(_product.status == any_(bindparam("statuses", type_=ARRAY(Text))))


def _of_category(statement: Select[Any]) -> Select[Any]:
    slug = _category.slug == bindparam("category", type_=KEY_TEXT)
    category = select(_category.id).where(_category.store_id == STORE, slug).scalar_subquery()
    return statement.join(
        ProductCategory,
        and_(_in_category.store_id == _product.store_id, _in_category.product_id == _product.id),
    ).where(_in_category.store_id == STORE, _in_category.category_id == category)


def _with_tag(statement: Select[Any]) -> Select[Any]:
    return statement.join(ProductTag, and_(_tag.store_id == _product.store_id, _tag.product_id == _product.id)).where(
        _tag.store_id == STORE, _tag.tag_key == bindparam("tag", type_=KEY_TEXT)
    )


def _with_tags(statement: Select[Any]) -> Select[Any]:
    """The first tag is walked by its index; that the others are there too is looked up for each row."""
    tags = bindparam("tags", type_=ARRAY(Text))
    other = ProductTag.__table__.alias("other_tag")
    found = (
        select(func.count())
        .where(other.c.store_id == STORE, other.c.product_id == _product.id, other.c.tag_key == any_(tags))
        .scalar_subquery()
    )
    return _with_tag(statement).where(found == func.cardinality(tags))


_ONE_STATUS = Narrowing(_one_status)
_STATUSES = Narrowing(_statuses)
_CATEGORY = Narrowing(_of_category, {"created_at": _in_category.created_at, "id": _in_category.product_id})
_TAG_KEYS = {"created_at": _tag.created_at, "id": _tag.product_id}
_TAG = Narrowing(_with_tag, _TAG_KEYS)
_TAGS = Narrowing(_with_tags, _TAG_KEYS)


def _by_status(statuses: tuple[ProductStatus, ...]) -> tuple[Narrowing, dict[str, Any]]:
    if len(statuses) == 1:
        return _ONE_STATUS, {"status": str(statuses[0])}
    return _STATUSES, {"statuses": [str(status) for status in statuses]}


def _by_category(slug: str) -> tuple[Narrowing, dict[str, Any]]:
    return _CATEGORY, {"category": slug}


def _by_tags(tags: tuple[str, ...]) -> tuple[Narrowing, dict[str, Any]]:
    keys = sorted({fold(tag) for tag in tags})
    return (_TAG, {"tag": keys[0]}) if len(keys) == 1 else (_TAGS, {"tag": keys[0], "tags": keys})


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
    filters={"status": _by_status, "category": _by_category, "tags": _by_tags},
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
