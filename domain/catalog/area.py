"""What the catalog announces."""

from __future__ import annotations

from domain.catalog import reads, snapshot
from domain.catalog.events import ProductCreated, ProductDeleted, ProductUpdated
from domain.catalog.serializers import COST_SCOPES
from domain.kernel.area import Area, EventArea, NodeType

AREA = Area(
    scopes=frozenset({"products:read", "products:write"}),
    events=(ProductCreated, ProductUpdated, ProductDeleted),
    event_areas={
        "product": EventArea("products:read", snapshot.product_row, snapshot.serialize_product_event, COST_SCOPES)
    },
    nodes={
        "prod": NodeType((reads.product_by_id,)),
        "var": NodeType((reads.variant_by_id,)),
        "img": NodeType((reads.image_by_id,)),
        "cat": NodeType((reads.category_by_id,)),
    },
)
