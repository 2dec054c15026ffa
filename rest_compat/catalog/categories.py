"""REST endpoints of categories."""

from __future__ import annotations

from domain import catalog
from domain.catalog.commands import CategoryFilter
from domain.catalog.serializers import CategoryDocument
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.catalog.resources import describe_categories, fetch_category, represent_category
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction

reads = catalog.reads

_CATEGORY = PathId(noun="category", prefix="cat")

CATEGORIES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/categories",
        name="listCategories",
        summary="List categories",
        description="Categories are created explicitly, or when a product first refers to them.",
        tag="Products",
        action=PageAction(listing=reads.categories, describe=describe_categories, filters=CategoryFilter),
        response=CategoryDocument,
    ),
    Endpoint(
        method="POST",
        path="/categories",
        name="createCategory",
        summary="Create a category",
        description="Without `slug`, a free slug is derived from the name.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.create_category), represent=represent_category),
        response=CategoryDocument,
    ),
    Endpoint(
        method="PUT",
        path="/categories/{id}",
        name="updateCategory",
        summary="Update a category",
        description="Omitted fields stay unchanged. The slug never changes.",
        tag="Products",
        action=WriteAction(
            use_case=use_case_of(catalog.update_category), represent=represent_category, current=fetch_category
        ),
        response=CategoryDocument,
        ids={"id": _CATEGORY},
    ),
    Endpoint(
        method="DELETE",
        path="/categories/{id}",
        name="removeCategory",
        summary="Remove a category",
        description="A category with products needs `move_to`: its products are moved to that category, each with a "
        "`product.updated` event.",
        tag="Products",
        action=WriteAction(use_case=use_case_of(catalog.remove_category), current=fetch_category),
        ids={"id": _CATEGORY},
    ),
    Endpoint(
        method="GET",
        path="/categories/{id}",
        name="getCategory",
        summary="Get a category by id or slug",
        tag="Products",
        action=ItemAction(reads=(reads.category_by_id, reads.category_by_slug), fetch=fetch_category),
        response=CategoryDocument,
        ids={"id": PathId(noun="category", prefix="cat", otherwise="slug")},
    ),
)
