"""Commands of imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.jobs.model import FileFormat, JobKind
from domain.kernel.fields import Boolean, Choice, FieldLocation, Text
from domain.kernel.ids import example_id


class ImportKind(StrEnum):
    """What a file has rows of."""

    PRODUCTS = "products"
    STOCK = "stock"
    CUSTOMERS = "customers"
    ORDERS = "orders"


IMPORT_KINDS: Mapping[ImportKind, JobKind] = {
    ImportKind.PRODUCTS: JobKind.IMPORT_PRODUCTS,
    ImportKind.STOCK: JobKind.IMPORT_STOCK,
    ImportKind.CUSTOMERS: JobKind.IMPORT_CUSTOMERS,
    ImportKind.ORDERS: JobKind.IMPORT_ORDERS,
}
IMPORT_FORMATS: Mapping[str, FileFormat] = {
    "text/csv": FileFormat.CSV,
    "application/x-ndjson": FileFormat.JSON_LINES,
    "application/jsonl": FileFormat.JSON_LINES,
}
"""The formats by their media types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartImport:
    """Import a file that was uploaded by `POST /v2/imports`, for example in a dry run: its id is the `fileId` of that
    job. Requires the write scope of what is imported: products, inventory or customers; of orders, those of orders,
    customers and products.
    """

    kind: Annotated[
        ImportKind,
        Choice(description="The type of the rows of the file.", example="products", place=FieldLocation.QUERY),
    ]
    dry_run: Annotated[
        bool,
        Boolean(
            description="Whether to validate only: all rows are validated and reported, and no row is written.",
            example=False,
            place=FieldLocation.QUERY,
        ),
    ] = False
    media_type: Annotated[
        str,
        Text(
            max=64,
            description=f"The media type of the file: {', '.join(f'`{each}`' for each in IMPORT_FORMATS)}.",
            words=tuple(IMPORT_FORMATS),
            noun="media type",
            example="text/csv",
            place=FieldLocation.CONTENT_TYPE,
        ),
    ]
    file_id: Annotated[
        str,
        Text(
            min=1,
            max=64,
            description="The id of the uploaded file (`upl_…`).",
            example=example_id("upl"),
            place=FieldLocation.CONTENT,
        ),
    ]
