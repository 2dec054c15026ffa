"""What callers can ask of many products at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.catalog.commands.products import ArchiveProduct, UpdateProduct
from domain.kernel.fields import Inputs, NestedObject
from domain.kernel.use_cases.bulk import ERROR_POLICY, MAX_INPUTS, ErrorPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateProducts:
    """Change many products in one transaction: all of them or none, or those that can be."""

    input: Annotated[
        tuple[UpdateProduct, ...],
        Inputs(
            item=NestedObject(description="A product's change."),
            min=1,
            max=MAX_INPUTS,
            description="The changes, each of one product. They are made in the order of the products' ids.",
        ),
    ]
    error_policy: Annotated[ErrorPolicy, ERROR_POLICY] = ErrorPolicy.ALL_OR_NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveProducts:
    """Archive many products in one transaction: all of them or none, or those that can be."""

    input: Annotated[
        tuple[ArchiveProduct, ...],
        Inputs(item=NestedObject(description="A product."), min=1, max=MAX_INPUTS, description="The products."),
    ]
    error_policy: Annotated[ErrorPolicy, ERROR_POLICY] = ErrorPolicy.ALL_OR_NONE
