"""Use cases of variants, and the merge of variants into a product."""

from __future__ import annotations

from collections.abc import Sequence

from domain.catalog.commands import (
    MAX_VARIANTS,
    AddVariant,
    CreateProduct,
    RemoveVariant,
    UpdateVariant,
    VariantChange,
    VariantInput,
)
from domain.catalog.events import StockDeclared, VariantRemoved
from domain.catalog.model import Product, ProductVariant, Weight
from domain.catalog.service.changes import ProductChange, lock_product
from domain.catalog.service.images import image_for
from domain.catalog.service.indexes import index_names
from domain.kernel.errors import Conflict, ErrorCode, NotFound, Path, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold

VariantFields = VariantInput | VariantChange | AddVariant | UpdateVariant
Stock = dict[str, tuple[str, int, Path]]
"""Available quantities by variant id: the product's id, the quantity, and its path in the command."""


@use_case("products:write")
async def add_variant(work: UnitOfWork, principal: Principal, command: AddVariant) -> ProductVariant:
    """Add a variant to a product. Raises NotFound, Conflict (stale version, SKU in use), ValidationFailed."""
    change = await lock_product(work, command.product_id, command.expected_version)
    product = change.product
    if fold(command.sku) in {variant.sku_key for variant in product.variants}:
        raise Conflict("This SKU is already in use.", ErrorCode.TAKEN, ("sku",))
    variant = _new_variant(work, product, command.sku, ())
    stock = _apply(work, product, variant, command)
    return await _save(work, change, variant, stock, is_renamed=True)


@use_case("products:write")
async def update_variant(work: UnitOfWork, principal: Principal, command: UpdateVariant) -> ProductVariant:
    """Update a variant. Raises NotFound, Conflict, ValidationFailed."""
    change = await lock_product(work, command.product_id, command.expected_version)
    product = change.product
    variant = _find(product, command.id)
    before = variant.sku
    stock = _apply(work, product, variant, command)
    if command.sku is not UNSET and any(
        other.sku_key == variant.sku_key for other in product.variants if other is not variant
    ):
        raise Conflict("This SKU is already in use.", ErrorCode.TAKEN, ("sku",))
    return await _save(work, change, variant, stock, is_renamed=variant.sku != before)


@use_case("products:write")
async def remove_variant(work: UnitOfWork, principal: Principal, command: RemoveVariant) -> Product:
    """Remove a variant, write off its stock and free its SKU.

    Raises NotFound, Conflict (stale version, the last variant, reserved stock).
    """
    change = await lock_product(work, command.product_id, command.expected_version)
    product = change.product
    variant = _find(product, command.id)
    if len(product.variants) == 1:
        raise Conflict(
            "The last variant of a product cannot be removed. Archive the product instead.",
            ErrorCode.ILLEGAL_TRANSITION,
            ("id",),
        )
    await work.emit(VariantRemoved(product.id, variant.id))
    product.variants.remove(variant)
    _renumber(product)
    await work.flush()
    await index_names(work, product, {})
    change.announce(work)
    await work.flush()
    return product


async def _save(
    work: UnitOfWork, change: ProductChange, variant: ProductVariant, stock: Stock, *, is_renamed: bool
) -> ProductVariant:
    """Write a variant with its names and stock, and announce the change of the product. Raises Conflict (a SKU)."""
    await work.flush()
    if is_renamed:
        await index_names(work, change.product, {variant.sku_key: ("sku",)})
    await declare_stock(work, stock)
    change.announce(work)
    await work.flush()
    return variant


def new_variants(work: UnitOfWork, product: Product, command: CreateProduct) -> Stock:
    """Add the variants of a new product, by default one with the product's SKU. Returns the stock to open.

    Raises ValidationFailed for a duplicate SKU.
    """
    inputs = [VariantInput(sku=product.sku)] if command.variants is UNSET else command.variants
    stock: Stock = {}
    for index, entry in enumerate(inputs):
        path: Path = ("variants", index)
        variant = _new_variant(work, product, entry.sku, path)
        stock |= _apply(work, product, variant, entry, path)
    _refuse_repeats(product.variants)
    return stock


def merge_variants(work: UnitOfWork, product: Product, changes: Sequence[VariantChange]) -> Stock:
    """Merge variants by id, then by SKU: unknown ones are added, others stay. Returns the stock to set.

    Raises ValidationFailed: an id the product does not have, no id and no SKU, a duplicate variant or SKU, too many.
    """
    stock: Stock = {}
    merged: list[ProductVariant] = []
    for index, entry in enumerate(changes):
        path: Path = ("variants", index)
        variant = _matching(product, entry, path) or _add_variant(work, product, entry, path)
        if variant in merged:
            raise ValidationFailed.of(path, ErrorCode.DUPLICATE, "The variant occurs twice in the request.")
        merged.append(variant)
        stock |= _apply(work, product, variant, entry, path)
    if len(product.variants) > MAX_VARIANTS:
        raise ValidationFailed.of(
            ("variants",), ErrorCode.TOO_LONG, f"A product can have at most {MAX_VARIANTS} variants."
        )
    _refuse_repeats(merged, [variant for variant in product.variants if variant not in merged])
    return stock


async def declare_stock(work: UnitOfWork, stock: Stock) -> None:
    """Signal the available quantities to inventory, if the command sets any."""
    if stock:
        await work.emit(StockDeclared(stock))


def _matching(product: Product, entry: VariantChange, path: Path) -> ProductVariant | None:
    if entry.id is not UNSET:
        found = next((variant for variant in product.variants if variant.id == entry.id), None)
        if found is None:
            raise ValidationFailed.of((*path, "id"), ErrorCode.NOT_FOUND, "The product has no variant with this id.")
        return found
    key = fold(entry.sku) if entry.sku is not UNSET else None
    return next((variant for variant in product.variants if variant.sku_key == key), None)


def _add_variant(work: UnitOfWork, product: Product, entry: VariantChange, path: Path) -> ProductVariant:
    if entry.sku is UNSET:
        raise ValidationFailed.of((*path, "sku"), ErrorCode.REQUIRED, "Identify the variant by id or SKU.")
    return _new_variant(work, product, entry.sku, path)


def _new_variant(work: UnitOfWork, product: Product, sku: str, path: Path) -> ProductVariant:
    if len(product.variants) >= MAX_VARIANTS:
        raise ValidationFailed.of(path, ErrorCode.TOO_LONG, f"A product can have at most {MAX_VARIANTS} variants.")
    variant = ProductVariant(
        store_id=work.store.number,
        id=new_id("var"),
        product_id=product.id,
        sku=sku,
        sku_key=fold(sku),
        price=product.price,
        overrides_price=False,
        cost=None,
        currency=product.currency,
        attributes={},
        image_id=None,
        position=len(product.variants),
        created_at=work.now,
        updated_at=work.now,
        weight=None,
        weight_unit=None,
        barcode=None,
        compare_at_price=None,
    )
    product.variants.append(variant)
    return variant


def _apply(
    work: UnitOfWork, product: Product, variant: ProductVariant, fields: VariantFields, path: Path = ()
) -> Stock:
    """Apply the fields that are set to the variant. Returns the stock to set."""
    if fields.sku is not UNSET:
        variant.set_sku(fields.sku)
    if fields.price is None:
        variant.set_price(product.price, overrides=False)
    elif fields.price is not UNSET:
        variant.set_price(fields.price.minor_units, overrides=True)
    if fields.cost is not UNSET:
        variant.cost = None if fields.cost is None else fields.cost.minor_units
    if fields.attributes is not UNSET:
        variant.attributes = fields.attributes
    if fields.image is not UNSET:
        variant.image_id = None if fields.image is None else image_for(work, product, fields.image).id
    _apply_measures(variant, fields)
    return {} if fields.inventory is UNSET else {variant.id: (product.id, fields.inventory, (*path, "inventory"))}


def _apply_measures(variant: ProductVariant, fields: VariantFields) -> None:
    if fields.weight is not UNSET:
        variant.set_weight(None if fields.weight is None else Weight(fields.weight.value, fields.weight.unit))
    if fields.barcode is not UNSET:
        variant.barcode = fields.barcode or None
    if fields.compare_at_price is not UNSET:
        reduced = fields.compare_at_price
        variant.compare_at_price = None if reduced is None else reduced.minor_units


def _find(product: Product, variant_id: str) -> ProductVariant:
    for variant in product.variants:
        if variant.id == variant_id:
            return variant
    raise NotFound("variant")


def _refuse_repeats(variants: Sequence[ProductVariant], others: Sequence[ProductVariant] = ()) -> None:
    """Raise ValidationFailed for a duplicate SKU.

    ``variants``: in the order of the command. ``others``: those of the product that are not in the command.
    """
    seen = {variant.sku_key for variant in others}
    for index, variant in enumerate(variants):
        if variant.sku_key in seen:
            raise ValidationFailed.of(
                ("variants", index, "sku"), ErrorCode.DUPLICATE, "Two variants of the product would have this SKU."
            )
        seen.add(variant.sku_key)


def _renumber(product: Product) -> None:
    for position, variant in enumerate(product.variants):
        variant.position = position
