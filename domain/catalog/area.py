"""What the catalog announces."""

from __future__ import annotations

from domain.catalog import reads, snapshot
from domain.catalog.documents import ProductSnapshotDocument
from domain.catalog.events import ProductCreated, ProductDeleted, ProductUpdated
from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.area import Area, EnumDoc, EventArea, NodeType, own_tables

_ENUMS = (
    EnumDoc(
        ProductStatus,
        "The status of a product.",
        {
            ProductStatus.ACTIVE: "The product is for sale.",
            ProductStatus.DRAFT: "The product is being prepared and cannot be ordered.",
            ProductStatus.ARCHIVED: "The product is archived: readable, but cannot be ordered.",
        },
    ),
    EnumDoc(
        WeightUnit,
        "A unit of mass.",
        {
            WeightUnit.GRAM: "Grams.",
            WeightUnit.KILOGRAM: "Kilograms: 1,000 grams.",
            WeightUnit.OUNCE: "Ounces: 28.349523125 grams.",
            WeightUnit.POUND: "Pounds: 16 ounces.",
        },
    ),
)

AREA = Area(
    scopes=frozenset({"products:read", "products:write"}),
    events=(ProductCreated, ProductUpdated, ProductDeleted),
    event_areas={
        "product": EventArea(
            "products:read",
            snapshot.product_row,
            ProductSnapshotDocument,
            for_shoppers=lambda product: product["status"] == ProductStatus.ACTIVE,
            stored=snapshot.PRODUCT,
        )
    },
    nodes={
        "prod": NodeType((reads.product_by_id,)),
        "var": NodeType((reads.variant_by_id,)),
        "img": NodeType((reads.image_by_id,)),
        "cat": NodeType((reads.category_by_id,)),
    },
    tables=own_tables("domain.catalog"),
    enums=_ENUMS,
)
