"""GraphQL types, queries and mutations of the catalog."""

from schema.catalog import mutations, types
from schema.catalog.mutations import CatalogMutation
from schema.catalog.types import CatalogQuery, Category, Product, ProductImage, ProductVariant

__all__ = [
    "CatalogMutation",
    "CatalogQuery",
    "Category",
    "Product",
    "ProductImage",
    "ProductVariant",
    "mutations",
    "types",
]
