"""Root reads of stock."""

from __future__ import annotations

from typing import Annotated

from domain import inventory
from domain.kernel.errors import NotFound
from domain.kernel.fields import LookupText
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Id


async def stock(
    context: Context,
    *,
    product: Annotated[Id, "The product's id (prod_…) or SKU, or the id (var_…) or SKU of one of its variants."],
    variant: Annotated[Id | None, "Only of this variant (var_…); of all of them when left out."] = None,
    sku: Annotated[str | None, LookupText(max=64, description="Only of the variant with this SKU.")] = None,
) -> Row | None:
    """The stock of a product, or of one of its variants; None when there is no such product.

    Raises ValidationFailed for a variant that the product does not have.
    """
    try:
        async with context.connection() as reader:
            subject = await inventory.find_stock_target(reader, product, variant, sku)
    except NotFound:
        return None
    if subject.variant_id is None:
        return await context.load(inventory.reads.inventory_by_product, subject.product_id)
    return await context.load(inventory.reads.inventory_by_variant, subject.variant_id)


def warehouse(*, id: Annotated[Id, "The warehouse's id (wh_…)."]) -> LoadRequest | None:
    """One warehouse, or None."""
    return LoadRequest(inventory.reads.warehouse_by_id, id) if is_id("wh", id) else None


def purchase_order(*, id: Annotated[Id, "The purchase order's id (po_…)."]) -> LoadRequest | None:
    """One purchase order, or None."""
    return LoadRequest(inventory.reads.purchase_order_by_id, id) if is_id("po", id) else None
