"""Lookup of the product and variant that a request for stock refers to, by ids or SKUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.catalog import reads
from domain.kernel.errors import ErrorCode, NotFound, Path, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.validation import fold


@dataclass(frozen=True, slots=True)
class StockTarget:
    """A product, and the variant if the request identifies one."""

    product_id: str
    variant_id: str | None
    variants: Sequence[Row]
    """All variants of the product."""

    def one_variant(self) -> str:
        """Return the identified or the only variant. Raises ValidationFailed if there are several: none is guessed."""
        if self.variant_id is not None:
            return self.variant_id
        if len(self.variants) > 1:
            message = "The product has several variants. Specify one by `variant_id` or `sku`."
            raise ValidationFailed.of(("variant_id",), ErrorCode.REQUIRED, message)
        return str(self.variants[0].id)


async def find_stock_target(
    db: Executor, key: str, variant_id: str | Unset | None = UNSET, sku: str | Unset | None = UNSET
) -> StockTarget:
    """Find the product or variant of ``key``, restricted by ``variant_id`` or ``sku``.

    A SKU of the product precedes that of a variant. Raises NotFound, ValidationFailed for a variant that the product
    does not have, or for two different ones.
    """
    product_id, named = await _find(db, key)
    variants = await reads.variants_by_product.for_key(db, product_id)
    if named is None and not is_id("prod", key):
        named = await _variant_of_sku(db, key, product_id, variants)
    paths = {variant: path for path, variant in _restrictions(variants, variant_id, sku)}
    if named is not None:
        paths.setdefault(named, ("product_id",))
    if len(paths) > 1:
        message = "Identifies a different variant than the other fields do."
        raise ValidationFailed.of(next(iter(paths.values())), ErrorCode.INVALID, message)
    return StockTarget(product_id, next(iter(paths), None), variants)


async def _find(db: Executor, key: str) -> tuple[str, str | None]:
    """Return the product id, and the variant id if ``key`` is one."""
    if is_id("prod", key) and (product := await reads.product_by_id.for_key(db, key)) is not None:
        return product.id, None
    if is_id("var", key) and (variant := await reads.variant_by_id.for_key(db, key)) is not None:
        return variant.product_id, variant.id
    product = await reads.product_by_sku.for_key(db, fold(key))
    if product is None:
        raise NotFound("product", ("product_id",))
    return product.id, None


async def _variant_of_sku(db: Executor, key: str, product_id: str, variants: Sequence[Row]) -> str | None:
    product = await reads.product_by_id.for_key(db, product_id)
    if fold(product.sku) == fold(key):
        return None
    return next((variant.id for variant in variants if fold(variant.sku) == fold(key)), None)


def _restrictions(
    variants: Sequence[Row], variant_id: str | Unset | None, sku: str | Unset | None
) -> list[tuple[Path, str]]:
    """Return the variants of ``variant_id`` and ``sku``, with the paths of these fields."""
    found: list[tuple[Path, str]] = []
    for path, value in ((("variant_id",), variant_id), (("sku",), sku)):
        if not value:
            continue
        matches = [
            each.id for each in variants if value == each.id or (path == ("sku",) and fold(value) == fold(each.sku))
        ]
        if not matches:
            raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "The product has no variant with this id or SKU.")
        found.append((path, matches[0]))
    return found
