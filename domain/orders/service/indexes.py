"""Rows that follow from an order: the SKUs and the words it is found by, and when its customer last ordered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, Text, bindparam, cast, column, delete, false, func, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain import customers
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.sql.word_index import words_of
from domain.kernel.use_cases.derived_rows import sync_rows
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold
from domain.orders.model import AddressJson, Order
from domain.orders.search_tables import OrderSku, OrderWord
from domain.orders.states import OrderStatus

_NAMES = ("first_name", "last_name", "company")
"""Members of an address that a search finds an order by."""
_WORDY = frozenset({"email", "shipping_address", "billing_address"})
"""Members of an order whose words are its own."""


async def index_orders(work: UnitOfWork, orders: Sequence[Order]) -> None:
    """Write all derived rows of orders just inserted. Their stock is locked before: their customers are, here."""
    await _INSERT_SKUS.each(work.reader, [row for order in orders for row in _sku_rows(work, order)])
    await _INSERT_WORDS.each(work.reader, [_words(order, order.customer_id) for order in orders])
    last: dict[str, datetime] = {}
    for order in orders:
        if order.customer_id is not None and order.status != OrderStatus.CANCELLED:
            last[order.customer_id] = max(order.created_at, last.get(order.customer_id, order.created_at))
    await customers.advance_last_orders(work, last)


async def reindex_order(work: UnitOfWork, order: Order, before: Mapping[str, Any], changed: Iterable[str]) -> None:
    """Bring the derived rows in line with an order of which these members have changed; ``before`` says from what."""
    different = frozenset(changed)
    if "items" in different:
        await sync_rows(work, OrderSku.sku_key, _sku_rows(work, order), order_id=order.id)
    if different & _WORDY:
        await index_words(work, [order])
    if "customer_id" in different:
        await index_buyers(work, [order])
    if different & {"customer_id", "status"}:
        await record_last_orders(work, {before["customer_id"], order.customer_id})


async def index_buyers(work: UnitOfWork, orders: Sequence[Order]) -> None:
    """Let orders that are another customer's now be found by the names of that one, and no other's."""
    await _FORGET.each(work.reader, [{"order": order.id, "customers": True} for order in orders])
    rows = [{"order": order.id, "customer": order.customer_id} for order in orders if order.customer_id is not None]
    await _INSERT_NAMES.each(work.reader, rows)


async def index_words(work: UnitOfWork, orders: Sequence[Order]) -> None:
    """Make the words of the orders' own those of their number, address and names, and no others."""
    await _FORGET.each(work.reader, [{"order": order.id, "customers": False} for order in orders])
    await _INSERT_WORDS.each(work.reader, [_words(order) for order in orders])


async def follow_customer_names(work: UnitOfWork, customer_id: str) -> None:
    """Let a customer's orders be found by the names that the customer has now."""
    await _DROP_NAMES.each(work.reader, [{"customer": customer_id}])
    await _ADD_NAMES.each(work.reader, [{"customer": customer_id}])


async def index_numbers(work: UnitOfWork, customer_id: str) -> None:
    """Let a customer's orders be found by their numbers alone, and no longer by what was written on them."""
    await _KEEP_NUMBERS.each(work.reader, [{"customer": customer_id}])


async def record_last_orders(work: UnitOfWork, customer_ids: Iterable[str | None]) -> None:
    """Write when these customers last ordered, cancelled orders left out."""
    for customer_id in sorted({each for each in customer_ids if each is not None}):  # in one order for every writer
        noted = await customers.lock_last_order(work, customer_id)
        ((last,),) = await _LAST_ORDER.rows(work.reader, customer=customer_id)
        if last != noted:
            await customers.set_last_order(work, customer_id, last)


def _sku_rows(work: UnitOfWork, order: Order) -> list[dict[str, Any]]:
    keys = sorted({fold(item.sku) for item in order.items})
    own = {"store_id": work.store.number, "order_id": order.id, "created_at": order.created_at}
    return [{**own, "sku_key": key} for key in keys]


def _words(order: Order, customer_id: str | None = None) -> dict[str, Any]:
    """What ``_INSERT_WORDS`` needs for an order; with ``customer_id``, for the names of that customer too."""
    words = {str(order.number)} | words_of(order.email or "")
    words |= _words_of_place(order.shipping_address) | _words_of_place(order.billing_address)
    return {"order": order.id, "words": sorted(words), "customer": customer_id}


def _words_of_place(place: AddressJson | None) -> set[str]:
    names = [] if place is None else [place.get(name) or "" for name in _NAMES]
    return set().union(*map(words_of, names))


_order = Order.__table__.c
_word = OrderWord.__table__.c
_name = customers.CustomerWord.__table__.c
_COLUMNS = ["store_id", "word", "order_id", "of_customer"]
_ORDER = bindparam("order", type_=KEY_TEXT)
_CUSTOMER = bindparam("customer", type_=KEY_TEXT)
_INSERT = insert(OrderWord.__table__).inline()  # type: ignore[arg-type]  # a Table
_INSERT_SKUS = Statement.insert_into(OrderSku)
_given = func.unnest(bindparam("words", type_=ARRAY(Text))).table_valued(column("word", Text)).render_derived("given")
_NAMES_OF_CUSTOMER = select(_name.store_id, _name.word, cast(_ORDER, KEY_TEXT), true()).where(
    _name.store_id == STORE, _name.customer_id == _CUSTOMER
)
_INSERT_WORDS = Statement(
    "insert_order_words",
    _INSERT.from_select(
        _COLUMNS,
        union_all(select(cast(STORE, Integer), _given.c.word, cast(_ORDER, KEY_TEXT), false()), _NAMES_OF_CUSTOMER),
    ),
)
_INSERT_NAMES = Statement("insert_order_names", _INSERT.from_select(_COLUMNS, _NAMES_OF_CUSTOMER))
_FORGET = Statement(
    "forget_order_words",
    delete(OrderWord.__table__).where(  # type: ignore[arg-type]  # a Table
        _word.store_id == STORE,
        _word.order_id == _ORDER,
        _word.of_customer == bindparam("customers", type_=Boolean()),
    ),
)
_OF_CUSTOMER = select(_order.id).where(_order.store_id == STORE, _order.customer_id == _CUSTOMER)
_IS_NAME = select(_name.word).where(_name.store_id == STORE, _name.customer_id == _CUSTOMER, _name.word == _word.word)
_DROP_NAMES = Statement(
    "drop_order_names",
    delete(OrderWord.__table__).where(  # type: ignore[arg-type]  # a Table
        _word.store_id == STORE, _word.of_customer, _word.order_id.in_(_OF_CUSTOMER), ~_IS_NAME.exists()
    ),
)
_IS_NUMBER = select(_order.id).where(
    _order.store_id == STORE, _order.id == _word.order_id, cast(_order.number, Text) == _word.word
)
_KEEP_NUMBERS = Statement(
    "keep_order_numbers",
    delete(OrderWord.__table__).where(  # type: ignore[arg-type]  # a Table
        _word.store_id == STORE, ~_word.of_customer, _word.order_id.in_(_OF_CUSTOMER), ~_IS_NUMBER.exists()
    ),
)
_ADD_NAMES = Statement(
    "add_order_names",
    _INSERT.from_select(
        _COLUMNS,
        select(_name.store_id, _name.word, _order.id, true())
        .select_from(Order.__table__.join(customers.CustomerWord.__table__, _order.store_id == _name.store_id))
        .where(
            _order.store_id == STORE,
            _order.customer_id == _CUSTOMER,
            _name.store_id == STORE,
            _name.customer_id == _CUSTOMER,
        ),
    ).on_conflict_do_nothing(),
)
_LAST_ORDER = Statement(
    "last_order_of_customer",
    select(func.max(_order.created_at)).where(
        _order.store_id == STORE, _order.customer_id == _CUSTOMER, _order.status != "cancelled"
    ),
)
