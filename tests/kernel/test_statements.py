"""Statements beneath the session: they see the transaction's own store, and are given every value or refused."""

from __future__ import annotations

import pytest
from sqlalchemy import Select, bindparam, column, insert, select, table

from domain.customers.model import Customer
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.events import EventRow
from domain.kernel.ids import new_id
from domain.kernel.sql.executor import compile_write
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.use_cases.audit import AuditEntry, audit
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.model.order import Order
from domain.orders.service.placement import new_order
from tests.conftest import Shop

_entry = AuditEntry.__table__.c
ENTRIES = Statement("entries", select(_entry.action, _entry.details).where(_entry.store_id == STORE))
INSERT = RowStatement.insert_into(AuditEntry)


async def test_rows_are_inserted_together_with_their_json(database: Database, shop: Shop) -> None:
    details = {"a": [1.5, None, 'quo"te'], "b": {"c": True}}
    async with database.transaction(shop.live) as work:
        before = len(await ENTRIES.rows(work.reader))
        for action in ("one", "two"):
            audit(work, action, "key_x", **details)
        assert len(await ENTRIES.rows(work.reader)) == before
        await work.flush()
        found = await ENTRIES.rows(work.reader)
    assert [(row.action, row.details) for row in found if row.action in ("one", "two")] == [
        ("one", details),
        ("two", details),
    ]


async def test_what_was_appended_in_a_part_that_is_refused_is_not_written(database: Database, shop: Shop) -> None:
    async def refused(work: UnitOfWork, action: str, *, flushed: bool) -> None:
        async with work.savepoint():
            audit(work, action, "key_x")
            if flushed:
                await work.flush()
            raise LookupError

    async with database.transaction(shop.live) as work:
        with pytest.raises(LookupError):
            await refused(work, "refused", flushed=False)
        async with work.savepoint():
            audit(work, "kept", "key_x")
        with pytest.raises(LookupError):
            await refused(work, "flushed", flushed=True)
    async with database.transaction(shop.live) as work:
        actions = {row.action for row in await ENTRIES.rows(work.reader)}
    assert "kept" in actions
    assert not actions & {"refused", "flushed"}


async def test_a_value_that_is_missing_is_refused(database: Database, shop: Shop) -> None:
    async with database.transaction(shop.live) as work:
        with pytest.raises(KeyError):
            await INSERT.each(work.reader, [{"store_id": work.store.number, "id": new_id("aud")}])


async def test_what_the_database_makes_is_set_on_the_entity(database: Database, shop: Shop) -> None:
    async with database.transaction(shop.live) as work:
        order = new_order(work)
        await Records(Order).insert(work, order)
        assert order.number >= 1001
        assert (order.payment_status, order.fulfillment_status) == ("paid", "unfulfilled")  # of nothing, nothing is due


async def test_a_row_of_another_store_is_refused(database: Database, shop: Shop, other_shop: Shop) -> None:
    async with database.transaction(shop.live) as work:
        row = {
            "store_id": other_shop.live.store.number,
            "id": new_id("aud"),
            "action": "smuggled",
            "actor": "key_x",
            "object_id": "key_x",
            "details": {},
            "request_id": None,
            "created_at": system_clock(),
        }
        with pytest.raises(Exception, match="row-level security"):
            await INSERT.each(work.reader, [row])
        await work.reader.command("ROLLBACK; BEGIN")


@pytest.mark.parametrize(
    "statement",
    [
        insert(table("t", column("a"))),
        select(Customer.__table__.c.id).where(Customer.__table__.c.id.in_(["a"])),
        select(EventRow.__table__.c.id).where(EventRow.__table__.c.snapshot == bindparam("document")),
    ],
)
def test_what_the_driver_would_take_otherwise_is_refused(statement: object) -> None:
    with pytest.raises(TypeError):
        _ = Statement("refused", statement, ("a",)).compiled  # type: ignore[arg-type]  # one of several kinds


def test_json_is_known_by_its_column() -> None:
    compiled = compile_write(insert(AuditEntry), "entries", ["store_id", "id", "details"])
    assert compiled.documents == {"details"}
    given = compiled.arguments({"store_id": 1, "id": "aud_x", "details": {"a": 1}})
    assert dict(zip(compiled.names, given, strict=True)) == {"store_id": 1, "id": "aud_x", "details": '{"a":1}'}


def test_a_statement_is_built_once_and_not_before_it_is_compiled() -> None:
    """Taken out: ``callable`` in ``table`` and in ``compiled``; ``cached_property``."""
    built = []

    def build() -> Select[tuple[str]]:
        built.append(1)
        return select(_entry.action).where(_entry.store_id == STORE)

    statement = Statement("late_entries", build)
    assert (statement.table, built) == (None, [])
    assert statement.compiled.text == Statement("late_entries", build()).compiled.text
    assert statement.compiled is statement.compiled
    assert built == [1, 1]
