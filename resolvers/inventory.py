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
    product_id: Annotated[
        Id, "The id (`prod_…`) or SKU of the product, or the id (`var_…`) or SKU of one of its variants."
    ],
    variant_id: Annotated[Id | None, "Restrict to the variant with this id (`var_…`). Default: all variants."] = None,
    sku: Annotated[
        str | None, LookupText(max=64, description="Restrict to the variant with this SKU. Default: all variants.")
    ] = None,
) -> Row | None:
    """Fetch the stock of a product, or of one of its variants. None if the product does not exist.

    Raises ValidationFailed if the product does not have the variant.
    """
    try:
        async with context.connection() as db:
            target = await inventory.find_stock_target(db, product_id, variant_id, sku)
    except NotFound:
        return None
    if target.variant_id is None:
        return await context.load(inventory.reads.inventory_by_product, target.product_id)
    return await context.load(inventory.reads.inventory_by_variant, target.variant_id)


def warehouse(*, id: Annotated[Id, "The id of the warehouse (`wh_…`)."]) -> LoadRequest | None:
    """Fetch a warehouse. None if the id has another prefix."""
    return LoadRequest(inventory.reads.warehouse_by_id, id) if is_id("wh", id) else None


def purchase_order(*, id: Annotated[Id, "The id of the purchase order (`po_…`)."]) -> LoadRequest | None:
    """Fetch a purchase order. None if the id has another prefix."""
    return LoadRequest(inventory.reads.purchase_order_by_id, id) if is_id("po", id) else None
