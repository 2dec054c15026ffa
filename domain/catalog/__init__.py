"""The catalog: products, their variants, images, categories and tags."""

from domain.catalog import commands, document, reads, snapshot
from domain.catalog.events import ProductCreated, ProductDeleted, ProductUpdated, StockDeclared, VariantRemoved
from domain.catalog.model import Product, ProductImage, ProductStatus, ProductVariant
from domain.catalog.service import (
    Naming,
    Sellable,
    add_image,
    add_variant,
    archive_product,
    create_product,
    create_products,
    find_sellable,
    find_sold,
    mark_availability,
    name_categories,
    remove_image,
    remove_variant,
    update_product,
    update_variant,
)

__all__ = [
    "Naming",
    "Product",
    "ProductCreated",
    "ProductDeleted",
    "ProductImage",
    "ProductStatus",
    "ProductUpdated",
    "ProductVariant",
    "Sellable",
    "StockDeclared",
    "VariantRemoved",
    "add_image",
    "add_variant",
    "archive_product",
    "commands",
    "create_product",
    "create_products",
    "document",
    "find_sellable",
    "find_sold",
    "mark_availability",
    "name_categories",
    "reads",
    "remove_image",
    "remove_variant",
    "snapshot",
    "update_product",
    "update_variant",
]
