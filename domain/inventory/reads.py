"""What is read of stock."""

from __future__ import annotations

from sqlalchemy import BigInteger, cast, func, select

from domain.inventory.model import InventoryLevel
from domain.kernel.reads import Read

_level = InventoryLevel.__table__.c

stock_by_variant = Read(
    "stock_by_variant",
    select(
        _level.variant_id,
        cast(func.sum(_level.on_hand - _level.reserved), BigInteger).label("available"),
    ).group_by(_level.variant_id),
    # A variant's stock needs only the catalog's scope (contract, Access).
    scope="products:read",
    store=_level.store_id,
    key=_level.variant_id,
)
