"""The use cases of the catalog."""

from domain.catalog.service.availability import mark_availability
from domain.catalog.service.bulk import archive_products, update_products
from domain.catalog.service.categories import create_category, remove_category, slug_of, update_category
from domain.catalog.service.images import add_first_images, add_image, move_images, remove_image, update_image
from domain.catalog.service.indexes import name_categories
from domain.catalog.service.products import archive_product, create_product, create_products, update_product
from domain.catalog.service.sellable import (
    ItemReference,
    Sellable,
    find_past_sellable,
    find_sellable,
    find_unknown_skus,
)
from domain.catalog.service.variants import add_variant, remove_variant, update_variant

__all__ = [
    "ItemReference",
    "Sellable",
    "add_first_images",
    "add_image",
    "add_variant",
    "archive_product",
    "archive_products",
    "create_category",
    "create_product",
    "create_products",
    "find_past_sellable",
    "find_sellable",
    "find_unknown_skus",
    "mark_availability",
    "move_images",
    "name_categories",
    "remove_category",
    "remove_image",
    "remove_variant",
    "slug_of",
    "update_category",
    "update_image",
    "update_product",
    "update_products",
    "update_variant",
]
