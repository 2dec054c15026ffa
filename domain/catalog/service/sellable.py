"""Lookup of the variants that order lines refer to, with name and price."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, any_, bindparam, column, func, literal_column, select, true, union
from sqlalchemy.dialects.postgresql import ARRAY

from domain.catalog.model import Product, ProductSku, ProductStatus, ProductVariant
from domain.kernel.errors import Conflict, ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold_key


@dataclass(frozen=True, slots=True)
class ItemReference:
    """A reference to a variant: by product, variant, SKU, or several of them that agree."""

    path: Path
    """Path of the reference in the command."""
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant with its current name, price and cost. Amounts: minor units of the store's currency."""

    product_id: str
    variant_id: str
    sku: str
    name: str
    attributes: dict[str, Any]
    price: int
    cost: int | None


async def find_sellable(work: UnitOfWork, references: Sequence[ItemReference]) -> list[Sellable]:
    """Find the variant of each reference, by one statement for products and variants, and one for SKUs.

    Raises ValidationFailed (empty, unknown or contradictory reference, several variants and none specified), Conflict
    (not for sale).
    """
    found = await _find(work, references)
    for reference, variant in zip(references, found, strict=True):
        if variant.status != ProductStatus.ACTIVE:
            message = f"{variant.name} is {variant.status} and cannot be ordered."
            raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, reference.path)
    return [_sellable(row) for row in found]


async def find_past_sellable(work: UnitOfWork, references: Sequence[ItemReference]) -> list[Sellable]:
    """Find the variants of past sales as ``find_sellable`` does, whether or not they are still for sale."""
    return [_sellable(row) for row in await _find(work, references)]


async def find_unknown_skus(work: UnitOfWork, keys: Collection[str]) -> list[str]:
    """Those of the folded SKUs that no product or variant of the store has, in their order."""
    known = await _products_of_skus(work, set(keys))
    return [key for key in keys if key not in known]


async def _find(work: UnitOfWork, references: Sequence[ItemReference]) -> list[Any]:
    index = await _load_index(work, references)
    found: list[Any] = []
    problems: list[Problem] = []
    for reference in references:
        match = index.find(reference)
        (problems if isinstance(match, Problem) else found).append(match)
    if problems:
        raise ValidationFailed(problems)
    return found


def _sellable(row: Any) -> Sellable:
    return Sellable(row.product_id, row.variant_id, row.sku, row.name, row.attributes, row.price, row.cost)


class _VariantIndex:
    """The variants of all products that the references concern."""

    def __init__(self, rows: Sequence[Any], products_of_skus: Mapping[str, str]) -> None:
        self._products_of_skus = products_of_skus
        self._by_variant = {row.variant_id: row for row in rows}
        self._by_product: dict[str, list[Any]] = {}
        for row in rows:
            self._by_product.setdefault(row.product_id, []).append(row)

    def find(self, reference: ItemReference) -> Any:
        """Return the variant of the reference, or a Problem."""
        candidates = self._candidates(reference)
        if candidates is None:
            return Problem(reference.path, ErrorCode.REQUIRED, "Identify the item by product id, variant id or SKU.")
        if not candidates:
            message = "No product, variant or SKU with this value exists in the store."
            return Problem(self._problem_field(reference), ErrorCode.NOT_FOUND, message)
        if len(candidates) > 1:
            path = (*reference.path, "variant_id")
            return Problem(path, ErrorCode.REQUIRED, "The product has several variants. Specify the variant id or SKU.")
        return candidates[0]

    def _candidates(self, reference: ItemReference) -> list[Any] | None:
        """Return the variants that match all parts of the reference. None if it has no part."""
        matches: list[list[Any]] = []
        if reference.product_id is not None:
            matches.append(self._by_product.get(reference.product_id, []))
        if reference.variant_id is not None:
            matches.append([self._by_variant[reference.variant_id]] if reference.variant_id in self._by_variant else [])
        if reference.sku is not None:
            matches.append(self._of_sku(fold_key(reference.sku)))
        if not matches:
            return None
        return [row for row in matches[0] if all(row in rows for rows in matches[1:])]

    def _of_sku(self, key: str) -> list[Any]:
        """Return the variant with this SKU. For a SKU that belongs to the product only, all variants."""
        rows = self._by_product.get(self._products_of_skus.get(key, ""), [])
        return [row for row in rows if row.sku_key == key] or rows

    def _problem_field(self, reference: ItemReference) -> Path:
        named = ("variant_id", reference.variant_id), ("sku", reference.sku), ("product_id", reference.product_id)
        return (*reference.path, next(name for name, value in named if value is not None))


async def _load_index(work: UnitOfWork, references: Sequence[ItemReference]) -> _VariantIndex:
    products = {reference.product_id for reference in references if reference.product_id is not None}
    of_skus = await _products_of_skus(
        work, {fold_key(reference.sku) for reference in references if reference.sku is not None}
    )
    products |= set(of_skus.values())
    alone = {
        reference.variant_id
        for reference in references
        if reference.variant_id is not None and reference.product_id is None
    }
    sought = {"products": sorted(products), "variants": sorted(alone)}
    found = await _VARIANTS.rows(work.reader, **sought) if products or alone else []
    return _VariantIndex(found, of_skus)


async def _products_of_skus(work: UnitOfWork, keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    return {row.sku_key: row.product_id for row in await _BY_SKU.rows(work.reader, keys=sorted(keys))}


_product, _variant, _sku = Product.__table__.c, ProductVariant.__table__.c, ProductSku.__table__.c


def _each(found: Select[Any], name: str) -> Any:
    """What is found for each of the values that are looked up, by an index.

    As plain joins PostgreSQL turned them around while its statistics said that the tables are empty, as in the first
    minutes of an import: a thousand values were compared with each row of the store. OFFSET 0 forbids that.
    """
    return found.offset(literal_column("0")).lateral(name)


_sought = union(
    select(func.unnest(bindparam("products", type_=ARRAY(Text))).label("id")),
    select(_variant.product_id).where(
        _variant.store_id == STORE, _variant.id == any_(bindparam("variants", type_=ARRAY(Text)))
    ),
).subquery("sought")
_product_found = _each(
    select(_product.id, _product.name, _product.status).where(_product.store_id == STORE, _product.id == _sought.c.id),
    "found_product",
)
_variant_found = _each(
    select(_variant.id, _variant.sku, _variant.sku_key, _variant.attributes, _variant.price, _variant.cost).where(
        _variant.store_id == STORE, _variant.product_id == _sought.c.id
    ),
    "found_variant",
)
_VARIANTS = Statement(
    "variants_of_products",
    select(
        _product_found.c.id.label("product_id"),
        _product_found.c.name,
        _product_found.c.status,
        _variant_found.c.id.label("variant_id"),
        _variant_found.c.sku,
        _variant_found.c.sku_key,
        _variant_found.c.attributes,
        _variant_found.c.price,
        _variant_found.c.cost,
    ).select_from(_sought.join(_product_found, true()).join(_variant_found, true())),
)
_named = func.unnest(bindparam("keys", type_=ARRAY(Text))).table_valued(column("key", KEY_TEXT)).render_derived("named")
_sku_found = _each(
    select(_sku.sku_key, _sku.product_id).where(_sku.store_id == STORE, _sku.sku_key == _named.c.key), "found_sku"
)
_BY_SKU = Statement(
    "products_by_sku",
    select(_sku_found.c.sku_key, _sku_found.c.product_id).select_from(_named.join(_sku_found, true())),
)
