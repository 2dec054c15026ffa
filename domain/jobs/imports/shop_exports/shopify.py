"""Import of the product CSV that Shopify exports: rows of one handle are a product, a row for each variant or image.

The SKU of the product is its handle, which is unique there; a variant without a SKU is named after its options.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import catalog
from domain.catalog import ProductStatus
from domain.jobs.imports.columns import integer, number
from domain.jobs.imports.products import ProductImporter, without_own_price
from domain.jobs.imports.records import Record
from domain.jobs.imports.shop_exports.html_text import plain_text
from domain.kernel.errors import Path

_HANDLE, _TITLE, _PRICE, _IMAGE = "Handle", "Title", "Variant Price", "Image Src"
_OPTIONS = (1, 2, 3)
_NO_OPTION = ("Title", "Default Title")
"""Name and value of the option of a product that has none."""
_PRODUCT_PLACES: Mapping[str, str] = {
    "sku": _HANDLE,
    "name": _TITLE,
    "description": "Body (HTML)",
    "price": _PRICE,
    "status": "Status",
    "categories": "Type",
    "tags": "Tags",
    "images": _IMAGE,
}
_VARIANT_PLACES: Mapping[str, str] = {
    "sku": "Variant SKU",
    "price": _PRICE,
    "compare_at_price": "Variant Compare At Price",
    "cost": "Cost per item",
    "barcode": "Variant Barcode",
    "inventory": "Variant Inventory Qty",
    "image": "Variant Image",
    "weight": "Variant Grams",
    "attributes": "Option1 Value",
}


class ShopifyImporter(ProductImporter):
    """Creates the products whose handle is not the SKU of one in the store."""

    columns = ()
    required = (_HANDLE, _TITLE, _PRICE)
    ignores_unknown = True

    def key(self, record: Record) -> object:
        """The handle."""
        return record.values.get(_HANDLE)

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The product of the first row, with the variants and images of all."""
        first, rows = records[0].values, _variant_rows(records)
        names = [first.get(f"Option{each} Name", "") for each in _OPTIONS]
        variants = [_variant(row, names, first.get(_HANDLE, ""), is_only=len(rows) == 1) for row in rows]
        price = _number(rows[0].get(_PRICE)) if rows else None
        metadata = {"vendor": first["Vendor"]} if "Vendor" in first else {}
        given = {
            "sku": _unquoted(first.get(_HANDLE)),
            "name": first.get(_TITLE),
            "price": price,
            "description": plain_text(first.get("Body (HTML)", "")),
            "status": _status(first),
            "categories": [catalog.slug_of(first["Type"])] if first.get("Type") else None,
            "tags": [each.strip() for each in first.get("Tags", "").split(",") if each.strip()],
            "metadata": metadata,
            "images": _images(records),
            "variants": without_own_price(variants, price) or None,
        }
        return {name: value for name, value in given.items() if value is not None}

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """Of ``variants``, the row of the variant."""
        rows = [record for record in records if _is_variant(record.values)] or list(records)
        if path[:1] == ("variants",) and len(path) > 1 and isinstance(path[1], int) and path[1] < len(rows):
            return rows[path[1]].line, _VARIANT_PLACES.get(str(path[2]) if len(path) > 2 else "")
        return records[0].line, _PRODUCT_PLACES.get(str(path[0])) if path else None


def _variant(row: Mapping[str, str], names: Sequence[str], handle: str, *, is_only: bool) -> Mapping[str, Any]:
    options = {
        name: row[f"Option{each} Value"]
        for each, name in zip(_OPTIONS, names, strict=True)
        if name and row.get(f"Option{each} Value") and (name, row[f"Option{each} Value"]) != _NO_OPTION
    }
    own_sku = handle if is_only else "-".join([handle, *(catalog.slug_of(each) for each in options.values())])
    grams = row.get("Variant Grams", "0")
    given = {
        "sku": _unquoted(row.get("Variant SKU")) or own_sku,
        "price": _number(row.get(_PRICE)),
        "compare_at_price": _number(row.get("Variant Compare At Price")),
        "cost": _number(row.get("Cost per item")),
        "barcode": _unquoted(row.get("Variant Barcode")),
        "inventory": integer(row["Variant Inventory Qty"]) if "Variant Inventory Qty" in row else None,
        "image": row.get("Variant Image"),
        "weight": None if grams.strip("0.") == "" else {"value": number(grams), "unit": "g"},
        "attributes": options or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _variant_rows(records: Sequence[Record]) -> list[Mapping[str, str]]:
    return [record.values for record in records if _is_variant(record.values)]


def _is_variant(row: Mapping[str, str]) -> bool:
    """Whether a row is a variant: others add an image."""
    return _PRICE in row or "Option1 Value" in row or "Variant SKU" in row


def _images(records: Sequence[Record]) -> list[Mapping[str, Any]]:
    """The images of all rows by their position, each once."""
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for index, record in enumerate(records):
        url, alt = record.values.get(_IMAGE), record.values.get("Image Alt Text")
        if url is not None:
            position = record.values.get("Image Position", "")
            place = int(position) if position.isdecimal() else index
            found.setdefault(url, (place, {"url": url} if alt is None else {"url": url, "alt": alt}))
    return [image for _, image in sorted(found.values(), key=lambda each: each[0])]


def _status(first: Mapping[str, str]) -> str:
    """The status; of older exports, which have none, whether the product is published."""
    if "Status" in first:
        return first["Status"].lower()
    is_published = first.get("Published", "true").lower() == "true"
    return ProductStatus.ACTIVE if is_published else ProductStatus.DRAFT


def _number(cell: str | None) -> Any:
    return None if cell is None else number(cell)


def _unquoted(cell: str | None) -> str | None:
    """Without the apostrophe that keeps spreadsheets from taking a text for a number."""
    return cell if cell is None else cell.removeprefix("'")
