"""Commands and filters of the catalog. Every limit is written here, once, for both surfaces."""

from domain.catalog.commands.bulk import ArchiveProducts, UpdateProducts
from domain.catalog.commands.categories import (
    MAX_MOVED,
    CreateCategory,
    RemoveCategory,
    UpdateCategory,
)
from domain.catalog.commands.filters import CategoryFilter, ProductFilter
from domain.catalog.commands.images import MAX_IMAGES, AddImage, ImageInput, RemoveImage, UpdateImage
from domain.catalog.commands.products import (
    MAX_VARIANTS,
    SKU_PATTERN,
    SLUG_PATTERN,
    AddVariant,
    ArchiveProduct,
    CreateProduct,
    RemoveVariant,
    UpdateProduct,
    UpdateVariant,
    VariantChange,
    VariantInput,
    WeightInput,
)

__all__ = [
    "MAX_IMAGES",
    "MAX_MOVED",
    "MAX_VARIANTS",
    "SKU_PATTERN",
    "SLUG_PATTERN",
    "AddImage",
    "AddVariant",
    "ArchiveProduct",
    "ArchiveProducts",
    "CategoryFilter",
    "CreateCategory",
    "CreateProduct",
    "ImageInput",
    "ProductFilter",
    "RemoveCategory",
    "RemoveImage",
    "RemoveVariant",
    "UpdateCategory",
    "UpdateImage",
    "UpdateProduct",
    "UpdateProducts",
    "UpdateVariant",
    "VariantChange",
    "VariantInput",
    "WeightInput",
]
