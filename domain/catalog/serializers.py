"""Serializers of the catalog: documents of REST, webhooks and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, NotRequired, TypedDict

import orjson

from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant
from domain.kernel.sql.executor import Row

_ID = "The id. The same in GraphQL, REST and webhooks."
_VERSION = FieldDoc(description="The version, starting at 1. Increases with every change.", example=1)
_CREATED = FieldDoc(
    description="When the object was created.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
_UPDATED = FieldDoc(
    description="When the object was last changed.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)


class ImageDocument(TypedDict):
    """An image of a product."""

    id: Annotated[str, FieldDoc(description=_ID, example="img_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    url: Annotated[
        str,
        FieldDoc(
            description="The URL of the image. The gateway never fetches it.",
            example="https://images.example.com/1.jpg",
        ),
    ]
    alt: Annotated[
        str | None, FieldDoc(description="The alternative text for screen readers.", example="Seen from the front")
    ]
    position: Annotated[int, FieldDoc(description="The position in the list of images, starting at 0.", example=0)]


class WeightDocument(TypedDict):
    """A weight with its unit."""

    value: Annotated[DecimalJson, FieldDoc(description="The number of units, exactly as entered.", example=1.25)]
    unit: Annotated[WeightUnit, FieldDoc(description="The unit of mass.", example="kg")]


class VariantSnapshotDocument(TypedDict):
    """A variant at the time of an event, without its stock."""

    id: Annotated[str, FieldDoc(description=_ID, example="var_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[
        str,
        FieldDoc(
            description="The id of the product that the variant belongs to.",
            example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4",
            read_only=True,
        ),
    ]
    sku: Annotated[
        str,
        FieldDoc(
            description="The stock keeping unit (SKU). Unique in the store, ignoring case.",
            example="HEADPHONE-001-BLUE",
        ),
    ]
    price: Annotated[
        DecimalJson | None,
        FieldDoc(
            description="The price that overrides the product's. Null if the product's price applies.", example=189.99
        ),
    ]
    effective_price: Annotated[
        DecimalJson,
        FieldDoc(description="The unit price: the variant's own, or the product's.", example=189.99, read_only=True),
    ]
    cost: NotRequired[
        Annotated[
            DecimalJson | None,
            FieldDoc(
                description="The purchase cost per unit. Requires `products:write` or `analytics:read`.", example=80.00
            ),
        ]
    ]
    attributes: Annotated[
        dict[str, str],
        FieldDoc(
            description='The attributes that distinguish the variant, for example `{"size": "Large"}`.',
            example={"size": "Large", "color": "Blue"},
        ),
    ]
    image: Annotated[
        str | None,
        FieldDoc(
            description="The URL of the image of the variant. Null if it has none of its own.",
            example="https://images.example.com/blue.jpg",
        ),
    ]
    weight: Annotated[WeightDocument | None, FieldDoc(description="The weight of one unit. Null if not known.")]
    barcode: Annotated[
        str | None,
        FieldDoc(description="The barcode, as text. Not unique. Null if there is none.", example="5012345678900"),
    ]
    compare_at_price: Annotated[
        DecimalJson | None,
        FieldDoc(
            description="The price before a reduction, shown struck through. Null if there is none.", example=249.99
        ),
    ]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class VariantDocument(VariantSnapshotDocument):
    """A variant of a product, such as a size or a colour. Orders refer to variants."""

    inventory: Annotated[
        int, FieldDoc(description="The quantity available in all warehouses.", example=25, versioned=False)
    ]


class _ProductHead(TypedDict):
    """Members of a product and its snapshot that precede the variants."""

    id: Annotated[str, FieldDoc(description=_ID, example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    name: Annotated[str, FieldDoc(description="The name shown to shoppers.", example="Premium Wireless Headphones")]
    description: Annotated[
        str, FieldDoc(description="The description, as plain text.", example="High-quality audio experience")
    ]
    sku: Annotated[
        str,
        FieldDoc(
            description="The stock keeping unit (SKU). Unique in the store, ignoring case.", example="HEADPHONE-001"
        ),
    ]
    status: Annotated[ProductStatus, FieldDoc(description="The status of the product.", example="active")]
    price: Annotated[
        DecimalJson,
        FieldDoc(description="The unit price. Applies to variants without a price of their own.", example=199.99),
    ]
    currency: Annotated[
        str,
        FieldDoc(
            description="The currency of the store, as a lower-case ISO 4217 code.", example="gbp", read_only=True
        ),
    ]
    categories: Annotated[
        list[str], FieldDoc(description="The slugs of the categories.", example=["audio", "electronics"])
    ]
    tags: Annotated[list[str], FieldDoc(description="The tags.", example=["new"])]
    metadata: Annotated[dict[str, Any], FieldDoc(description="Custom JSON data.", example={"season": "summer"})]


class _ProductTail(TypedDict):
    """Members of a product and its snapshot that follow the variants."""

    images: Annotated[list[ImageDocument], FieldDoc(description="The images, in display order. At most 50.")]
    version: Annotated[int, _VERSION]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class ProductDocument(_ProductHead, _ProductTail):
    """A product. It has at least one variant."""

    variants: Annotated[
        list[VariantDocument], FieldDoc(description="The variants, the default variant first. At most 100.")
    ]


class ProductSnapshotDocument(_ProductHead, _ProductTail):
    """A product at the time of an event, with its variants and images but without its stock."""

    variants: Annotated[
        list[VariantSnapshotDocument], FieldDoc(description="The variants, the default variant first. At most 100.")
    ]


class CategoryDocument(TypedDict):
    """A category of products."""

    id: Annotated[str, FieldDoc(description=_ID, example="cat_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    slug: Annotated[
        str,
        FieldDoc(description="The name used in URLs and filters. Never changes.", example="audio"),
    ]
    name: Annotated[str, FieldDoc(description="The display name.", example="Electronics")]
    description: Annotated[
        str, FieldDoc(description="The description, as plain text.", example="Everything with a plug.")
    ]
    version: Annotated[int, _VERSION]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


COST_SCOPES = ("products:write", "analytics:read")
"""Scopes of which either lets a caller see purchase costs."""


def serialize_image(row: Row) -> ImageDocument:
    """Serialize an image for REST."""
    return {"id": row.id, "url": row.url, "alt": row.alt, "position": row.position}


def serialize_variant_snapshot(row: Row, images: Sequence[Row], *, with_cost: bool) -> VariantSnapshotDocument:
    """Serialize a variant of an event: without stock, which belongs to another area."""
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
    """Serialize a variant for REST. ``stock``: the available quantity by variant id."""
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
    """Serialize a product for REST from the rows of its reads."""
    return {
        **_head(row, [category.slug for category in categories]),
        "variants": [serialize_variant(variant, images, stock, with_cost=with_cost) for variant in variants],
        **_tail(row, images),
    }


def serialize_product_snapshot(
    row: Row, *, variants: Sequence[Row], images: Sequence[Row], with_cost: bool
) -> ProductSnapshotDocument:
    """Serialize a product of an event from the rows of its snapshot."""
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
    """Serialize a category for REST."""
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
