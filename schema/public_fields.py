"""The fields that publishable keys may select: what shoppers may see and tell, and nothing else.

A field that is added to the schema is not among them until it is written down here. Rows are narrowed in the database
(``domain/migrations/versions/0028_publishable_keys.py``): a field that is public here shows active products only.
"""

from __future__ import annotations

from collections.abc import Mapping

_OBJECT = frozenset({"id", "version", "createdAt", "updatedAt"})
_PAGE = frozenset({"edges", "nodes", "pageInfo", "totalCount", "searchTruncated"})
_EVENT = frozenset({"id", "type", "objectId", "cursor", "createdAt", "sequence"})
_PRODUCT_EVENT = _EVENT | {"product"}

PUBLIC_FIELDS: Mapping[str, frozenset[str]] = {
    "Query": frozenset({"product", "variant", "products", "category", "categories", "shop"}),
    "Mutation": frozenset({"recordProductView"}),
    "Subscription": frozenset({"events"}),
    "Shop": frozenset({"name", "currency"}),
    "Product": _OBJECT
    | {"name", "description", "sku", "status", "price", "metadata", "tags", "variants", "images", "categories"},
    "ProductVariant": frozenset(
        {
            "id",
            "product",
            "sku",
            "price",
            "overridesPrice",
            "compareAtPrice",
            "attributes",
            "image",
            "weight",
            "barcode",
            "inventory",
            "createdAt",
            "updatedAt",
        }
    ),
    "ProductImage": frozenset({"id", "url", "alt", "position", "createdAt"}),
    "Category": _OBJECT | {"slug", "name", "description", "products"},
    "Weight": frozenset({"value", "unit"}),
    "Money": frozenset({"amount", "currency", "minorUnits"}),
    "ProductConnection": _PAGE,
    "CategoryConnection": _PAGE,
    "ProductEdge": frozenset({"cursor", "node"}),
    "CategoryEdge": frozenset({"cursor", "node"}),
    "Payload": frozenset({"userErrors"}),
    "RecordProductViewPayload": frozenset({"userErrors"}),
    "UserError": frozenset({"code", "message", "field"}),
    "PageInfo": frozenset({"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"}),
    "Node": frozenset({"id"}),
    "Versioned": _OBJECT - {"id"},
    "Event": _EVENT,
    "ProductCreated": _PRODUCT_EVENT,
    "ProductUpdated": _PRODUCT_EVENT,
    "ProductDeleted": _PRODUCT_EVENT,
}
"""The fields by the names of their types, as GraphQL writes them."""


def is_public(type_name: str, field_name: str) -> bool:
    """Whether a publishable key may select a field of a type."""
    return field_name == "__typename" or field_name in PUBLIC_FIELDS.get(type_name, ())
