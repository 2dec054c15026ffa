"""What orders ask of the catalog: which variant is meant, and what it is sold as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.catalog.model import Product, ProductSku, ProductStatus, ProductVariant
from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold


@dataclass(frozen=True, slots=True)
class ItemReference:
    """How a caller names what they want: by product, by variant, by SKU, or by several that agree."""

    path: Path
    """Where in the command it stands."""
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant as it is sold now. ``price``: minor units of the store's currency."""

    product_id: str
    variant_id: str
    sku: str
    name: str
    attributes: dict[str, Any]
    price: int


async def find_sellable(work: UnitOfWork, namings: Sequence[ItemReference]) -> list[Sellable]:
    """What each naming means, in their order; two statements at most for products and variants, one more for SKUs.

    Raises ValidationFailed (nothing named, unknown, names at odds, several variants and none named), Conflict (not
    for sale).
    """
    found = await _find(work, namings)
    for naming, variant in zip(namings, found, strict=True):
        if variant.status != ProductStatus.ACTIVE:
            message = f"{variant.name} is {variant.status} and cannot be ordered."
            raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, naming.path)
    return [_sellable(row) for row in found]


async def find_past_sellable(work: UnitOfWork, namings: Sequence[ItemReference]) -> list[Sellable]:
    """As ``find_sellable`` for what was sold in the past: whether it still is for sale does not matter."""
    return [_sellable(row) for row in await _find(work, namings)]


async def _find(work: UnitOfWork, namings: Sequence[ItemReference]) -> list[Any]:
    shelf = await _shelf(work, namings)
    found: list[Any] = []
    problems: list[Problem] = []
    for naming in namings:
        meant = shelf.meant(naming)
        (problems if isinstance(meant, Problem) else found).append(meant)
    if problems:
        raise ValidationFailed(problems)
    return found


def _sellable(row: Any) -> Sellable:
    return Sellable(row.product_id, row.variant_id, row.sku, row.name, row.attributes, row.price)


class _VariantIndex:
    """All variants of every product that was named."""

    def __init__(self, rows: Sequence[Any], products_of_skus: Mapping[str, str]) -> None:
        self._products_of_skus = products_of_skus
        self._by_variant = {row.variant_id: row for row in rows}
        self._by_product: dict[str, list[Any]] = {}
        for row in rows:
            self._by_product.setdefault(row.product_id, []).append(row)

    def meant(self, naming: ItemReference) -> Any:
        """The one variant, or the problem."""
        candidates = self._candidates(naming)
        if candidates is None:
            return Problem(naming.path, ErrorCode.REQUIRED, "Identify the item by product id, variant id or SKU.")
        if not candidates:
            message = "No product, variant or SKU with this value exists in the store."
            return Problem(self._blamed(naming), ErrorCode.NOT_FOUND, message)
        if len(candidates) > 1:
            path = (*naming.path, "variant_id")
            return Problem(path, ErrorCode.REQUIRED, "The product has several variants. Specify the variant id or SKU.")
        return candidates[0]

    def _candidates(self, naming: ItemReference) -> list[Any] | None:
        """The variants that agree with all that was said."""
        ways: list[list[Any]] = []
        if naming.product_id is not None:
            ways.append(self._by_product.get(naming.product_id, []))
        if naming.variant_id is not None:
            ways.append([self._by_variant[naming.variant_id]] if naming.variant_id in self._by_variant else [])
        if naming.sku is not None:
            ways.append(self._of_sku(fold(naming.sku)))
        if not ways:
            return None
        return [row for row in ways[0] if all(row in way for way in ways[1:])]

    def _of_sku(self, key: str) -> list[Any]:
        """The variant with this SKU; of a SKU that only the product has, all its variants."""
        rows = self._by_product.get(self._products_of_skus.get(key, ""), [])
        return [row for row in rows if row.sku_key == key] or rows

    def _blamed(self, naming: ItemReference) -> Path:
        named = ("variant_id", naming.variant_id), ("sku", naming.sku), ("product_id", naming.product_id)
        return (*naming.path, next(name for name, value in named if value is not None))


async def _shelf(work: UnitOfWork, namings: Sequence[ItemReference]) -> _VariantIndex:
    products = {naming.product_id for naming in namings if naming.product_id is not None}
    of_skus = await _products_of_skus(work, {fold(naming.sku) for naming in namings if naming.sku is not None})
    products |= set(of_skus.values())
    alone = {naming.variant_id for naming in namings if naming.variant_id is not None and naming.product_id is None}
    products |= await _products_of_variants(work, alone)
    found = await _SHELF.rows(work.reader, wanted=sorted(products)) if products else []
    return _VariantIndex(found, of_skus)


async def _products_of_skus(work: UnitOfWork, keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    return {row.sku_key: row.product_id for row in await _BY_SKU.rows(work.reader, wanted=sorted(keys))}


async def _products_of_variants(work: UnitOfWork, ids: set[str]) -> set[str]:
    if not ids:
        return set()
    return {row.product_id for row in await _BY_VARIANT.rows(work.reader, wanted=sorted(ids))}


_WANTED = any_(bindparam("wanted", type_=ARRAY(Text)))
_product, _variant, _sku = Product.__table__.c, ProductVariant.__table__.c, ProductSku.__table__.c
_SHELF = Statement(
    "shelf",
    select(
        _product.id.label("product_id"),
        _product.name,
        _product.status,
        _variant.id.label("variant_id"),
        _variant.sku,
        _variant.sku_key,
        _variant.attributes,
        _variant.price,
    )
    .join(ProductVariant, (_variant.store_id == _product.store_id) & (_variant.product_id == _product.id))
    .where(_product.store_id == STORE, _product.id == _WANTED),
)
_BY_SKU = Statement(
    "products_by_sku", select(_sku.sku_key, _sku.product_id).where(_sku.store_id == STORE, _sku.sku_key == _WANTED)
)
_BY_VARIANT = Statement(
    "products_by_variant", select(_variant.product_id).where(_variant.store_id == STORE, _variant.id == _WANTED)
)
