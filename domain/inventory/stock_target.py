"""What callers mean when they name stock: a product by id or SKU, a variant by either, in the path or beside it."""

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
    """A product, and the one of its variants that was named."""

    product_id: str
    variant_id: str | None
    variants: Sequence[Row]
    """All of the product's."""

    def one_variant(self) -> str:
        """The variant named, or the only one. Raises ValidationFailed: with several it is never guessed."""
        if self.variant_id is not None:
            return self.variant_id
        if len(self.variants) > 1:
            message = "The product has several variants. Specify one by `variant_id` or `sku`."
            raise ValidationFailed.of(("variant_id",), ErrorCode.REQUIRED, message)
        return str(self.variants[0].id)


async def find_stock_target(
    db: Executor, key: str, variant_id: str | Unset | None = UNSET, sku: str | Unset | None = UNSET
) -> StockTarget:
    """What ``key`` names, narrowed by ``variant_id`` or ``sku``.

    A SKU is the product's own before it is a variant's. Raises NotFound, ValidationFailed for a variant that the
    product does not have, or two different ones.
    """
    product_id, named = await _find(db, key)
    variants = await reads.variants_by_product.for_key(db, product_id)
    if named is None and not is_id("prod", key):
        named = await _variant_of_sku(db, key, product_id, variants)
    wanted = {variant: path for path, variant in _narrowed(variants, variant_id, sku)}
    if named is not None:
        wanted.setdefault(named, ("product_id",))
    if len(wanted) > 1:
        message = "Identifies a different variant than the other fields do."
        raise ValidationFailed.of(next(iter(wanted.values())), ErrorCode.INVALID, message)
    return StockTarget(product_id, next(iter(wanted), None), variants)


async def _find(db: Executor, key: str) -> tuple[str, str | None]:
    """The product, and the variant where its id was given."""
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


def _narrowed(
    variants: Sequence[Row], variant_id: str | Unset | None, sku: str | Unset | None
) -> list[tuple[Path, str]]:
    """The variants said beside the key, with where they were said."""
    found: list[tuple[Path, str]] = []
    for path, given in ((("variant_id",), variant_id), (("sku",), sku)):
        if not given:
            continue
        mine = [
            each.id for each in variants if given == each.id or (path == ("sku",) and fold(given) == fold(each.sku))
        ]
        if not mine:
            raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "The product has no variant with this id or SKU.")
        found.append((path, mine[0]))
    return found
