"""Derived rows of orders: SKUs, search words, and the time of the customer's last order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Integer, Text, bindparam, cast, column, delete, false, func, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain import customers
from domain.kernel.sql.row_copy import RowCopy
from domain.kernel.sql.statements import STORE, RowStatement, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.sql.word_index import words_of
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.kernel.validation import fold, fold_key
from domain.orders.model.order import AddressJson, Order
from domain.orders.search_tables import OrderSku, OrderWord
from domain.orders.states import OrderStatus

_NAMES = ("first_name", "last_name", "company")
"""Members of an address that the search of orders covers."""
_SEARCHED_MEMBERS = frozenset({"email", "shipping_address", "billing_address"})
"""Members of an order whose words the search covers."""


class DerivedRows(NamedTuple):
    """Rows of new orders that are derived from their columns and lines."""

    skus: list[dict[str, Any]]
    words: list[dict[str, Any]]


def derive_rows(work: UnitOfWork, orders: Sequence[Order]) -> DerivedRows:
    """Build the derived rows of new orders."""
    skus = [row for order in orders for row in _sku_rows(work, order)]
    return DerivedRows(skus, [_words(order, order.customer_id) for order in orders])


async def index_orders(work: UnitOfWork, orders: Sequence[Order], rows: DerivedRows | None = None) -> None:
    """Insert all derived rows of new orders, and lock the last orders of their customers. Lock the stock before.

    ``rows``: what ``derive_rows`` has built, if it was called before.
    """
    derived = rows or derive_rows(work, orders)
    if len(orders) == 1:
        work.append(_INSERT_SKUS, *derived.skus)
    else:
        await work.copy(_INSERT_SKUS, _COPIED_SKUS, derived.skus)
    await work.write(_INSERT_WORDS, derived.words)
    last: dict[str, datetime] = {}
    for order in orders:
        if order.customer_id is not None and order.status != OrderStatus.CANCELLED:
            last[order.customer_id] = max(order.created_at, last.get(order.customer_id, order.created_at))
    await customers.advance_last_orders(work, last)


async def reindex_order(work: UnitOfWork, order: Order, before: Mapping[str, Any], changed: Iterable[str]) -> None:
    """Update the derived rows of an order. ``changed``: the changed members; ``before``: the previous snapshot."""
    different = frozenset(changed)
    if "items" in different:
        await _reindex_skus(work, order, {fold(item["sku"]) for item in before["items"]})
    if different & _SEARCHED_MEMBERS:
        await index_words(work, [order])
    if "customer_id" in different:
        await index_customer_names(work, [order])
    if different & {"customer_id", "status"}:
        await record_last_orders(work, {before["customer_id"], order.customer_id})


async def index_customer_names(work: UnitOfWork, orders: Sequence[Order]) -> None:
    """Replace the customer words of orders by the names of their current customers."""
    await work.write(_DELETE_WORDS, [{"order": order.id, "customers": True} for order in orders])
    rows = [{"order": order.id, "customer": order.customer_id} for order in orders if order.customer_id is not None]
    await work.write(_INSERT_NAMES, rows)


async def index_words(work: UnitOfWork, orders: Sequence[Order]) -> None:
    """Replace the own words of orders by those of number, e-mail address and names in addresses."""
    await work.write(_DELETE_WORDS, [{"order": order.id, "customers": False} for order in orders])
    await work.write(_INSERT_WORDS, [_words(order) for order in orders])


async def follow_customer_names(work: UnitOfWork, customer_id: str) -> None:
    """Replace the customer words of all orders of a customer by the customer's current names."""
    await _DROP_NAMES.each(work.reader, [{"customer": customer_id}])
    await _ADD_NAMES.each(work.reader, [{"customer": customer_id}])


async def keep_number_words(work: UnitOfWork, customer_id: str) -> None:
    """Reduce the own words of a customer's orders to their numbers."""
    await _KEEP_NUMBERS.each(work.reader, [{"customer": customer_id}])


async def record_last_orders(work: UnitOfWork, customer_ids: Iterable[str | None]) -> None:
    """Recalculate the last orders of these customers, without cancelled orders."""
    for customer_id in sorted({each for each in customer_ids if each is not None}):  # one lock order for all writers
        stored = await customers.lock_last_order(work, customer_id)
        ((last,),) = await _LAST_ORDER.rows(work.reader, customer=customer_id)
        if last != stored:
            await customers.set_last_order(work, customer_id, last)


async def _reindex_skus(work: UnitOfWork, order: Order, stored: set[str]) -> None:
    rows = _sku_rows(work, order)
    gone = stored - {row["sku_key"] for row in rows}
    work.append(_INSERT_SKUS, *(row for row in rows if row["sku_key"] not in stored))
    await work.write(_DELETE_SKUS, [{"order_id": order.id, "sku_key": key} for key in sorted(gone)], apart=True)


def _sku_rows(work: UnitOfWork, order: Order) -> list[dict[str, Any]]:
    keys = sorted({fold_key(item.sku) for item in order.items})
    own = {"store_id": work.store.number, "order_id": order.id, "created_at": order.created_at}
    return [{**own, "sku_key": key} for key in keys]


def _words(order: Order, customer_id: str | None = None) -> dict[str, Any]:
    """Build the parameters of ``_INSERT_WORDS``. With ``customer_id``, it also inserts that customer's names."""
    words = {str(order.number)} | words_of(order.email or "")
    words |= _words_of_address(order.shipping_address) | _words_of_address(order.billing_address)
    return {"order": order.id, "words": sorted(words), "customer": customer_id}


def _words_of_address(address: AddressJson | None) -> set[str]:
    names = [] if address is None else [address.get(name) or "" for name in _NAMES]
    return set().union(*map(words_of, names))


_order = Order.__table__.c
_word = OrderWord.__table__.c
_name = customers.CustomerWord.__table__.c
_COLUMNS = ["store_id", "word", "order_id", "of_customer"]
_ORDER = bindparam("order", type_=KEY_TEXT)
_CUSTOMER = bindparam("customer", type_=KEY_TEXT)
_INSERT = insert(OrderWord.__table__).inline()  # type: ignore[arg-type]  # a Table
_INSERT_SKUS, _COPIED_SKUS = RowStatement.insert_into(OrderSku), RowCopy(OrderSku)
_DELETE_SKUS = RowStatement.delete_rows(OrderSku, ("order_id", "sku_key"))
_new_words = (
    func.unnest(bindparam("words", type_=ARRAY(Text))).table_valued(column("word", Text)).render_derived("new_words")
)
_NAMES_OF_CUSTOMER = select(_name.store_id, _name.word, cast(_ORDER, KEY_TEXT), true()).where(
    _name.store_id == STORE, _name.customer_id == _CUSTOMER
)
_INSERT_WORDS = Statement(
    "insert_order_words",
    _INSERT.from_select(
        _COLUMNS,
        union_all(select(cast(STORE, Integer), _new_words.c.word, cast(_ORDER, KEY_TEXT), false()), _NAMES_OF_CUSTOMER),
    ),
)
_INSERT_NAMES = Statement("insert_order_names", _INSERT.from_select(_COLUMNS, _NAMES_OF_CUSTOMER))
_DELETE_WORDS = Statement(
    "delete_order_words",
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
