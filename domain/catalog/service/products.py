"""Use cases of products."""

from __future__ import annotations

from collections.abc import Sequence

from domain.catalog.commands import ArchiveProduct, CreateProduct, UpdateProduct
from domain.catalog.events import ProductCreated
from domain.catalog.model import Product, ProductStatus
from domain.catalog.service.changes import ProductChange, lock_product
from domain.catalog.service.images import new_images, replace_images
from domain.catalog.service.indexes import index_names, index_products, index_status, index_tags, replace_categories
from domain.catalog.service.variants import Stock, declare_stock, merge_variants, new_variants
from domain.catalog.snapshot import product_snapshot
from domain.kernel.errors import Path
from domain.kernel.fields import UNSET, merge_metadata
from domain.kernel.fields.tags import unique_tags
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold, name_key_of


@use_case("products:write")
async def create_product(work: UnitOfWork, principal: Principal, command: CreateProduct) -> Product:
    """Create a product with its variants, images, categories and tags, and open its stock.

    Raises ValidationFailed (a duplicate SKU, too many images), Conflict (a SKU is in use).
    """
    (product,) = await create_products(work, principal, [command])
    return product


async def create_products(work: UnitOfWork, principal: Principal, commands: Sequence[CreateProduct]) -> list[Product]:
    """Create many products by one statement per table. Used by the demo and by imports.

    Raises as ``create_product``; then none of them is created.
    """
    products = [_new_product(work, principal, command) for command in commands]
    categories = [sorted(set(command.categories)) for command in commands]
    stock: Stock = {}
    for product, command in zip(products, commands, strict=True):
        product.images = new_images(work, command.images)
        stock |= new_variants(work, product, command)
        work.add(product)
    await work.flush()
    await index_products(work, products, categories)
    await declare_stock(work, stock)
    for product, slugs in zip(products, categories, strict=True):
        work.record(ProductCreated(product.id, product.sequence, product_snapshot(product, slugs)))
    await work.flush()
    return products


@use_case("products:write")
async def update_product(work: UnitOfWork, principal: Principal, command: UpdateProduct) -> Product:
    """Update a product. An update without a difference changes no version and records no event.

    Raises NotFound, Conflict (stale version, a SKU is in use), ValidationFailed (a variant or image that the product
    does not have, a duplicate SKU).
    """
    change = await lock_product(work, command.id, command.expected_version)
    product = change.product
    names, status = _names(product), product.status
    _apply_fields(product, command)
    if command.images is not UNSET:
        replace_images(work, product, command.images)
    stock = {} if command.variants is UNSET else merge_variants(work, product, command.variants)
    await work.flush()
    if product.status != status:
        await index_status(work, product)
    if _names(product) != names:
        await index_names(work, product, _sku_paths(command))
    await _apply_lists(work, change, command)
    await declare_stock(work, stock)
    change.announce(work)
    await work.flush()
    return product


@use_case("products:write")
async def archive_product(work: UnitOfWork, principal: Principal, command: ArchiveProduct) -> Product:
    """Archive a product. Archiving it again changes nothing. Raises NotFound, Conflict (stale version)."""
    change = await lock_product(work, command.id, command.expected_version)
    if change.product.status != ProductStatus.ARCHIVED:
        change.product.status = ProductStatus.ARCHIVED
        await work.flush()
        await index_status(work, change.product)
    change.announce(work)
    await work.flush()
    return change.product


def _new_product(work: UnitOfWork, principal: Principal, command: CreateProduct) -> Product:
    return Product(
        store_id=work.store.number,
        id=new_id("prod"),
        name=command.name,
        name_key=name_key_of(command.name),
        description=command.description,
        sku=command.sku,
        status=command.status,
        price=command.price.minor_units,
        currency=principal.store.currency,
        tags=unique_tags(command.tags),
        metadata_=merge_metadata({}, command.metadata),
        version=1,
        sequence=1,
        created_at=work.now,
        updated_at=work.now,
        variants=[],
        images=[],
    )


def _apply_fields(product: Product, command: UpdateProduct) -> None:
    if command.name is not UNSET:
        product.rename(command.name)
    if command.description is not UNSET:
        product.description = command.description
    if command.price is not UNSET:
        product.set_price(command.price.minor_units)
    if command.sku is not UNSET:
        product.set_sku(command.sku)
    if command.status is not UNSET:
        product.status = command.status
    if command.metadata is not UNSET:
        product.metadata_ = merge_metadata(product.metadata_, command.metadata)


async def _apply_lists(work: UnitOfWork, change: ProductChange, command: UpdateProduct) -> None:
    if command.tags is not UNSET:
        change.product.tags = unique_tags(command.tags)
        await index_tags(work, change.product)
    if command.categories is not UNSET:
        change.categories = sorted(set(command.categories))
        await replace_categories(work, change.product, change.categories)


def _names(product: Product) -> tuple[str, ...]:
    """Return the texts from which the SKUs and words of a product are indexed."""
    return product.name, product.sku, *(variant.sku for variant in product.variants)


def _sku_paths(command: UpdateProduct) -> dict[str, Path]:
    """Return the path of each SKU key in the command."""
    entries = () if command.variants is UNSET else command.variants
    paths: dict[str, Path] = {
        fold(entry.sku): ("variants", index, "sku") for index, entry in enumerate(entries) if entry.sku is not UNSET
    }
    return paths if command.sku is UNSET else {**paths, fold(command.sku): ("sku",)}
