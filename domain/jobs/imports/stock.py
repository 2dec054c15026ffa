"""Import of stock: the quantity on hand of variants, as counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import inventory
from domain.inventory.commands import SetInventory
from domain.jobs.imports.columns import Column, column_of, integer, members_of
from domain.jobs.imports.items import ImportItem, RowOutcome
from domain.jobs.imports.records import Record
from domain.jobs.imports.wire_format import WIRE_FORMAT
from domain.kernel.errors import ErrorCode, Path, Problem, ValidationFailed
from domain.kernel.fields import read_command
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork

STOCK_COLUMNS: Mapping[str, Column] = {
    "sku": Column(("sku",)),
    "quantity": Column(("quantity",), integer),
    "location": Column(("location",)),
    "note": Column(("note",)),
}


class StockImporter:
    """Sets quantities on hand by movements of the difference; where there is none, nothing is written."""

    columns = tuple(STOCK_COLUMNS)
    required = ("sku", "quantity")
    ignores_unknown = False
    batch_size = 100
    """Locks of stock are kept until the end of the transaction, and orders wait for them."""

    def key(self, record: Record) -> object:
        """Each row is a quantity."""
        return None

    def members(self, records: Sequence[Record]) -> Mapping[str, Any]:
        """The quantity."""
        (record,) = records
        return members_of(record.values, STOCK_COLUMNS)

    def read(self, members: Mapping[str, Any], currency: str) -> SetInventory:
        """The command. Raises ValidationFailed."""
        unknown = sorted(set(members) - set(STOCK_COLUMNS))
        if unknown:
            names = ", ".join(STOCK_COLUMNS)
            message = f"Unknown field. Known are: {names}."
            raise ValidationFailed([Problem((name,), ErrorCode.UNKNOWN_FIELD, message) for name in unknown])
        named = {("product_id" if name == "sku" else name): value for name, value in members.items()}
        try:
            return read_command(SetInventory, named, WIRE_FORMAT, currency)
        except ValidationFailed as failed:
            problems = [
                Problem(("sku",) if problem.path == ("product_id",) else problem.path, problem.code, problem.message)
                for problem in failed.problems
            ]
            raise ValidationFailed(problems) from None

    def place(self, records: Sequence[Record], path: Path) -> tuple[int, str | None]:
        """The column of the only row; of a product that is not there, its SKU."""
        named = ("sku",) if path in (("product_id",), ("id",), ("variant_id",)) else path
        return records[0].line, column_of(named, STOCK_COLUMNS)

    async def find_known(self, work: UnitOfWork, items: Sequence[ImportItem]) -> None:
        """Nothing is known before the stock is locked."""

    async def write(self, work: UnitOfWork, principal: Principal, items: Sequence[ImportItem]) -> None:
        """One after the other, by SKU: two imports lock in the same order.

        Raises NotFound (the SKU), Conflict (fewer than reserved), ValidationFailed (an unknown location).
        """
        for item in sorted(items, key=lambda item: (item.command.product_id, item.records[0].line)):
            moved = await inventory.set_inventory(work, principal, item.command)
            is_same = moved.movement_id is None
            item.outcome = RowOutcome.UNCHANGED if is_same else RowOutcome.UPDATED
            item.object_id = moved.product_id
