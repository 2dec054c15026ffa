"""Import of products with their variants: a row of CSV for each variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.jobs.imports.columns import Column, addresses, column_of, integer, members_of, number, words
from domain.jobs.imports.items import ImportItem, RowOutcome
from domain.jobs.imports.records import Record
from domain.jobs.imports.wire_format import WIRE_FORMAT
from domain.kernel.errors import Path
from domain.kernel.fields import read_command
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold

PRODUCT_COLUMNS: Mapping[str, Column] = {
    "sku": Column(("sku",)),
    "name": Column(("name",)),
    "price": Column(("price",), number),
    "description": Column(("description",)),
    "status": Column(("status",)),
    "categories": Column(("categories",), words),
    "tags": Column(("tags",), words),
    "images": Column(("images",), addresses),
}
"""Of the product: read of the first of its rows."""
VARIANT_COLUMNS: Mapping[str, Column] = {
    "variant_sku": Column(("sku",)),
    "variant_price": Column(("price",), number),
    "compare_at_price": Column(("compare_at_price",), number),
    "cost": Column(("cost",), number),
    "barcode": Column(("barcode",)),
    "inventory": Column(("inventory",), integer),
    "attributes.": Column(("attributes",)),
}
"""Of the variant. Without ``variant_sku`` it has the SKU of the product."""


class ProductImporter:
    """Creates the products whose SKU is not in the store; others stay as they are."""

    columns: tuple[str, ...] = (*PRODUCT_COLUMNS, *VARIANT_COLUMNS)
    required: tuple[str, ...] = ("sku", "name", "price")
    ignores_unknown = False
    batch_size = 200

    def key(self, record: Record) -> object:
        """The SKU of the product."""
        sku = record.values.get("sku")
        return None if sku is None else fold(sku)

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The product of the first row, with a variant for each row."""
        first = records[0].values
        product = members_of({name: cell for name, cell in first.items() if name in PRODUCT_COLUMNS}, PRODUCT_COLUMNS)
        return {**product, "variants": [_variant(record) for record in records]}

    def read(self, members: Mapping[str, Any], currency: str) -> CreateProduct:
        """The command. Raises ValidationFailed."""
        return read_command(CreateProduct, members, WIRE_FORMAT, currency)

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """Of ``variants``, the row by its index."""
        if path[:1] == ("variants",) and len(path) > 1 and isinstance(path[1], int) and path[1] < len(records):
            record = records[path[1]]
            column = column_of(path[2:], VARIANT_COLUMNS)
            is_product_sku = column == "variant_sku" and "variant_sku" not in record.values
            return record.line, "sku" if is_product_sku else column
        return records[0].line, column_of(path, PRODUCT_COLUMNS)

    async def find_known(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Products with these SKUs, folded."""
        keys = [fold(item.command.sku) for item in items]
        rows = await catalog.reads.product_by_sku.for_keys(work.reader, keys)
        for item, key, row in zip(items, keys, rows, strict=True):
            if row is not None and fold(row.sku) == key:
                item.outcome, item.object_id = RowOutcome.UNCHANGED, row.id

    async def write(self, work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
        """One statement per table. Raises Conflict (a SKU is in use), ValidationFailed."""
        products = await catalog.create_products(work, principal, [item.command for item in items])
        for item, product in zip(items, products, strict=True):
            item.outcome, item.object_id = RowOutcome.CREATED, product.id


def without_own_price(variants: Sequence[Mapping[str, Any]], price: Any) -> list[Mapping[str, Any]]:
    """Variants whose price is that of the product, without it: a later change of the product's is then theirs, too."""
    return [
        {name: value for name, value in each.items() if name != "price"} if each.get("price") == price else each
        for each in variants
    ]


def _variant(record: Record) -> Mapping[str, Any]:
    cells = {name: cell for name, cell in record.values.items() if name not in PRODUCT_COLUMNS}
    members = members_of(cells, VARIANT_COLUMNS)
    sku = record.values.get("sku")
    return members if sku is None else {"sku": sku, **members}
