"""The catalog as REST and webhooks write it, and as the event log stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, NotRequired, TypedDict

import orjson

from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.serialization import Major, Shown, instant, major
from domain.kernel.sql.executor import Row

_ID = Shown(description="Its id; never changes.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)
_CREATED = Shown(
    description="When it was made, UTC.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
_UPDATED = Shown(
    description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)


class ImageDocument(TypedDict):
    """A picture of a product."""

    id: Annotated[str, Shown(description="Its id.", example="img_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    url: Annotated[
        str, Shown(description="Where it is; never fetched by the gateway.", example="https://images.example.com/1.jpg")
    ]
    alt: Annotated[str | None, Shown(description="What it shows.", example="Seen from the front")]
    position: Annotated[int, Shown(description="Where in the list, counted from 0.", example=0)]


class WeightDocument(TypedDict):
    """A weight with its unit."""

    value: Annotated[Major, Shown(description="How many units, exactly as it was given.", example=1.25)]
    unit: Annotated[WeightUnit, Shown(description="The unit: g, kg, oz or lb.", example="kg")]


class VariantThen(TypedDict):
    """A variant of a product, as an event shows it."""

    id: Annotated[str, Shown(description="Its id.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[
        str, Shown(description="The id of its product.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)
    ]
    sku: Annotated[str, Shown(description="Its stock keeping unit.", example="HEADPHONE-001-BLUE")]
    price: Annotated[
        Major | None, Shown(description="Its own price, overriding the product's; null without one.", example=189.99)
    ]
    effective_price: Annotated[
        Major, Shown(description="What it costs: its own price or the product's.", example=189.99, read_only=True)
    ]
    cost: NotRequired[
        Annotated[
            Major | None,
            Shown(description="What one costs you; only with products:write or analytics:read.", example=80.00),
        ]
    ]
    attributes: Annotated[
        dict[str, str], Shown(description="What sets it apart.", example={"size": "Large", "color": "Blue"})
    ]
    image: Annotated[
        str | None, Shown(description="The URL of its own picture.", example="https://images.example.com/blue.jpg")
    ]
    weight: Annotated[WeightDocument | None, Shown(description="The weight of one piece; null: not known.")]
    barcode: Annotated[
        str | None, Shown(description="The barcode, as text; null: none. Not unique.", example="5012345678900")
    ]
    compare_at_price: Annotated[
        Major | None,
        Shown(description="The price before a reduction, to be shown struck through; null: none.", example=249.99),
    ]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class VariantDocument(VariantThen):
    """A variant of a product."""

    inventory: Annotated[int, Shown(description="What is available over all warehouses.", example=25, versioned=False)]


class _ProductHead(TypedDict):
    """What a product and its snapshot have in common, before the variants."""

    id: Annotated[str, _ID]
    name: Annotated[str, Shown(description="The name shoppers see.", example="Premium Wireless Headphones")]
    description: Annotated[str, Shown(description="What it is.", example="High-quality audio experience")]
    sku: Annotated[str, Shown(description="Its stock keeping unit.", example="HEADPHONE-001")]
    status: Annotated[ProductStatus, Shown(description="Whether it is for sale.", example="active")]
    price: Annotated[Major, Shown(description="The price of one, in major units.", example=199.99)]
    currency: Annotated[str, Shown(description="ISO 4217, lower case: the store's.", example="gbp", read_only=True)]
    categories: Annotated[
        list[str], Shown(description="The slugs of its categories.", example=["audio", "electronics"])
    ]
    tags: Annotated[list[str], Shown(description="Its tags.", example=["new"])]
    metadata: Annotated[dict[str, Any], Shown(description="Your own JSON.", example={"season": "summer"})]


class _ProductTail(TypedDict):
    """What they have in common after the variants."""

    images: Annotated[list[ImageDocument], Shown(description="Its pictures, in order.")]
    version: Annotated[int, Shown(description="Counts its changes; send it back to write safely.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class ProductDocument(_ProductHead, _ProductTail):
    """A product with all that it owns."""

    variants: Annotated[list[VariantDocument], Shown(description="Its variants, the default first.")]


class ProductThen(_ProductHead, _ProductTail):
    """A product with all that it owned at the moment of an event."""

    variants: Annotated[list[VariantThen], Shown(description="Its variants, the default first.")]


class CategoryDocument(TypedDict):
    """A grouping of products."""

    id: Annotated[str, Shown(description="Its id.", example="cat_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    slug: Annotated[
        str, Shown(description="The name of the category in addresses and filters; it never changes.", example="audio")
    ]
    name: Annotated[str, Shown(description="The name of the category, for people.", example="Electronics")]
    description: Annotated[
        str, Shown(description="What is in the category, as text.", example="Everything with a plug.")
    ]
    version: Annotated[int, Shown(description="Counts its changes; send it back to write safely.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


COST_SCOPES = ("products:write", "analytics:read")
"""Either lets a caller see what things cost the merchant."""


def image_document(row: Row) -> ImageDocument:
    """An image as REST writes it."""
    return {"id": row.id, "url": row.url, "alt": row.alt, "position": row.position}


def variant_then(row: Row, images: Sequence[Row], *, with_cost: bool) -> VariantThen:
    """A variant as an event shows it: without stock, which another area keeps."""
    shown = next((image.url for image in images if image.id == row.image_id), None)
    effective = major(row.price, row.currency)
    document: VariantThen = {
        "id": row.id,
        "product_id": row.product_id,
        "sku": row.sku,
        "price": effective if row.overrides_price else None,
        "effective_price": effective,
        "attributes": row.attributes,
        "image": shown,
        "weight": _weight(row),
        "barcode": row.barcode,
        "compare_at_price": None if row.compare_at_price is None else major(row.compare_at_price, row.currency),
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }
    if with_cost:
        document["cost"] = None if row.cost is None else major(row.cost, row.currency)
    return document


def _weight(row: Row) -> WeightDocument | None:
    if row.weight is None:
        return None
    return {"value": orjson.Fragment(f"{Decimal(row.weight):f}".encode()), "unit": row.weight_unit}


def variant_document(row: Row, images: Sequence[Row], stock: Mapping[str, int], *, with_cost: bool) -> VariantDocument:
    """A variant as REST writes it. ``stock``: what is available, by variant id."""
    return {**variant_then(row, images, with_cost=with_cost), "inventory": stock.get(row.id, 0)}


def product_document(
    row: Row,
    *,
    variants: Sequence[Row],
    images: Sequence[Row],
    categories: Sequence[Row],
    stock: Mapping[str, int],
    with_cost: bool,
) -> ProductDocument:
    """A product as REST writes it, from the rows of its reads."""
    return {
        **_head(row, [category.slug for category in categories]),
        "variants": [variant_document(variant, images, stock, with_cost=with_cost) for variant in variants],
        **_tail(row, images),
    }


def product_then(row: Row, *, variants: Sequence[Row], images: Sequence[Row], with_cost: bool) -> ProductThen:
    """A product as an event shows it, from the rows of its snapshot."""
    return {
        **_head(row, row.categories),
        "variants": [variant_then(variant, images, with_cost=with_cost) for variant in variants],
        **_tail(row, images),
    }


def _head(row: Row, categories: Sequence[str]) -> _ProductHead:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "sku": row.sku,
        "status": row.status,
        "price": major(row.price, row.currency),
        "currency": row.currency.lower(),
        "categories": list(categories),
        "tags": row.tags,
        "metadata": row.metadata,
    }


def _tail(row: Row, images: Sequence[Row]) -> _ProductTail:
    return {
        "images": [image_document(image) for image in images],
        "version": row.version,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def category_document(row: Row) -> CategoryDocument:
    """A category as REST writes it."""
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "version": row.version,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }
