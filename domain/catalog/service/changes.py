"""Change tracking of a locked product: an event is recorded if the product differs in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.catalog.events import ProductDeleted, ProductUpdated
from domain.catalog.model import Product, ProductStatus
from domain.catalog.service.indexes import category_slugs, category_slugs_of
from domain.catalog.snapshot import product_snapshot
from domain.kernel.fields import Unset
from domain.kernel.use_cases.changes import changed_members, count_change
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_NOT_COMPARED = frozenset({"version", "created_at", "updated_at"})


class ProductChange:
    """A locked product with its categories and its state before the change."""

    def __init__(self, product: Product, categories: list[str]) -> None:
        self.product = product
        self.categories = categories
        self._before = _compared(product, categories)

    def announce(self, work: UnitOfWork) -> None:
        """Increase the version and record the event, if the product has changed."""
        product = self.product
        before, after = self._before, _compared(product, self.categories)
        changed = changed_members(before, after)
        if not changed:
            return
        known = {variant["id"]: variant for variant in before["variants"]}
        for variant, compared in zip(product.variants, after["variants"], strict=True):
            if known.get(variant.id) != compared:
                variant.updated_at = work.now
        count_change(work, product)
        deleted = product.status == ProductStatus.ARCHIVED != before["status"]
        event = ProductDeleted if deleted else ProductUpdated
        work.record(event(product.id, product.sequence, product_snapshot(product, self.categories), changed))


async def lock_product(work: UnitOfWork, product_id: str, version: int | Unset) -> ProductChange:
    """Lock a product and load everything it owns. Raises NotFound, Conflict (stale version)."""
    product = await work.lock(
        Product,
        product_id,
        noun="product",
        version=version,
        options=(selectinload(Product.variants), selectinload(Product.images)),
    )
    return ProductChange(product, await category_slugs(work, product))


async def open_changes(work: UnitOfWork, product_ids: Sequence[str]) -> list[ProductChange]:
    """Track changes of products that are locked already, of any version, by four statements in total."""
    statement = (
        select(Product)
        .where(Product.store_id == work.store.number, Product.id.in_(product_ids))
        .order_by(Product.id)
        .options(selectinload(Product.variants), selectinload(Product.images))
        .execution_options(populate_existing=True)
    )
    products = (await work.session.scalars(statement)).all()
    slugs = await category_slugs_of(work, product_ids)
    return [ProductChange(product, slugs.get(product.id, [])) for product in products]


def _compared(product: Product, categories: list[str]) -> dict[str, Any]:
    """Build the snapshot without derived values: times, version, and prices that follow the product's."""
    snapshot = {
        name: value for name, value in product_snapshot(product, categories).items() if name not in _NOT_COMPARED
    }
    for variant in snapshot["variants"]:
        for name in ("created_at", "updated_at"):
            del variant[name]
        if not variant["overrides_price"]:
            del variant["price"]
    return snapshot
