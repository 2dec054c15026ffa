"""The use cases of the catalog."""

from domain.catalog.service.availability import mark_availability
from domain.catalog.service.derived import name_categories
from domain.catalog.service.images import add_image, remove_image
from domain.catalog.service.products import archive_product, create_product, create_products, update_product
from domain.catalog.service.selling import Naming, Sellable, find_sellable, find_sold
from domain.catalog.service.variants import add_variant, remove_variant, update_variant

__all__ = [
    "Naming",
    "Sellable",
    "add_image",
    "add_variant",
    "archive_product",
    "create_product",
    "create_products",
    "find_sellable",
    "find_sold",
    "mark_availability",
    "name_categories",
    "remove_image",
    "remove_variant",
    "update_product",
    "update_variant",
]
