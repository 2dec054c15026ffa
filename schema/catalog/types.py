"""Types and queries of products, variants, images and categories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import strawberry

import resolvers.catalog
from domain import catalog, inventory
from domain.catalog import ProductStatus, WeightUnit
from domain.catalog.commands import CategoryFilter, ProductFilter
from domain.catalog.documents import COST_SCOPES
from schema.enums import sort_input
from schema.fields import (
    attribute,
    computed,
    listing,
    lookup,
    nested,
    owned_rows,
    related,
    related_column,
)
from schema.money import Money, money
from schema.relay import Connection, Node, Versioned, search_truncated
from schema.scalars import Json, Url

if TYPE_CHECKING:
    from schema.inventory import Inventory, InventoryLevel

reads, stock = catalog.reads, inventory.reads

ProductSort = sort_input(
    "ProductSort",
    reads.products,
    {
        "created_at": "The time of creation.",
        "updated_at": "The time of the last change.",
        "name": "The name, ignoring case and accents.",
        "price": "The price.",
    },
)

CategorySort = sort_input(
    "CategorySort",
    reads.categories,
    {"created_at": "The time of creation.", "name": "The name, ignoring case and accents."},
)


@strawberry.type(description="A product. It has at least one variant.")
class Product(Node, Versioned, prefix="prod"):
    """A row of the reads of products."""

    name: str = attribute("The name shown to shoppers.")
    description: str = attribute("The description, as plain text.")
    sku: str = attribute("The stock keeping unit (SKU). Unique in the store, ignoring case.")
    status: ProductStatus = attribute("The status of the product.")
    price: Money = money("price", description="The unit price. Applies to variants without a price of their own.")
    metadata: Json = attribute("Custom JSON data.")
    tags: list[str] = attribute("The tags.")
    variants: list[ProductVariant] = owned_rows(
        reads.variants_by_product, key="id", description="The variants, the default variant first. At most 100."
    )
    images: list[ProductImage] = owned_rows(
        reads.images_by_product, key="id", description="The images, in display order. At most 50."
    )
    categories: list[Category] = owned_rows(
        reads.categories_by_product, key="id", description="The categories, sorted by slug. At most 50."
    )
    inventory: Inventory = related(
        stock.inventory_by_product, key="id", description="The stock of the product in all warehouses."
    )


class _WeightOfRow:
    """Builds the weight of a row from two columns: the number and its unit. None if there is no number."""

    plain: Mapping[str, str] = MappingProxyType({"value": "weight", "unit": "weight_unit"})
    """The members that are plain columns. The weight is None if the first of them is null."""

    def __call__(self, row: Any) -> catalog.Weight | None:
        """The row's weight."""
        return None if row.weight is None else catalog.Weight(Decimal(row.weight), WeightUnit(row.weight_unit))


@strawberry.type(description="A weight with its unit.")
class Weight:
    """The GraphQL type of the domain's Weight."""

    value: Decimal = attribute("The number of units, exactly as entered.")
    unit: WeightUnit = attribute("The unit of mass.")


@strawberry.type(description="A variant of a product, such as a size or a colour. Orders refer to variants.")
class ProductVariant(Node, prefix="var"):
    """A row of the reads of variants."""

    product: Product = related(
        reads.product_by_id, key="product_id", description="The product that the variant belongs to."
    )
    sku: str = attribute("The stock keeping unit (SKU). Unique in the store, ignoring case.")
    price: Money = money("price", description="The unit price: the variant's own, or the product's.")
    overrides_price: bool = attribute("Whether the variant has a price of its own.")
    cost: Money | None = money(
        "cost",
        description="The purchase cost per unit. Requires `products:write` or `analytics:read`.",
        scopes=COST_SCOPES,
    )
    attributes: Json = attribute('The attributes that distinguish the variant, for example `{"size": "Large"}`.')
    image: ProductImage | None = owned_rows(
        reads.image_by_id, key="image_id", description="The image of the variant. Null if it has none of its own."
    )
    weight: Weight | None = computed(
        _WeightOfRow(), columns=("weight", "weight_unit"), description="The weight of one unit. Null if not known."
    )
    barcode: str | None = attribute("The barcode, as text. Not unique. Null if there is none.")
    compare_at_price: Money | None = money(
        "compare_at_price", description="The price before a reduction, shown struck through. Null if there is none."
    )
    inventory: int = related_column(
        stock.stock_by_variant,
        key="id",
        column="available",
        missing=0,
        description="The quantity available in all warehouses.",
        is_owned=True,
    )
    levels: list[InventoryLevel] = related(
        stock.levels_by_variant, key="id", description="The stock of the variant by warehouse. At most 200."
    )
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")


@strawberry.type(description="An image of a product.")
class ProductImage(Node, prefix="img"):
    """A row of the reads of images."""

    url: Url = attribute("The URL of the image. The gateway never fetches it.")
    alt: str | None = attribute("The alternative text for screen readers.")
    position: int = attribute("The position in the list of images, starting at 0.")
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="A category of products.")
class Category(Node, Versioned, prefix="cat"):
    """A row of the reads of categories."""

    slug: str = attribute("The name used in URLs and filters. Never changes.")
    name: str = attribute("The display name.")
    description: str = attribute("The description, as plain text.")
    products: ProductConnection = nested(
        reads.products_by_category,
        key="id",
        description="The products of the category, newest first by default.",
        filter=ProductFilter,
        sort=ProductSort,
        check_filters=reads.check_filters,
    )


@strawberry.type(description="A page of products.")
class ProductConnection(Connection[Product]):
    """A page of products, with whether its search was cut."""

    search_truncated: bool = attribute(search_truncated("products"))


@strawberry.type(description="A page of categories.")
class CategoryConnection(Connection[Category]):
    """A page of categories."""


@strawberry.type
class CatalogQuery:
    """Root reads of the catalog."""

    product: Product | None = lookup(
        resolvers.catalog.product,
        reads.product_by_id,
        reads.product_by_sku,
        description="Fetch a product by `id` or `sku`. Give exactly one of them.",
    )
    variant: ProductVariant | None = lookup(
        resolvers.catalog.variant,
        reads.variant_by_id,
        reads.variant_by_sku,
        description="Fetch a variant by `id` or `sku`. Give exactly one of them.",
    )
    products: ProductConnection = listing(
        reads.products,
        description="List the products of the store.",
        filter=ProductFilter,
        search="Search in names and SKUs, by words or prefixes, ignoring case and accents. Best match first. "
        "At most 255 characters.",
        sort=ProductSort,
        check_filters=reads.check_filters,
    )
    category: Category | None = lookup(
        resolvers.catalog.category,
        reads.category_by_id,
        reads.category_by_slug,
        description="Fetch a category by `id` or `slug`. Give exactly one of them.",
    )
    categories: CategoryConnection = listing(
        reads.categories, description="List the categories of the store.", filter=CategoryFilter, sort=CategorySort
    )
