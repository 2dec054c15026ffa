"""Reads and listings of stock and of warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
)

from domain import catalog
from domain.inventory.model import InventoryLevel, Warehouse
from domain.kernel.listing import FilterClause, Listing
from domain.kernel.listing.filters import single
from domain.kernel.reads.read import Read

SCOPE = "inventory:read"

_level = InventoryLevel.__table__.c
_warehouse = Warehouse.__table__.c
_product = catalog.Product.__table__.c
_variant = catalog.ProductVariant.__table__.c


def _total(amount: ColumnElement[int], name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount), 0), BigInteger).label(name)


def _stock_id(of: ColumnElement[str]) -> ColumnElement[str]:
    return (literal_column("'inv_'", Text) + of).label("id")


_TOTALS = (
    _total(_level.on_hand, "total_on_hand"),
    _total(_level.reserved, "total_reserved"),
    _total(_level.on_hand - _level.reserved, "total_available"),
)
_LEVELS = select(
    _level.product_id,
    _level.variant_id,
    _level.warehouse_id,
    _level.on_hand,
    _level.reserved,
    _level.available,
    _level.id,
)

stock_by_variant = Read(
    "stock_by_variant",
    select(
        _level.variant_id,
        cast(func.sum(_level.on_hand - _level.reserved), BigInteger).label("available"),
    ).group_by(_level.variant_id),
    # The stock of a variant requires only the scope of the catalog.
    scope="products:read",
    store=_level.store_id,
    key=_level.variant_id,
)
inventory_by_product = Read(
    "inventory_by_product",
    select(_stock_id(_product.id), _product.id.label("product_id"), cast(null(), Text).label("variant_id"), *_TOTALS)
    .outerjoin(InventoryLevel, and_(_level.store_id == _product.store_id, _level.product_id == _product.id))
    .group_by(_product.id),
    scope=SCOPE,
    store=_product.store_id,
    key=_product.id.label("product_id"),
)
"""The stock of a product over all variants and warehouses. Exists for every product."""
inventory_by_variant = Read(
    "inventory_by_variant",
    select(_stock_id(_variant.id), _variant.product_id, _variant.id.label("variant_id"), *_TOTALS)
    .outerjoin(InventoryLevel, and_(_level.store_id == _variant.store_id, _level.variant_id == _variant.id))
    .group_by(_variant.product_id, _variant.id),
    scope=SCOPE,
    store=_variant.store_id,
    key=_variant.id.label("variant_id"),
)
"""The stock of one variant over all warehouses."""
level_by_id = Read("level_by_id", _LEVELS, scope=SCOPE, store=_level.store_id, key=_level.id)
levels_by_product = Read(
    "levels_by_product",
    _LEVELS,
    scope=SCOPE,
    store=_level.store_id,
    key=_level.product_id,
    order=(_level.product_id, _level.variant_id, _level.warehouse_id),
    many=True,
    likely=2,
)
levels_by_variant = Read(
    "levels_by_variant",
    _LEVELS,
    scope=SCOPE,
    store=_level.store_id,
    key=_level.variant_id,
    order=(_level.variant_id, _level.warehouse_id),
    many=True,
    likely=2,
)
_AMOUNTS = tuple(
    cast(func.sum(amount), BigInteger).label(name)
    for name, amount in (
        ("on_hand", _level.on_hand),
        ("reserved", _level.reserved),
        ("available", _level.on_hand - _level.reserved),
    )
)


def _locations(name: str, key: ColumnElement[str]) -> Read:
    """The stock by warehouse of a product, over all variants, or of a variant."""
    return Read(
        name,
        select(key, _level.warehouse_id, *_AMOUNTS).group_by(key, _level.warehouse_id),
        scope=SCOPE,
        store=_level.store_id,
        key=key,
        order=(key, _level.warehouse_id),
        many=True,
        likely=2,
    )


locations_by_product = _locations("locations_by_product", _level.product_id)
locations_by_variant = _locations("locations_by_variant", _level.variant_id)


def _below(threshold: int) -> tuple[FilterClause, Mapping[str, Any]]:
    return _BELOW, {"below": threshold}


def _fewer(statement: Select[Any]) -> Select[Any]:
    return statement.where(_level.available < bindparam("below", type_=Integer))


_BELOW = FilterClause(_fewer)
levels = Listing(
    "levels",
    _LEVELS,
    scope=SCOPE,
    store=_level.store_id,
    id=_level.id,
    sorts={"available": _level.available},
    default_sort="available",
    default_descending=False,
    filters={"warehouse_id": single("warehouse_id", _level.warehouse_id, ("available",), few=True), "below": _below},
)
"""The levels of the store, lowest available quantity first, so that a threshold ends the scan."""
_WAREHOUSES = select(
    _warehouse.id,
    _warehouse.name,
    _warehouse.name_key,
    _warehouse.is_default,
    _warehouse.active,
    _warehouse.country,
    _warehouse.state,
    _warehouse.city,
    _warehouse.zip,
    _warehouse.line1,
    _warehouse.line2,
    _warehouse.version,
    _warehouse.created_at,
    _warehouse.updated_at,
)
warehouse_by_id = Read("warehouse_by_id", _WAREHOUSES, scope=SCOPE, store=_warehouse.store_id, key=_warehouse.id)
warehouses = Listing(
    "warehouses",
    _WAREHOUSES,
    scope=SCOPE,
    store=_warehouse.store_id,
    id=_warehouse.id,
    sorts={"created_at": _warehouse.created_at, "name": _warehouse.name_key},
)
