"""Import of the product CSV that WooCommerce exports: a row for each product and each of its variations.

A product without a SKU gets one from its id. A sale price applies where it has no dates; the regular price is then what
is struck through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain import catalog
from domain.catalog import ProductStatus
from domain.jobs.imports.columns import integer, number
from domain.jobs.imports.products import ProductImporter, without_own_price
from domain.jobs.imports.records import Record
from domain.jobs.imports.shop_exports.html_text import plain_text
from domain.jobs.imports.shop_exports.variations import ID, PARENT, SKU, TYPE, is_variation, product_key
from domain.kernel.errors import ErrorCode, Path, Problem, ValidationFailed

_NAME, _REGULAR, _SALE, _STOCK = "Name", "Regular price", "Sale price", "Stock"
_BARCODE = "GTIN, UPC, EAN, or ISBN"
_SALE_DATES = ("Date sale price starts", "Date sale price ends")
_NOT_SOLD = frozenset({"grouped", "external"})
_ATTRIBUTE = re.compile(r"Attribute (\d+) name")
_WEIGHT = re.compile(r"Weight \((kg|g|lbs|oz)\)")
_UNITS = {"kg": "kg", "g": "g", "lbs": "lb", "oz": "oz"}
_COMMA = re.compile(r"(?<!\\),")
_PLACES: Mapping[str, str] = {
    "sku": SKU,
    "name": _NAME,
    "description": "Description",
    "price": _REGULAR,
    "categories": "Categories",
    "tags": "Tags",
    "images": "Images",
    "image": "Images",
    "compare_at_price": _REGULAR,
    "barcode": _BARCODE,
    "inventory": _STOCK,
    "weight": "Weight (kg)",
    "type": TYPE,
    "parent": PARENT,
}


class WooCommerceImporter(ProductImporter):
    """Creates the products whose SKU is not in the store."""

    columns = ()
    required = (TYPE, SKU, _NAME, "Published", _REGULAR)
    ignores_unknown = True

    def key(self, record: Record) -> object:
        """The product: of a variation, its parent."""
        return record.values.get(PARENT) if is_variation(record) else product_key(record)

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The product of the first row, with a variant for each variation, or one of its own."""
        first, rows = records[0].values, [record.values for record in records if is_variation(record)]
        kinds = set(first.get(TYPE, "").lower().replace(" ", "").split(","))
        variants = [_variant(row) for row in rows] or [_variant(first)]
        price = next((found for row in (first, *rows) if (found := _price(row)) is not None), None)
        given = {
            "sku": _sku(first),
            "name": first.get(_NAME),
            "price": price,
            "description": plain_text(first.get("Description") or first.get("Short description", "")),
            "status": ProductStatus.ACTIVE if first.get("Published") == "1" else ProductStatus.DRAFT,
            "categories": [catalog.slug_of(each) for each in _parts(first, "Categories")],
            "tags": _parts(first, "Tags"),
            "images": _parts(first, "Images"),
            "variants": without_own_price(variants, price),
            "type": sorted(kinds & _NOT_SOLD),
            "parent": first.get(PARENT) if is_variation(records[0]) else None,
        }
        return {name: value for name, value in given.items() if value not in (None, [])}

    def read(self, members: Mapping[str, Any], currency: str) -> Any:
        """The command. Raises ValidationFailed, also for products of types that are not sold as such."""
        named = dict(members)
        kinds, parent = named.pop("type", None), named.pop("parent", None)
        if kinds:
            message = f"A product of type {kinds[0]} cannot be imported."
            raise ValidationFailed([Problem(("type",), ErrorCode.INVALID, message)])
        if parent is not None:
            message = "The file has no product with this id or SKU."
            raise ValidationFailed([Problem(("parent",), ErrorCode.NOT_FOUND, message)])
        return super().read(named, currency)

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """Of ``variants``, the row of the variation."""
        rows = [record for record in records if is_variation(record)] or list(records)
        if path[:1] == ("variants",) and len(path) > 1 and isinstance(path[1], int) and path[1] < len(rows):
            return rows[path[1]].line, _PLACES.get(str(path[2]) if len(path) > 2 else "")
        return records[0].line, _PLACES.get(str(path[0])) if path else None


def _variant(row: Mapping[str, str]) -> Mapping[str, Any]:
    weight = next(((name, found) for name in row if (found := _WEIGHT.fullmatch(name))), None)
    attributes = {name: value for name, value in _attributes(row).items() if len(_commas(value)) == 1}
    images = _parts(row, "Images")
    given = {
        "sku": _sku(row),
        "price": _price(row),
        "compare_at_price": _number(row, _REGULAR) if _is_reduced(row) else None,
        "barcode": row.get(_BARCODE),
        "inventory": integer(row[_STOCK]) if row.get(_STOCK, "parent") != "parent" else None,
        "image": images[0] if images else None,
        "weight": None if weight is None else {"value": number(row[weight[0]]), "unit": _UNITS[weight[1][1]]},
        "attributes": attributes or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _sku(row: Mapping[str, str]) -> str | None:
    """The SKU, or one from the id."""
    return row.get(SKU) or (f"woo-{row[ID]}" if ID in row else None)


def _is_reduced(row: Mapping[str, str]) -> bool:
    return _SALE in row and not any(name in row for name in _SALE_DATES)


def _price(row: Mapping[str, str]) -> Any:
    return _number(row, _SALE if _is_reduced(row) else _REGULAR)


def _number(row: Mapping[str, str], column: str) -> Any:
    return number(row[column]) if column in row else None


def _attributes(row: Mapping[str, str]) -> dict[str, str]:
    numbers = [found[1] for name in row if (found := _ATTRIBUTE.fullmatch(name))]
    pairs = ((row[f"Attribute {each} name"], row.get(f"Attribute {each} value(s)")) for each in numbers)
    return {name: value for name, value in pairs if value}


def _parts(row: Mapping[str, str], column: str) -> list[str]:
    """The values of a cell; of a hierarchy, such as `Clothing > Shirts`, the last."""
    return list(dict.fromkeys(each.rpartition(">")[2].strip() for each in _commas(row.get(column, ""))))


def _commas(cell: str) -> list[str]:
    """The values between commas; one in a value follows a backslash."""
    return [each for part in _COMMA.split(cell) if (each := part.replace("\\,", ",").strip())]
