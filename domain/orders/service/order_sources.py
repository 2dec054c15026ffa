"""The natural keys of imported orders: found before an import writes them, and written with the orders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.model.source import ImportedOrder

OrderKey = tuple[str, str]
"""The source of an order and its number there."""

_imported = ImportedOrder.__table__.c
_INSERT = RowStatement.insert_into(ImportedOrder)
_FIND = Statement(
    "imported_orders",
    select(_imported.number, _imported.order_id, _imported.import_id).where(
        _imported.store_id == STORE,
        _imported.source == bindparam("source", type_=KEY_TEXT),
        _imported.number == any_(bindparam("numbers", type_=ARRAY(Text))),
    ),
)


@dataclass(frozen=True, slots=True)
class OrderSource:
    """Where an order is imported from."""

    name: str
    """The system that it comes from."""
    number: str
    """What that system calls it. Unique with the name."""
    import_id: str
    """The id of the job that imports it."""


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order that was imported before."""

    order_id: str
    import_id: str


async def find_imported_orders(work: UnitOfWork, keys: Collection[OrderKey]) -> Mapping[OrderKey, KnownOrder]:
    """The orders with these keys that the store has already. One statement for each source."""
    numbers: dict[str, list[str]] = {}
    for source, number in keys:
        numbers.setdefault(source, []).append(number)
    found: dict[OrderKey, KnownOrder] = {}
    for source, sought in numbers.items():
        rows = await _FIND.rows(work.reader, source=source, numbers=sorted(sought))
        found |= {(source, row.number): KnownOrder(row.order_id, row.import_id) for row in rows}
    return found


def append_source(work: UnitOfWork, order_id: str, source: OrderSource) -> None:
    """Write the natural key of an order with the next message that writes."""
    row = {"store_id": work.store.number, "source": source.name, "number": source.number}
    work.append(_INSERT, {**row, "order_id": order_id, "import_id": source.import_id, "created_at": work.now})
