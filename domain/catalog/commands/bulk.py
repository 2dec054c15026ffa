"""Commands that change many products at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.catalog.commands.products import ArchiveProduct, UpdateProduct
from domain.kernel.fields import Inputs, NestedObject
from domain.kernel.use_cases.bulk import ERROR_POLICY, MAX_INPUTS, ErrorPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateProducts:
    """Update many products in one transaction: all or none, or all that are valid."""

    input: Annotated[
        tuple[UpdateProduct, ...],
        Inputs(
            item=NestedObject(description="An update of a product."),
            min=1,
            max=MAX_INPUTS,
            description="The updates, one per product. They are applied in the order of the product ids.",
        ),
    ]
    error_policy: Annotated[ErrorPolicy, ERROR_POLICY] = ErrorPolicy.ALL_OR_NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveProducts:
    """Archive many products in one transaction: all or none, or all that are valid."""

    input: Annotated[
        tuple[ArchiveProduct, ...],
        Inputs(
            item=NestedObject(description="A product to archive."),
            min=1,
            max=MAX_INPUTS,
            description="The products to archive.",
        ),
    ]
    error_policy: Annotated[ErrorPolicy, ERROR_POLICY] = ErrorPolicy.ALL_OR_NONE
