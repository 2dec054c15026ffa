"""Filters of lists of products and categories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.catalog.commands.products import PRODUCT_STATUS
from domain.catalog.model import ProductStatus
from domain.kernel.fields import (
    UNSET,
    Boolean,
    ListOf,
    Text,
    Unset,
)
from domain.kernel.fields.filter_fields import (
    CREATED_FROM,
    CREATED_TO,
    MAX_FILTER_VALUES,
    UPDATED_FROM,
    UPDATED_TO,
    at_least,
    at_most,
    having_ids,
)
from domain.kernel.fields.tags import HAVING_TAGS
from domain.kernel.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductFilter:
    """Conditions on products. All of them must match."""

    status: Annotated[
        tuple[ProductStatus, ...] | Unset,
        ListOf(item=PRODUCT_STATUS, min=1, max=3, description="Return only these statuses. Default: all."),
    ] = UNSET
    category: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="The slug of a category.", example="electronics"),
            min=1,
            max=10,
            description="Return only products in at least one of the categories with these slugs.",
        ),
    ] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, HAVING_TAGS] = UNSET
    price_from: Annotated[Money | Unset, at_least("The price of the product")] = UNSET
    price_to: Annotated[Money | Unset, at_most("The price of the product")] = UNSET
    in_stock: Annotated[
        bool | Unset,
        Boolean(
            description="Whether at least one unit is available (on hand and not reserved) in any warehouse.",
            example=True,
        ),
    ] = UNSET
    ids: Annotated[tuple[str, ...] | Unset, having_ids("prod_01jd3v4q8rf9k6w2m5n7t0xhz4")] = UNSET
    skus: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="A SKU."),
            min=1,
            max=MAX_FILTER_VALUES,
            description="Return only products with one of these SKUs, their own or a variant's, ignoring case. Unknown "
            "SKUs are ignored. A SKU with a comma can only be given in GraphQL.",
            example=["MUG-RED"],
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryFilter:
    """Conditions on categories. All of them must match."""

    name: Annotated[
        str | Unset,
        Text(
            min=1,
            max=255,
            description="Return only categories whose name begins with this, ignoring case and accents.",
            example="electro",
        ),
    ] = UNSET
