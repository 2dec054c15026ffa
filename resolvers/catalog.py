"""Root reads of the catalog."""

from __future__ import annotations

from typing import Annotated

from domain import catalog
from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import LookupText
from domain.kernel.ids import is_id
from domain.kernel.validation import fold
from resolvers.loaders import LoadRequest
from resolvers.types import Id


def product(
    *,
    id: Annotated[Id | None, "The id of the product (`prod_…`)."] = None,
    sku: Annotated[
        str | None, LookupText(max=64, description="The SKU of the product or of one of its variants, ignoring case.")
    ] = None,
) -> LoadRequest | None:
    """Fetch a product by exactly one of id and SKU. Raises MalformedRequest for none or both."""
    if (id is None) == (sku is None):
        raise MalformedRequest.of("id", "Give exactly one of `id` and `sku`.")
    if id is not None:
        return LoadRequest(catalog.reads.product_by_id, id) if is_id("prod", id) else None
    return LoadRequest(catalog.reads.product_by_sku, fold(sku or ""))


def variant(
    *,
    id: Annotated[Id | None, "The id of the variant (`var_…`)."] = None,
    sku: Annotated[str | None, LookupText(max=64, description="The SKU of the variant, ignoring case.")] = None,
) -> LoadRequest | None:
    """Fetch a variant by exactly one of id and SKU. Raises MalformedRequest for none or both."""
    if (id is None) == (sku is None):
        raise MalformedRequest.of("id", "Give exactly one of `id` and `sku`.")
    if id is not None:
        return LoadRequest(catalog.reads.variant_by_id, id) if is_id("var", id) else None
    return LoadRequest(catalog.reads.variant_by_sku, fold(sku or ""))


def category(
    *,
    id: Annotated[Id | None, "The id of the category (`cat_…`)."] = None,
    slug: Annotated[str | None, LookupText(max=64, description="The slug of the category.")] = None,
) -> LoadRequest | None:
    """Fetch a category by exactly one of id and slug. Raises MalformedRequest for none or both."""
    if (id is None) == (slug is None):
        raise MalformedRequest.of("id", "Give exactly one of `id` and `slug`.")
    if id is not None:
        return LoadRequest(catalog.reads.category_by_id, id) if is_id("cat", id) else None
    return LoadRequest(catalog.reads.category_by_slug, slug or "")
