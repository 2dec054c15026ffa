"""Snapshots of products: how events store them and how they are read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.catalog import reads
from domain.catalog.model import Product, ProductImage, ProductVariant
from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.reads.stored_rows import OwnedElsewhere, OwnedItems, OwnedTexts, StoredRows, members_of

_IMAGE = StoredRows(members_of(reads.images_by_product))
_VARIANT = StoredRows(
    members_of(reads.variants_by_product), owned={reads.image_by_id: OwnedElsewhere("image_id", "images", _IMAGE)}
)
PRODUCT = StoredRows(
    members_of(reads.product_by_id, categories=ARRAY(Text()), variants=JSONB(), images=JSONB()),
    owned={
        reads.variants_by_product: OwnedItems("variants", _VARIANT),
        reads.images_by_product: OwnedItems("images", _IMAGE),
        reads.categories_by_product: OwnedTexts("categories", "slug"),
    },
)
"""Snapshots of products. Variants of the oldest ones have no weights, barcodes and prices to compare with."""


def product_snapshot(product: Product, categories: Sequence[str]) -> dict[str, Any]:
    """Build the snapshot of a product: own columns and owned children, money in minor units, times in ISO 8601.

    Webhook documents and the GraphQL objects of events are rendered from it. Data of other areas (stock) is not part
    of it.
    """
    return {
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "sku": product.sku,
        "status": str(product.status),
        "price": product.price,
        "currency": product.currency,
        "tags": list(product.tags),
        "metadata": product.metadata_,
        "categories": sorted(categories),
        "variants": [_variant(product.id, variant) for variant in product.variants],
        "images": [_image(product.id, image) for image in product.images],
        "version": product.version,
        "created_at": product.created_at.isoformat(),
        "updated_at": product.updated_at.isoformat(),
    }


def _variant(product_id: str, variant: ProductVariant) -> dict[str, Any]:
    return {
        "id": variant.id,
        "product_id": product_id,
        "sku": variant.sku,
        "price": variant.price,
        "overrides_price": variant.overrides_price,
        "cost": variant.cost,
        "currency": variant.currency,
        "attributes": variant.attributes,
        "image_id": variant.image_id,
        "weight": None if variant.weight is None else f"{variant.weight:f}",
        "weight_unit": None if variant.weight_unit is None else str(variant.weight_unit),
        "barcode": variant.barcode,
        "compare_at_price": variant.compare_at_price,
        "position": variant.position,
        "created_at": variant.created_at.isoformat(),
        "updated_at": variant.updated_at.isoformat(),
    }


def _image(product_id: str, image: ProductImage) -> dict[str, Any]:
    return {
        "id": image.id,
        "product_id": product_id,
        "url": image.url,
        "alt": image.alt,
        "position": image.position,
        "created_at": image.created_at.isoformat(),
    }


def product_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Build the row of a product from a snapshot, with the variants and images it owned then."""
    product = snapshot_row(PRODUCT.complete(snapshot))
    images = [snapshot_row(_IMAGE.complete(image)) for image in snapshot["images"]]
    variants = [_variant_row(_VARIANT.complete(variant)) for variant in snapshot["variants"]]
    product.owned = {
        reads.variants_by_product: variants,
        reads.images_by_product: images,
        reads.categories_by_product: [SnapshotRow(slug=slug) for slug in product.categories],
    }
    by_id = {image.id: image for image in images}
    for variant in variants:
        variant.owned = {reads.image_by_id: by_id.get(variant.image_id)}
    return product


def _variant_row(stored: Mapping[str, Any]) -> SnapshotRow:
    """Decimals are texts in snapshots."""
    weight = stored["weight"]
    return snapshot_row({**stored, "weight": None if weight is None else Decimal(weight)})
