"""The catalog as REST and webhooks write it, and as the event log stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, NotRequired, TypedDict

import orjson

from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant
from domain.kernel.sql.executor import Row

_ID = FieldDoc(description="Its id; never changes.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)
_CREATED = FieldDoc(
    description="When it was made, UTC.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
_UPDATED = FieldDoc(
    description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)


class ImageDocument(TypedDict):
    """A picture of a product."""

    id: Annotated[str, FieldDoc(description="Its id.", example="img_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    url: Annotated[
        str,
        FieldDoc(description="Where it is; never fetched by the gateway.", example="https://images.example.com/1.jpg"),
    ]
    alt: Annotated[str | None, FieldDoc(description="What it shows.", example="Seen from the front")]
    position: Annotated[int, FieldDoc(description="Where in the list, counted from 0.", example=0)]


class WeightDocument(TypedDict):
    """A weight with its unit."""

    value: Annotated[DecimalJson, FieldDoc(description="How many units, exactly as it was given.", example=1.25)]
    unit: Annotated[WeightUnit, FieldDoc(description="The unit: g, kg, oz or lb.", example="kg")]


class VariantSnapshotDocument(TypedDict):
    """A variant of a product, as an event shows it."""

    id: Annotated[str, FieldDoc(description="Its id.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[
        str, FieldDoc(description="The id of its product.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)
    ]
    sku: Annotated[str, FieldDoc(description="Its stock keeping unit.", example="HEADPHONE-001-BLUE")]
    price: Annotated[
        DecimalJson | None,
        FieldDoc(description="Its own price, overriding the product's; null without one.", example=189.99),
    ]
    effective_price: Annotated[
        DecimalJson,
        FieldDoc(description="What it costs: its own price or the product's.", example=189.99, read_only=True),
    ]
    cost: NotRequired[
        Annotated[
            DecimalJson | None,
            FieldDoc(description="What one costs you; only with products:write or analytics:read.", example=80.00),
        ]
    ]
    attributes: Annotated[
        dict[str, str], FieldDoc(description="What sets it apart.", example={"size": "Large", "color": "Blue"})
    ]
    image: Annotated[
        str | None, FieldDoc(description="The URL of its own picture.", example="https://images.example.com/blue.jpg")
    ]
    weight: Annotated[WeightDocument | None, FieldDoc(description="The weight of one piece; null: not known.")]
    barcode: Annotated[
        str | None, FieldDoc(description="The barcode, as text; null: none. Not unique.", example="5012345678900")
    ]
    compare_at_price: Annotated[
        DecimalJson | None,
        FieldDoc(description="The price before a reduction, to be shown struck through; null: none.", example=249.99),
    ]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class VariantDocument(VariantSnapshotDocument):
    """A variant of a product."""

    inventory: Annotated[
        int, FieldDoc(description="What is available over all warehouses.", example=25, versioned=False)
    ]


class _ProductHead(TypedDict):
    """What a product and its snapshot have in common, before the variants."""

    id: Annotated[str, _ID]
    name: Annotated[str, FieldDoc(description="The name shoppers see.", example="Premium Wireless Headphones")]
    description: Annotated[str, FieldDoc(description="What it is.", example="High-quality audio experience")]
    sku: Annotated[str, FieldDoc(description="Its stock keeping unit.", example="HEADPHONE-001")]
    status: Annotated[ProductStatus, FieldDoc(description="Whether it is for sale.", example="active")]
    price: Annotated[DecimalJson, FieldDoc(description="The price of one, in major units.", example=199.99)]
    currency: Annotated[str, FieldDoc(description="ISO 4217, lower case: the store's.", example="gbp", read_only=True)]
    categories: Annotated[
        list[str], FieldDoc(description="The slugs of its categories.", example=["audio", "electronics"])
    ]
    tags: Annotated[list[str], FieldDoc(description="Its tags.", example=["new"])]
    metadata: Annotated[dict[str, Any], FieldDoc(description="Your own JSON.", example={"season": "summer"})]


class _ProductTail(TypedDict):
    """What they have in common after the variants."""

    images: Annotated[list[ImageDocument], FieldDoc(description="Its pictures, in order.")]
    version: Annotated[int, FieldDoc(description="Counts its changes; send it back to write safely.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class ProductDocument(_ProductHead, _ProductTail):
    """A product with all that it owns."""

    variants: Annotated[list[VariantDocument], FieldDoc(description="Its variants, the default first.")]


class ProductSnapshotDocument(_ProductHead, _ProductTail):
    """A product with all that it owned at the moment of an event."""

    variants: Annotated[list[VariantSnapshotDocument], FieldDoc(description="Its variants, the default first.")]


class CategoryDocument(TypedDict):
    """A grouping of products."""

    id: Annotated[str, FieldDoc(description="Its id.", example="cat_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    slug: Annotated[
        str,
        FieldDoc(description="The name of the category in addresses and filters; it never changes.", example="audio"),
    ]
    name: Annotated[str, FieldDoc(description="The name of the category, for people.", example="Electronics")]
    description: Annotated[
        str, FieldDoc(description="What is in the category, as text.", example="Everything with a plug.")
    ]
    version: Annotated[int, FieldDoc(description="Counts its changes; send it back to write safely.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


COST_SCOPES = ("products:write", "analytics:read")
"""Either lets a caller see what things cost the merchant."""


def serialize_image(row: Row) -> ImageDocument:
    """An image as REST writes it."""
    return {"id": row.id, "url": row.url, "alt": row.alt, "position": row.position}


def serialize_variant_snapshot(row: Row, images: Sequence[Row], *, with_cost: bool) -> VariantSnapshotDocument:
    """A variant as an event shows it: without stock, which another area keeps."""
    shown = next((image.url for image in images if image.id == row.image_id), None)
    effective = format_amount(row.price, row.currency)
    document: VariantSnapshotDocument = {
        "id": row.id,
        "product_id": row.product_id,
        "sku": row.sku,
        "price": effective if row.overrides_price else None,
        "effective_price": effective,
        "attributes": row.attributes,
        "image": shown,
        "weight": _weight(row),
        "barcode": row.barcode,
        "compare_at_price": None if row.compare_at_price is None else format_amount(row.compare_at_price, row.currency),
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
    if with_cost:
        document["cost"] = None if row.cost is None else format_amount(row.cost, row.currency)
    return document


def _weight(row: Row) -> WeightDocument | None:
    if row.weight is None:
        return None
    return {"value": orjson.Fragment(f"{Decimal(row.weight):f}".encode()), "unit": row.weight_unit}


def serialize_variant(row: Row, images: Sequence[Row], stock: Mapping[str, int], *, with_cost: bool) -> VariantDocument:
    """A variant as REST writes it. ``stock``: what is available, by variant id."""
    return {**serialize_variant_snapshot(row, images, with_cost=with_cost), "inventory": stock.get(row.id, 0)}


def serialize_product(
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
        "variants": [serialize_variant(variant, images, stock, with_cost=with_cost) for variant in variants],
        **_tail(row, images),
    }


def serialize_product_snapshot(
    row: Row, *, variants: Sequence[Row], images: Sequence[Row], with_cost: bool
) -> ProductSnapshotDocument:
    """A product as an event shows it, from the rows of its snapshot."""
    return {
        **_head(row, row.categories),
        "variants": [serialize_variant_snapshot(variant, images, with_cost=with_cost) for variant in variants],
        **_tail(row, images),
    }


def _head(row: Row, categories: Sequence[str]) -> _ProductHead:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "sku": row.sku,
        "status": row.status,
        "price": format_amount(row.price, row.currency),
        "currency": row.currency.lower(),
        "categories": list(categories),
        "tags": row.tags,
        "metadata": row.metadata,
    }


def _tail(row: Row, images: Sequence[Row]) -> _ProductTail:
    return {
        "images": [serialize_image(image) for image in images],
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }


def serialize_category(row: Row) -> CategoryDocument:
    """A category as REST writes it."""
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
