"""Snapshots of events: as they are written now, full and empty, as they once were, and such as none should be."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Integer, Numeric, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from domain.events import area_of
from domain.inventory.snapshot import inventory_snapshot
from domain.inventory.stock_level import StockLevel
from domain.kernel.database import Database
from domain.kernel.event_log import Sequencer
from domain.kernel.events import REGISTRY, EventRow
from domain.kernel.principal import Principal
from domain.kernel.reads.stored_rows import OwnedItems, OwnedObject, StoredRows
from domain.kernel.sql.executor import compile_select
from domain.kernel.sql.statements import STORE

WORDS: dict[str, Any] = {
    "card_brand": "visa",
    "weight_unit": "kg",
    "payment_method": "card",
    "currency": "GBP",
    "error_code": "card_declined",
    "shipping_address": None,
    "billing_address": None,
}
"""What stands in members of few values where an event has null."""
_AT = "2026-01-15T10:30:00.123000+00:00"
REFUND = {
    "id": "re_1",
    "payment_id": "pay_1",
    "intent_id": "pi_1",
    "order_id": "ord_1",
    "currency": "GBP",
    "amount": 1250,
    "fee": 7,
    "status": "succeeded",
    "reason": None,
    "refund_application_fee": False,
    "expected_from": "2026-01-16",
    "expected_by": "2026-01-20",
    "error_code": None,
    "error_message": None,
    "items": [{"id": "rl_1", "item_id": "item_1", "quantity": 2}],
    "created_at": _AT,
    "updated_at": _AT,
}
ALERT = SimpleNamespace(
    id="alert_1",
    product_id="prod_1",
    variant_id=None,
    warehouse_id=None,
    threshold=5,
    reorder_quantity=None,
    version=2,
    created_at=datetime.fromisoformat(_AT),
    updated_at=datetime.fromisoformat(_AT),
)


def _levels() -> list[StockLevel]:
    """Of two variants in two warehouses."""
    return [
        StockLevel("prod_1", f"var_{variant}", f"wh_{warehouse}", on_hand=9, reserved=variant)
        for variant in range(2)
        for warehouse in ("Z", "a")
    ]


class Variant(NamedTuple):
    """One snapshot of an area."""

    name: str
    snapshot: dict[str, Any]
    is_sound: bool
    """Whether every member that must have a value has one."""


def variants(area: str, plain: dict[str, Any]) -> Iterator[Variant]:
    """The snapshots that are made of one that was written."""
    stored = area_of(area).stored
    assert stored is not None
    full = _filled(stored, deepcopy(plain))
    yield Variant("as written", plain, is_sound=True)
    yield Variant("full", full, is_sound=True)
    yield Variant("old", _without(stored, deepcopy(plain)), is_sound=True)
    for path, changed in _each_member(stored, full):
        yield Variant(path, changed, is_sound=False)


def _owned(stored: StoredRows) -> Iterator[tuple[str, StoredRows]]:
    for owned in stored.owned.values():
        if isinstance(owned, OwnedItems | OwnedObject):
            yield owned.member, owned.rows


def _filled(stored: StoredRows, object: dict[str, Any]) -> dict[str, Any]:
    """The object without null, and with two rows in each of its lists."""
    for name, type_ in stored.members.items():
        if object.get(name) is None and name not in stored.derived and name in object:
            object[name] = WORDS[name] if name in WORDS else _value(type_)
    for member, rows in _owned(stored):
        held = object.get(member)
        if isinstance(held, list) and held:
            object[member] = [_filled(rows, deepcopy(each)) for each in (held * 2)[:2]]
            for number, each in enumerate(object[member]):
                each.update({"id": f"{each['id']}{number}"} if "id" in each else {})
        elif isinstance(held, dict) and held:
            object[member] = _filled(rows, held)
    return object


def _value(type_: TypeEngine[Any]) -> Any:
    match type_:
        case Boolean():
            return True
        case Integer() | BigInteger():
            return 7
        case Numeric():
            return "1.50"
        case TIMESTAMP():
            return "2026-06-30T23:59:59.9999+00:00"
        case ARRAY():
            return ["a", 'b "c"']
        case JSONB():
            return {}
    return 'text "ä" 🦊'


def _without(stored: StoredRows, object: dict[str, Any]) -> dict[str, Any]:
    """The object without null and without what older ones do not have."""
    kept = {name: value for name, value in object.items() if value is not None and name not in stored.missing}
    for member, rows in _owned(stored):
        held = kept.get(member)
        if isinstance(held, list):
            kept[member] = [_without(rows, each) for each in held]
        elif isinstance(held, dict):
            kept[member] = _without(rows, held)
    return kept


def _each_member(stored: StoredRows, object: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The object with null instead of one of its members, or of those of a row that it owns."""
    for name in object:
        yield name, {**object, name: None}
    for member, rows in _owned(stored):
        held = object[member]
        if isinstance(held, list) and held:
            for path, changed in _each_member(rows, held[0]):
                yield f"{member}.{path}", {**object, member: [changed, *held[1:]]}
        elif isinstance(held, dict) and held:
            for path, changed in _each_member(rows, held):
                yield f"{member}.{path}", {**object, member: changed}


async def written_snapshots(database: Database, principal: Principal) -> dict[str, dict[str, Any]]:
    """The longest snapshot of each area that was written; of stock, and of refunds, one that might have been."""
    row = EventRow.__table__.c
    everything = compile_select(select(row.id, row.type, row.snapshot).where(row.store_id == STORE), "snapshots")
    async with database.read_connection(principal.store) as db:
        rows = await db.rows(everything, {})
    found = {each.type.partition(".")[0]: each.snapshot for each in sorted(rows, key=lambda each: len(each[2]))}
    found["inventory"] = inventory_snapshot("prod_1", None, _levels(), ALERT)
    found["payment"]["refunds"] = [REFUND]
    return found


async def add_events(database: Database, principal: Principal) -> dict[str, Variant]:
    """Add an event of each type with each snapshot of its area: the snapshots, by the id of the object."""
    found: dict[str, Variant] = {}
    written = await written_snapshots(database, principal)
    seen: set[str] = set()
    async with database.transaction(principal) as work:
        for type_, event in REGISTRY.items():
            area = type_.partition(".")[0]
            for number, each in enumerate(variants(area, written[area])):
                if each.is_sound or area not in seen:
                    key = f"{type_}-{number}"
                    work.record(event(key, 1, each.snapshot))
                    found[key] = each
            seen.add(area)
    await Sequencer(database, lambda: None).assign_all()
    return found
