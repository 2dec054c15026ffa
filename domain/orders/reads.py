"""The reads and listings of orders, declared once for dataloaders, REST endpoints and query plans."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import AdaptiveFilter, Listing
from domain.kernel.listing.counted_filters import within
from domain.kernel.listing.filters import at_or_after, at_or_before, equal, linked, one_of, single
from domain.kernel.listing.nested import NestedListing
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.validation import fold
from domain.orders.model.draft import DraftOrder, DraftOrderItem
from domain.orders.model.order import Order, OrderItem, OrderNote, OrderStatusChange
from domain.orders.model.settings import StoreSettings
from domain.orders.search import SEARCH, filter_by_email, parse_number
from domain.orders.search_tables import OrderSku

SCOPE = "orders:read"

_order = Order.__table__.c
_item = OrderItem.__table__.c
_note = OrderNote.__table__.c
_step = OrderStatusChange.__table__.c
_draft = DraftOrder.__table__.c
_draft_item = DraftOrderItem.__table__.c
_settings = StoreSettings.__table__.c
_sku = OrderSku.__table__.c

_PURCHASE = (
    "id",
    "customer_id",
    "email",
    "currency",
    "subtotal",
    "discount",
    "shipping",
    "shipping_tax",
    "tax",
    "total",
    "payment_method",
    "shipping_method",
    "shipping_address",
    "billing_address",
    "metadata",
    "tags",
    "version",
    "created_at",
    "updated_at",
)
_LINE = (
    "id",
    "position",
    "product_id",
    "variant_id",
    "sku",
    "name",
    "attributes",
    "quantity",
    "price",
    "currency",
    "discount",
    "tax",
    "total",
    "created_at",
)

_ORDERS = select(
    *(_order[name] for name in _PURCHASE),
    _order.number,
    _order.status,
    _order.payment_status,
    _order.fulfillment_status,
    _order.refunded,
    _order.cancel_reason,
    _order.cancelled_at,
)
_ITEMS = select(*(_item[name] for name in _LINE), _item.order_id, _item.fulfilled, _item.refunded, _item.returned)
_NOTES = select(_note.id, _note.order_id, _note.text, _note.actor, _note.created_at)
_HISTORY = select(_step.id, _step.order_id, _step.from_status, _step.status, _step.note, _step.actor, _step.created_at)
_DRAFTS = select(*(_draft[name] for name in _PURCHASE), _draft.order_id, _draft.status)
_DRAFT_ITEMS = select(*(_draft_item[name] for name in _LINE), _draft_item.draft_id)

order_by_id = Read("order_by_id", _ORDERS, scope=SCOPE, store=_order.store_id, key=_order.id)
every_order_by_customer = Read(
    "every_order_by_customer",
    _ORDERS,
    scope=SCOPE,
    store=_order.store_id,
    key=_order.customer_id,
    order=(_order.customer_id, _order.created_at, _order.id),
    many=True,
)
item_by_id = Read("item_by_id", _ITEMS, scope=SCOPE, store=_item.store_id, key=_item.id)
items_by_order = Read(
    "items_by_order",
    _ITEMS,
    scope=SCOPE,
    store=_item.store_id,
    key=_item.order_id,
    order=(_item.order_id, _item.position, _item.id),
    many=True,
    likely=12,
)
note_by_id = Read("note_by_id", _NOTES, scope=SCOPE, store=_note.store_id, key=_note.id)
notes_by_order = Read(
    "notes_by_order",
    _NOTES,
    scope=SCOPE,
    store=_note.store_id,
    key=_note.order_id,
    order=(_note.order_id, _note.created_at, _note.id),
    many=True,
    likely=1,
)
step_by_id = Read("step_by_id", _HISTORY, scope=SCOPE, store=_step.store_id, key=_step.id)
history_by_order = Read(
    "history_by_order",
    _HISTORY,
    scope=SCOPE,
    store=_step.store_id,
    key=_step.order_id,
    order=(_step.order_id, _step.created_at, _step.id),
    many=True,
    likely=4,
)
draft_by_id = Read("draft_by_id", _DRAFTS, scope=SCOPE, store=_draft.store_id, key=_draft.id)
draft_item_by_id = Read("draft_item_by_id", _DRAFT_ITEMS, scope=SCOPE, store=_draft_item.store_id, key=_draft_item.id)
items_by_draft = Read(
    "items_by_draft",
    _DRAFT_ITEMS,
    scope=SCOPE,
    store=_draft_item.store_id,
    key=_draft_item.draft_id,
    order=(_draft_item.draft_id, _draft_item.position, _draft_item.id),
    many=True,
    likely=6,
)
settings_by_store = Read(
    "settings_by_store",
    select(
        _settings.id,
        _settings.currency,
        _settings.shipping_methods,
        _settings.tax_rates,
        _settings.version,
        _settings.created_at,
        _settings.updated_at,
    ),
    scope="access:read",
    store=_settings.store_id,
    key=_settings.id,
)


def _average_of(amount: ColumnElement[int]) -> ColumnElement[int]:
    """Return the average in minor units, rounded half up. Amounts are not negative."""
    count = func.count()
    return cast(func.div(2 * func.sum(amount) + count, 2 * count), BigInteger)


summary_by_customer = Read(
    "summary_by_customer",
    select(
        _order.customer_id,
        _order.currency,
        cast(func.count(), BigInteger).label("order_count"),
        cast(func.sum(_order.total), BigInteger).label("total_spent"),
        _average_of(_order.total).label("average_order_value"),
        func.max(_order.created_at).label("last_order_at"),
    )
    .where(_order.status != "cancelled")
    .group_by(_order.customer_id, _order.currency),
    scope=SCOPE,
    store=_order.store_id,
    key=_order.customer_id,
)
"""Totals of a customer's orders without cancelled ones. A store has one currency, so there is one row or none."""
NO_ORDERS = SimpleNamespace(
    order_count=0, total_spent=None, average_order_value=None, currency=None, last_order_at=None
)
"""The totals of a customer without orders."""


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the filters unchanged. Raises MalformedRequest for a range that ends before it begins."""
    for name in ("date", "updated", "total"):
        refuse_reversed(filters, f"{name}_from", f"{name}_to")
    return filters


_BY_VALUE = ("created_at",)
"""The sorts that the status indexes support per value."""
_by_number = equal("number", _order.number)
_with_sku = linked("sku", OrderSku.__table__, _sku.sku_key, owner=Order.__table__, owner_id=_sku.order_id)

orders = Listing(
    "orders",
    _ORDERS,
    scope=SCOPE,
    store=_order.store_id,
    id=_order.id,
    sorts={
        "created_at": _order.created_at,
        "updated_at": _order.updated_at,
        "total": _order.total,
        "number": _order.number,
    },
    filters={
        "status": one_of("status", _order.status, _BY_VALUE),
        "payment_status": one_of("payment_status", _order.payment_status, _BY_VALUE),
        "fulfillment_status": one_of("fulfillment_status", _order.fulfillment_status, _BY_VALUE),
        "customer_id": equal("customer_id", _order.customer_id),
        "number": lambda number: _by_number(parse_number(number)),
        "email": AdaptiveFilter(filter_by_email),
        "sku": lambda sku: _with_sku(fold(sku)),
        "date_from": at_or_after("date_from", _order.created_at),
        "date_to": at_or_before("date_to", _order.created_at),
        **within("updated_from", "updated_to", Order.__table__, "updated_at", sort="updated_at"),
        **within("total_from", "total_to", Order.__table__, "total", sort="total"),
    },
    search=SEARCH.find,
)
orders_by_customer = NestedListing("orders_by_customer", orders, _order.customer_id)
drafts = Listing(
    "draft_orders",
    _DRAFTS,
    scope=SCOPE,
    store=_draft.store_id,
    id=_draft.id,
    sorts={"created_at": _draft.created_at},
    filters={
        "status": one_of("status", _draft.status, _BY_VALUE),
        "customer_id": single("customer_id", _draft.customer_id, _BY_VALUE),
    },
)
