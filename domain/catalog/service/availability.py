"""Availability of products in the lists of the catalog: whether any unit is available."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Boolean, bindparam, update

from domain.catalog.model import ProductStock
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_stock = ProductStock.__table__.c
_MARK = Statement(
    "mark_availability",
    update(ProductStock.__table__)  # type: ignore[arg-type]  # a Table
    .where(_stock.store_id == STORE, _stock.product_id == bindparam("of_product", type_=KEY_TEXT))
    .values(in_stock=bindparam("now_in_stock", type_=Boolean())),
)


async def mark_availability(work: UnitOfWork, available: Mapping[str, bool]) -> None:
    """Write whether any unit of each product is available. The caller must hold the lock of their stock."""
    marks = [{"of_product": product, "now_in_stock": available[product]} for product in sorted(available)]
    await work.write(_MARK, marks)
