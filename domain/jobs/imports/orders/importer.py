"""Import of past orders from our own columns, a row for each line of an order, and from JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.jobs.imports.columns import Column, boolean, column_of, integer, members_of, number, words
from domain.jobs.imports.items import ImportItem
from domain.jobs.imports.records import Record
from domain.jobs.imports.wire_format import WIRE_FORMAT
from domain.jobs.service.order_imports import find_known_orders, write_orders
from domain.kernel.errors import Path
from domain.kernel.fields import read_command
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold
from domain.orders.commands import DEFAULT_SOURCE, ImportOrder

NOT_KNOWN = "-"
"""Stands for the street or the city of an address, where a file has the country alone."""
_ADDRESS = ("company", "line1", "line2", "city", "state", "zip", "country", "phone")
ORDER_COLUMNS: Mapping[str, Column] = {
    "number": Column(("number",)),
    "created_at": Column(("created_at",)),
    "source": Column(("source",)),
    "status": Column(("status",)),
    "paid": Column(("paid",), boolean),
    "email": Column(("email",)),
    "first_name": Column(("first_name",)),
    "last_name": Column(("last_name",)),
    "shipping": Column(("shipping",), number),
    "discount": Column(("discount",), number),
    "tags": Column(("tags",), words),
    "cancel_reason": Column(("cancel_reason",)),
    **{name: Column(("address", name)) for name in _ADDRESS},
}
"""Of the order: read of the first of its rows."""
LINE_COLUMNS: Mapping[str, Column] = {
    "sku": Column(("sku",)),
    "name": Column(("name",)),
    "quantity": Column(("quantity",), integer),
    "price": Column(("price",), number),
}
"""Of the line."""


class OrderImporter:
    """Creates the orders whose source and number were not imported yet; others stay as they are."""

    columns = (*ORDER_COLUMNS, *LINE_COLUMNS)
    required = ("number", "created_at", "sku", "quantity", "price")
    ignores_unknown = False
    batch_size = 2_000

    def key(self, record: Record) -> object:
        """The number in its source."""
        value = record.values.get("number")
        return None if value is None else (record.values.get("source", DEFAULT_SOURCE), value)

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The order of the first row, with a line for each row."""
        first = records[0].values
        order = members_of({name: cell for name, cell in first.items() if name in ORDER_COLUMNS}, ORDER_COLUMNS)
        if "address" in order:
            names = {name: first[name] for name in ("first_name", "last_name") if name in first}
            order["address"] = {"line1": NOT_KNOWN, "city": NOT_KNOWN, **names, **order["address"]}
        return {**order, "items": [_line(record) for record in records]}

    def read(self, members: Mapping[str, Any], currency: str) -> ImportOrder:
        """The command. Raises ValidationFailed."""
        return read_command(ImportOrder, members, WIRE_FORMAT, currency)

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """Of ``items``, the row by its index, or by its SKU."""
        if path[:1] == ("items",) and len(path) > 1:
            return line_of(records, path[1], "sku"), column_of(path[2:], LINE_COLUMNS) or "sku"
        return records[0].line, column_of(path, ORDER_COLUMNS)

    async def find_known(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Orders with these numbers of their sources."""
        await find_known_orders(work, items, "number", "created_at")

    async def write(self, work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
        """One statement per table. Raises ValidationFailed (the discount, a product with several variants)."""
        await write_orders(work, principal, items)


def line_of(records: Sequence[Record], place: str | int, column: str) -> int:
    """The line of a row by its index, or by its SKU, which is in ``column``."""
    if isinstance(place, int):
        return records[min(place, len(records) - 1)].line
    return next((each.line for each in records if fold(each.values.get(column, "")) == fold(place)), records[0].line)


def _line(record: Record) -> Mapping[str, Any]:
    return members_of({name: cell for name, cell in record.values.items() if name in LINE_COLUMNS}, LINE_COLUMNS)
