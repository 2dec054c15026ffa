"""An order by hand: what ``createOrder`` changes, in one transaction, and its answer.

What the gateway guards is guarded here too: the key of the request, the buyer, the products' stock; what it checks of
the input beyond that, encrypts or renders by a selection is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from domain.kernel.clock import system_clock
from domain.kernel.ids import new_id

Connection = asyncpg.Connection | PoolConnectionProxy

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"
REPLAY = "SELECT fingerprint, answer FROM idempotency_record WHERE store_id = $1 AND credential = 'limit' AND key = $2"
BUYER = "SELECT email FROM customer WHERE store_id = $1 AND id = $2 AND status = 'active' FOR SHARE"
TERMS = """
SELECT (method ->> 'price')::bigint FROM store_settings, jsonb_array_elements(shipping_methods) AS method
WHERE store_id = $1 AND method ->> 'code' = $2
"""
SOLD = """
SELECT v.id, v.product_id, v.sku, v.price, v.attributes::text AS attributes, p.name FROM product_variant v
JOIN product p ON p.store_id = $1 AND p.id = v.product_id AND p.status = 'active'
WHERE v.store_id = $1 AND v.id = ANY ($2::text[])
"""
ORDER = """
INSERT INTO sales_order (store_id, id, customer_id, email, currency, subtotal, discount, shipping, shipping_tax, tax,
    total, tax_rate, tax_on_shipping, shipping_method, metadata, version, created_at, updated_at, status, captured,
    refunded, payment_failed, units, units_fulfilled, refund_requested, sequence, tags)
VALUES ($1, $2, $3, $4, 'GBP', $5, 0, $6, 0, 0, $7, 0, false, $8, '{}', 1, $9, $9, 'pending', 0, 0, false, $10, 0,
    false, 1, '{}')
RETURNING number
"""
STEP = """
INSERT INTO order_status_change (store_id, id, order_id, status, actor, created_at)
VALUES ($1, $2, $3, 'pending', 'limit', $4)
"""
ITEMS = """
INSERT INTO order_item (store_id, id, position, product_id, variant_id, sku, name, attributes, quantity, price,
    own_price, currency, discount, tax, total, created_at, order_id, fulfilled, refunded, returned)
SELECT $1, i.id, i.position, i.product_id, i.variant_id, i.sku, i.name, i.attributes, i.quantity, i.price, false, 'GBP',
    0, 0, i.price * i.quantity, $2, $3, 0, 0, 0
FROM jsonb_to_recordset($4::jsonb) AS i(id text, position int, product_id text, variant_id text, sku text, name text,
    attributes jsonb, quantity int, price bigint)
"""
GUARD = """
SELECT product_id FROM inventory WHERE store_id = $1 AND product_id = ANY ($2::text[]) ORDER BY product_id FOR UPDATE
"""
RESERVE = """
WITH held AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS i(id text, product_id text, variant_id text, quantity int)
),
reserved AS (
    UPDATE inventory_level l SET reserved = reserved + held.quantity, updated_at = $3
    FROM held JOIN warehouse w ON w.store_id = $1 AND w.is_default
    WHERE l.store_id = $1 AND l.variant_id = held.variant_id AND l.warehouse_id = w.id
        AND l.on_hand - l.reserved >= held.quantity
    RETURNING l.variant_id, l.warehouse_id
)
INSERT INTO inventory_reservation (store_id, holder_id, warehouse_id, variant_id, product_id, quantity)
SELECT $1, held.id, reserved.warehouse_id, held.variant_id, held.product_id, held.quantity
FROM held JOIN reserved USING (variant_id)
"""
EVENT = """
INSERT INTO event (store_id, id, type, object_id, sequence, snapshot, changed_fields, origin, actor, created_at)
VALUES ($1, $2, 'order.created', $3, 1, $4, '{}', 'api', 'limit', $5)
"""
KEEP = """
INSERT INTO idempotency_record (store_id, credential, key, fingerprint, answer, people, created_at)
VALUES ($1, 'limit', $2, $3, $4, $5, $6)
"""


async def place(connection: Connection, store: int, key: str, request: bytes) -> bytes:
    """Place the order that ``request`` (a GraphQL request of createOrder) asks for; the answer. Raises LookupError."""
    asked = orjson.loads(request)["variables"]["input"]
    fingerprint = hashlib.sha256(request).digest()
    async with connection.transaction():
        if not await connection.fetchval(TRY_LOCK, f"{store}/{key}"):
            raise LookupError("in flight")
        stored = await connection.fetchrow(REPLAY, store, key)
        if stored is not None:
            answer: bytes = stored["answer"]
            return answer
        answer = await _write(connection, store, asked)
        people = [asked["customerId"]]
        await connection.execute(KEEP, store, key, fingerprint, answer, people, system_clock())
    return answer


async def _write(connection: Connection, store: int, asked: Mapping[str, Any]) -> bytes:
    now, order = system_clock(), new_id("ord")
    email = await connection.fetchval(BUYER, store, asked["customerId"])
    shipping = await connection.fetchval(TERMS, store, asked["shippingMethod"])
    items = await _items(connection, store, asked)
    subtotal = sum(item["price"] * item["quantity"] for item in items)
    total, units = subtotal + shipping, sum(item["quantity"] for item in items)
    terms = (subtotal, shipping, total, asked["shippingMethod"], now, units)
    number = await connection.fetchval(ORDER, store, order, asked["customerId"], email, *terms)
    lines = orjson.dumps(items).decode()
    await connection.execute(STEP, store, new_id("step"), order, now)
    await connection.execute(ITEMS, store, now, order, lines)
    await connection.fetch(GUARD, store, sorted({item["product_id"] for item in items}))
    if await connection.execute(RESERVE, store, lines, now) != f"INSERT 0 {len(items)}":
        raise LookupError("not enough in stock")
    snapshot = {"id": order, "number": number, "email": email, "total": total, "created_at": now, "items": items}
    await connection.execute(EVENT, store, new_id("evt"), order, orjson.dumps(snapshot).decode(), now)
    return _answer(order, number, total, now, items)


async def _items(connection: Connection, store: int, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted = [entry["variantId"] for entry in asked["items"]]
    sold = {row["id"]: row for row in await connection.fetch(SOLD, store, wanted)}
    return [
        {
            "id": new_id("item"),
            "position": position,
            "product_id": row["product_id"],
            "variant_id": row["id"],
            "sku": row["sku"],
            "name": row["name"],
            "attributes": orjson.Fragment(row["attributes"]),
            "quantity": entry["quantity"],
            "price": row["price"],
        }
        for position, entry in enumerate(asked["items"])
        for row in (sold[entry["variantId"]],)
    ]


def _answer(order: str, number: int, total: int, now: datetime, items: list[dict[str, Any]]) -> bytes:
    lines = [{"id": item["id"], "quantity": item["quantity"], "price": {"minorUnits": item["price"]}} for item in items]
    moment = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
    placed = {"id": order, "number": str(number), "status": "PENDING", "total": {"minorUnits": total}}
    made = {**placed, "createdAt": moment, "items": lines}
    return orjson.dumps({"data": {"createOrder": {"userErrors": [], "order": made}}})
