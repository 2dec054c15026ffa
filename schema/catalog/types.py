"""Products and what they own: the types, and what can be read of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import strawberry

import resolvers.catalog
from domain import catalog, inventory
from domain.catalog import ProductStatus, WeightUnit
from domain.catalog.commands import CategoryFilter, ProductFilter
from domain.catalog.serializers import COST_SCOPES
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
        "created_at": "When it was made.",
        "updated_at": "When it last changed.",
        "name": "Its name, whatever the case and accents.",
        "price": "Its price.",
    },
)

CategorySort = sort_input(
    "CategorySort",
    reads.categories,
    {"created_at": "When it was made.", "name": "Its name, whatever the case and accents."},
)


@strawberry.type(description="A thing for sale, with at least one variant.")
class Product(Node, Versioned, prefix="prod"):
    """A row of the reads of products."""

    name: str = attribute("The name shoppers see.")
    description: str = attribute("What it is, as text.")
    sku: str = attribute("Its stock keeping unit: unique in the store, whatever the case.")
    status: ProductStatus = attribute("Whether it is for sale.")
    price: Money = money("price", description="The price of one, where a variant does not have its own.")
    metadata: Json = attribute("Your own JSON.")
    tags: list[str] = attribute("Its tags.")
    variants: list[ProductVariant] = owned_rows(
        reads.variants_by_product, key="id", description="Its variants, the default first; 100 at most."
    )
    images: list[ProductImage] = owned_rows(
        reads.images_by_product, key="id", description="Its pictures, in order; 50 at most."
    )
    categories: list[Category] = owned_rows(
        reads.categories_by_product, key="id", description="Its categories, by slug; 50 at most."
    )
    inventory: Inventory = related(
        stock.inventory_by_product, key="id", description="What lies of it, in all warehouses."
    )


def _weight(row: Any) -> catalog.Weight | None:
    return None if row.weight is None else catalog.Weight(Decimal(row.weight), WeightUnit(row.weight_unit))


@strawberry.type(description="A weight with its unit.")
class Weight:
    """Describes the domain's own Weight."""

    value: Decimal = attribute("How many units, exactly as it was given.")
    unit: WeightUnit = attribute("The unit.")


@strawberry.type(description="What is actually bought: a size, a colour.")
class ProductVariant(Node, prefix="var"):
    """A row of the reads of variants."""

    product: Product = related(reads.product_by_id, key="product_id", description="The product it is a variant of.")
    sku: str = attribute("Its stock keeping unit: unique in the store, whatever the case.")
    price: Money = money("price", description="What it costs: its own price or the product's.")
    overrides_price: bool = attribute("Whether it has a price of its own.")
    cost: Money | None = money(
        "cost", description="What one costs you. Needs products:write or analytics:read.", scopes=COST_SCOPES
    )
    attributes: Json = attribute('What sets it apart, as an object of texts: { "size": "Large" }.')
    image: ProductImage | None = owned_rows(reads.image_by_id, key="image_id", description="Its own picture.")
    weight: Weight | None = computed(
        _weight, columns=("weight", "weight_unit"), description="The weight of one piece; null: not known."
    )
    barcode: str | None = attribute("The barcode, as text; null: none. Not unique.")
    compare_at_price: Money | None = money(
        "compare_at_price", description="The price before a reduction, to be shown struck through; null: none."
    )
    inventory: int = related_column(
        stock.stock_by_variant,
        key="id",
        column="available",
        missing=0,
        description="What is available over all warehouses.",
        is_owned=True,
    )
    levels: list[InventoryLevel] = related(
        stock.levels_by_variant, key="id", description="What lies of it, by warehouse; 200 at most."
    )
    created_at: datetime = attribute("When it was made.")
    updated_at: datetime = attribute("When it last changed.")


@strawberry.type(description="A picture of a product.")
class ProductImage(Node, prefix="img"):
    """A row of the reads of images."""

    url: Url = attribute("Where it is; never fetched by the gateway.")
    alt: str | None = attribute("What it shows, for those who cannot see it.")
    position: int = attribute("Where in the product's list, counted from 0.")
    created_at: datetime = attribute("When it was made.")


@strawberry.type(description="A grouping of products.")
class Category(Node, Versioned, prefix="cat"):
    """A row of the reads of categories."""

    slug: str = attribute("The name of the category in addresses and filters; it never changes.")
    name: str = attribute("The name of the category, for people.")
    description: str = attribute("What is in the category, as text.")
    products: ProductConnection = nested(
        reads.products_by_category,
        key="id",
        description="The products of the category, newest first unless sorted.",
        filter=ProductFilter,
        sort=ProductSort,
        admit=reads.admitted,
    )


@strawberry.type(description="A page of products.")
class ProductConnection(Connection[Product]):
    """A page, and what its search has left out."""

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
        description="One product, by exactly one of id and sku.",
    )
    variant: ProductVariant | None = lookup(
        resolvers.catalog.variant,
        reads.variant_by_id,
        reads.variant_by_sku,
        description="One variant, by exactly one of id and sku.",
    )
    products: ProductConnection = listing(
        reads.products,
        description="The store's products.",
        filter=ProductFilter,
        search="Words, or their beginnings, of the name or of a SKU, whatever the case and accents; the best match "
        "first. At most 255 characters.",
        sort=ProductSort,
        admit=reads.admitted,
    )
    category: Category | None = lookup(
        resolvers.catalog.category,
        reads.category_by_id,
        reads.category_by_slug,
        description="One category, by exactly one of id and slug.",
    )
    categories: CategoryConnection = listing(
        reads.categories, description="The store's categories.", filter=CategoryFilter, sort=CategorySort
    )
