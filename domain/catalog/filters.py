"""Filters of the lists of products and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.catalog.model import Category, Product, ProductCategory, ProductSku, ProductStock
from domain.kernel.listing import FilterClause
from domain.kernel.listing.counted_filters import CountedFilter
from domain.kernel.listing.filters import linked
from domain.kernel.listing.query import PerValueScan
from domain.kernel.sql.executor import Executor, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.sql.word_index import LAST_CHARACTER
from domain.kernel.validation import fold, name_key_of

_product = Product.__table__.c
_category = Category.__table__.c
_in_category = ProductCategory.__table__.c
_sku = ProductSku.__table__.c
_stock = ProductStock.__table__.c


def _of_category(statement: Select[Any], slug: ColumnElement[str]) -> Select[Any]:
    of_slug = select(_category.id).select_from(Category).where(_category.store_id == STORE, _category.slug == slug)
    of_slug = of_slug.correlate_except(Category)
    return statement.join(
        ProductCategory,
        and_(_in_category.store_id == _product.store_id, _in_category.product_id == _product.id),
    ).where(_in_category.store_id == STORE, _in_category.category_id == of_slug.scalar_subquery())


def _of_one(statement: Select[Any]) -> Select[Any]:
    return _of_category(statement, bindparam("category", type_=KEY_TEXT))


def _of_several(statement: Select[Any]) -> Select[Any]:
    """Restrict to products in any of the categories; a product in several of them occurs once."""
    slugs = _category.slug == any_(bindparam("categories", type_=ARRAY(Text)))
    of_slugs = select(_category.id).where(_category.store_id == STORE, slugs)
    link = ProductCategory.__table__.alias("one_category")
    own = and_(link.c.store_id == STORE, link.c.product_id == _product.id, link.c.category_id.in_(of_slugs))
    return statement.where(exists().where(own))


_KEYS = {"created_at": _in_category.created_at, "id": _in_category.product_id}
_ONE = FilterClause(_of_one, _KEYS)
_SEVERAL = FilterClause(
    _of_several, per_value=PerValueScan("categories", _of_category, ("created_at",), sort_columns=_KEYS, overlaps=True)
)


def in_category(slugs: str | Sequence[str]) -> tuple[FilterClause, Mapping[str, Any]]:
    """Filter by categories, any of these slugs. Several slugs are one index scan each, merged."""
    different = [slugs] if isinstance(slugs, str) else list(dict.fromkeys(slugs))
    return (_ONE, {"category": different[0]}) if len(different) == 1 else (_SEVERAL, {"categories": different})


in_stock = linked(
    "in_stock", ProductStock.__table__, _stock.in_stock, owner=Product.__table__, owner_id=_stock.product_id
)

_OWNERS = compile_select(
    select(_sku.product_id)
    .distinct()
    .where(_sku.store_id == STORE, _sku.sku_key == any_(bindparam("sku_keys", type_=ARRAY(Text)))),
    "owners_of_skus",
)
_OWNED = FilterClause(
    lambda statement: statement.where(_product.id == any_(bindparam("sku_owners", type_=ARRAY(Text))))
)


async def with_skus(db: Executor, skus: Sequence[str]) -> tuple[FilterClause, Mapping[str, Any]]:
    """Filter by SKUs, those of the product or of its variants."""
    rows = await db.rows(_OWNERS, {"sku_keys": sorted({fold(sku) for sku in skus})})
    return _OWNED, {"sku_owners": [row.product_id for row in rows]}


_LOW, _HIGH = bindparam("name_low", type_=KEY_TEXT), bindparam("name_high", type_=KEY_TEXT)
_NAMED = CountedFilter(
    "name",
    select(_category.id)
    .where(_category.store_id == STORE, _category.name_key >= _LOW, _category.name_key < _HIGH)
    .order_by(_category.name_key, _category.id),
    and_(_category.name_key >= _LOW, _category.name_key < _HIGH),
    id=_category.id,
    sorts=("name",),
)


async def category_named(db: Executor, text: str) -> tuple[FilterClause, Mapping[str, Any]]:
    """Filter categories by name prefix, ignoring case and accents. A text of accents alone matches none."""
    key = name_key_of(text) or LAST_CHARACTER
    return await _NAMED.choose(db, {"name_low": key, "name_high": key + LAST_CHARACTER})
