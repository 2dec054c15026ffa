"""REST endpoints of categories."""

from __future__ import annotations

from domain import catalog
from domain.catalog.commands import CategoryFilter
from domain.catalog.documents import CategoryDocument
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.catalog.objects import CATEGORY
from rest_compat.endpoint import Endpoint, tagged

reads = catalog.reads

_CATEGORY = CATEGORY.id_in_path()

CATEGORIES = tagged(
    "Products",
    Endpoint(
        method="GET",
        path="/categories",
        name="listCategories",
        summary="List categories",
        is_public=True,
        description="Categories are created explicitly, or when a product first refers to them.",
        action=PageAction(listing=reads.categories, document=CategoryDocument, filters=CategoryFilter),
    ),
    Endpoint(
        method="POST",
        path="/categories",
        name="createCategory",
        summary="Create a category",
        description="Without `slug`, a free slug is derived from the name.",
        action=WriteAction(use_case=use_case_of(catalog.create_category), returns=CATEGORY),
    ),
    Endpoint(
        method="PUT",
        path="/categories/{id}",
        name="updateCategory",
        summary="Update a category",
        description="Omitted fields stay unchanged. The slug never changes.",
        action=WriteAction(use_case=use_case_of(catalog.update_category), returns=CATEGORY, current=CATEGORY),
        ids={"id": _CATEGORY},
    ),
    Endpoint(
        method="DELETE",
        path="/categories/{id}",
        name="removeCategory",
        summary="Remove a category",
        description="A category with products needs `move_to`: its products are moved to that category, each with a "
        "`product.updated` event.",
        action=WriteAction(use_case=use_case_of(catalog.remove_category), current=CATEGORY),
        ids={"id": _CATEGORY},
    ),
    Endpoint(
        method="GET",
        path="/categories/{id}",
        name="getCategory",
        summary="Get a category by id or slug",
        is_public=True,
        action=ItemAction(source=CATEGORY),
        ids={"id": CATEGORY.id_in_path(otherwise=True)},
    ),
)
