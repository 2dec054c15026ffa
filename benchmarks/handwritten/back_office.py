"""The statements of what back offices show: orders, customers, stock, purchases, webhooks, events."""

from __future__ import annotations

from benchmarks.handwritten.json_sql import amount, answer, listed, moment, money, nodes

OF_ORDER = "order_item i WHERE i.store_id = $1 AND i.order_id = o.id"
OF_IMAGES = "product_image g WHERE g.store_id = $1 AND g.product_id = p.id"
IMAGES = listed("json_build_object('url', g.url, 'alt', g.alt)", OF_IMAGES, "g.position, g.id")
_LINE = f"""json_build_object('id', i.id, 'sku', i.sku, 'name', i.name, 'attributes', i.attributes,
    'quantity', i.quantity, 'fulfilled', i.fulfilled, 'price', {amount("i.price")}, 'tax', {amount("i.tax")},
    'total', {amount("i.total")},
    'product', (SELECT json_build_object('id', p.id, 'name', p.name, 'images', {IMAGES})
        FROM product p WHERE p.store_id = $1 AND p.id = i.product_id),
    'variant', (SELECT json_build_object('id', v.id, 'sku', v.sku)
        FROM product_variant v WHERE v.store_id = $1 AND v.id = i.variant_id))"""
_STEP = f"""json_build_object('id', s.id, 'fromStatus', upper(s.from_status), 'status', upper(s.status), 'note', s.note,
    'actor', s.actor, 'createdAt', {moment("s.created_at")})"""
_NOTE = f"json_build_object('id', n.id, 'text', n.text, 'actor', n.actor, 'createdAt', {moment('n.created_at')})"


def _address(column: str) -> str:
    names = {"firstName": "first_name", "lastName": "last_name"}
    names |= {name: name for name in ("company", "line1", "line2", "city", "state", "zip", "country", "phone")}
    members = ", ".join(f"'{name}', o.{column} ->> '{stored}'" for name, stored in names.items())
    return f"CASE WHEN o.{column} IS NOT NULL THEN json_build_object({members}) END"


ORDER = answer(f"""
    'order', (SELECT json_build_object('id', o.id, 'number', o.number::text, 'version', o.version,
        'createdAt', {moment("o.created_at")}, 'updatedAt', {moment("o.updated_at")}, 'status', upper(o.status),
        'paymentStatus', upper(o.payment_status), 'fulfillmentStatus', upper(o.fulfillment_status), 'email', o.email,
        'tags', to_json(o.tags), 'metadata', o.metadata, 'paymentMethod', upper(o.payment_method),
        'shippingMethod', o.shipping_method, 'subtotal', {amount("o.subtotal")}, 'discount', {amount("o.discount")},
        'shipping', {amount("o.shipping")}, 'tax', {amount("o.tax")}, 'total', {money("o.total", "o.currency")},
        'refunded', {amount("o.refunded")}, 'shippingAddress', {_address("shipping_address")},
        'billingAddress', {_address("billing_address")},
        'customer', (SELECT json_build_object('id', c.id, 'email', c.email, 'firstName', c.first_name,
            'lastName', c.last_name, 'tags', to_json(c.tags)) FROM customer c
            WHERE c.store_id = $1 AND c.id = o.customer_id),
        'items', {listed(_LINE, OF_ORDER, "i.position, i.id")},
        'history', {
    listed(_STEP, "order_status_change s WHERE s.store_id = $1 AND s.order_id = o.id", "s.created_at, s.id")
},
        'notes', {listed(_NOTE, "order_note n WHERE n.store_id = $1 AND n.order_id = o.id", "n.created_at, n.id")})
    FROM sales_order o WHERE o.store_id = $1 AND o.id = $2)""")
_CARD = f"""json_build_object('id', o.id, 'number', o.number::text, 'createdAt', {moment("o.created_at")},
    'paymentStatus', upper(o.payment_status), 'fulfillmentStatus', upper(o.fulfillment_status),
    'shippingMethod', o.shipping_method, 'tags', to_json(o.tags), 'total', {money("o.total", "o.currency")},
    'customer', (SELECT json_build_object('id', c.id, 'firstName', c.first_name, 'lastName', c.last_name)
        FROM customer c WHERE c.store_id = $1 AND c.id = o.customer_id),
    'items', {
    listed("json_build_object('id', i.id, 'sku', i.sku, 'quantity', i.quantity)", OF_ORDER, "i.position, i.id")
})"""


def _column(status: str) -> str:
    source = f"""(SELECT * FROM sales_order WHERE store_id = $1 AND status = '{status}'
        ORDER BY created_at DESC, id DESC LIMIT 25) AS o"""
    return nodes(_CARD, source, "o.created_at DESC, o.id DESC")


BOARD = answer(f"'pending', {_column('pending')}, 'processing', {_column('processing')}")
_SPENT = f"""
    (SELECT json_build_object('orderCount', count(*), 'totalSpent', CASE WHEN count(*) > 0 THEN
        json_build_array({money("sum(o.total)", "min(o.currency)")}) ELSE '[]' END,
        'lastOrderAt', {moment("max(o.created_at)")})
    FROM sales_order o WHERE o.store_id = $1 AND o.customer_id = c.id AND o.status <> 'cancelled')"""
CUSTOMERS = answer(f"""
    'customers', {
    nodes(
        f'''json_build_object('id', c.id, 'email', c.email, 'firstName', c.first_name, 'lastName', c.last_name,
            'tags', to_json(c.tags), 'createdAt', {moment("c.created_at")}, 'orderSummary', {_SPENT})''',
        "(SELECT * FROM customer WHERE store_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50) AS c",
        "c.created_at DESC, c.id DESC",
    )
}""")
_WAREHOUSE = (
    "(SELECT json_build_object('id', w.id, 'name', w.name) FROM warehouse w WHERE w.store_id = $1 AND w.id = {})"
)
_NAMED = "(SELECT json_build_object('id', p.id, 'name', p.name{}) FROM product p WHERE p.store_id = $1 AND p.id = {})"
_OF_LEVEL = "FROM product_variant v WHERE v.store_id = $1 AND v.id = l.variant_id)"
_WITH_SKU = ", 'sku', p.sku"
STOCK = answer(f"""
    'warehouses', {
    nodes(
        '''json_build_object('id', w.id, 'name', w.name, 'isDefault', w.is_default, 'active', w.active, 'city', w.city,
            'country', w.country)''',
        "(SELECT * FROM warehouse WHERE store_id = $1 ORDER BY created_at DESC, id DESC LIMIT 20) AS w",
        "w.created_at DESC, w.id DESC",
    )
},
    'inventoryLevels', {
    nodes(
        f'''json_build_object('id', l.id, 'onHand', l.on_hand, 'reserved', l.reserved, 'available', l.available,
            'variant', (SELECT json_build_object('id', v.id, 'sku', v.sku, 'attributes', v.attributes,
                'product', {_NAMED.format("", "v.product_id")}) {_OF_LEVEL})''',
        '''(SELECT * FROM inventory_level WHERE store_id = $1 AND warehouse_id = $2
            ORDER BY available, id LIMIT 50) AS l''',
        "l.available, l.id",
    )
}""")
LOW_STOCK = answer(f"""
    'inventoryLevels', {
    nodes(
        f'''json_build_object('id', l.id, 'onHand', l.on_hand, 'available', l.available,
            'warehouse', {_WAREHOUSE.format("l.warehouse_id")},
            'variant', (SELECT json_build_object('id', v.id, 'sku', v.sku,
                'product', {_NAMED.format(_WITH_SKU, "v.product_id")}) {_OF_LEVEL})''',
        "(SELECT * FROM inventory_level WHERE store_id = $1 AND available < 10 ORDER BY available, id LIMIT 50) AS l",
        "l.available, l.id",
    )
},
    'inventoryAlerts', {
    nodes(
        f'''json_build_object('id', a.id, 'threshold', a.threshold, 'reorderQuantity', a.reorder_quantity,
            'state', upper(a.state), 'product', {_NAMED.format("", "a.product_id")},
            'variant', (SELECT json_build_object('id', v.id, 'sku', v.sku) FROM product_variant v
                WHERE v.store_id = $1 AND v.id = a.variant_id),
            'warehouse', {_WAREHOUSE.format("a.warehouse_id")})''',
        '''(SELECT * FROM inventory_alert WHERE store_id = $1 AND state = 'low'
            ORDER BY created_at DESC, id DESC LIMIT 25) AS a''',
        "a.created_at DESC, a.id DESC",
    )
}""")
_LINES = listed(
    f"""json_build_object('quantity', l.quantity, 'received', l.received,
        'product', {_NAMED.format(_WITH_SKU, "l.product_id")},
        'variant', (SELECT json_build_object('id', v.id, 'sku', v.sku) {_OF_LEVEL})""",
    "purchase_order_line l WHERE l.store_id = $1 AND l.order_id = o.id",
    "l.position",
)
PURCHASES = answer(f"""
    'purchaseOrders', {
    nodes(
        f'''json_build_object('id', o.id, 'status', upper(o.status), 'quantity', o.quantity, 'received', o.received,
            'note', o.note, 'createdAt', {moment("o.created_at")}, 'warehouse', {_WAREHOUSE.format("o.warehouse_id")},
            'lines', {_LINES})''',
        '''(SELECT * FROM purchase_order WHERE store_id = $1 AND status = 'open'
            ORDER BY created_at DESC, id DESC LIMIT 25) AS o''',
        "o.created_at DESC, o.id DESC",
    )
}""")
_ATTEMPT = "json_build_object('number', x -> 'number', 'status', x -> 'status', 'durationMs', x -> 'duration_ms')"
_DELIVERIES = nodes(
    f"""json_build_object('id', d.id, 'type', d.type, 'status', upper(d.status),
        'createdAt', {moment("d.created_at")}, 'deliveredAt', {moment("d.delivered_at")},
        'attempts', (SELECT json_agg({_ATTEMPT}) FROM jsonb_array_elements(d.attempts) AS x))""",
    """(SELECT * FROM webhook_delivery WHERE store_id = $1 AND webhook_id = h.id
        ORDER BY created_at DESC, id DESC LIMIT 10) AS d""",
    "d.created_at DESC, d.id DESC",
)
WEBHOOKS = answer(f"""
    'webhooks', {
    nodes(
        f'''json_build_object('id', h.id, 'url', h.url, 'events', to_json(h.events), 'active', h.active,
            'failingSince', {moment("h.failing_since")}, 'deliveries', {_DELIVERIES})''',
        "(SELECT * FROM webhook WHERE store_id = $1 ORDER BY created_at DESC, id DESC LIMIT 10) AS h",
        "h.created_at DESC, h.id DESC",
    )
}""")
_SNAPSHOT = f"""CASE e.type
    WHEN 'order.created' THEN json_build_object('number', e.snapshot ->> 'number',
        'status', upper(e.snapshot ->> 'status'), 'email', e.snapshot -> 'email',
        'total', {money("(e.snapshot -> 'total')::bigint", "e.snapshot -> 'currency'")},
        'items', (SELECT json_agg(json_build_object('sku', x -> 'sku', 'quantity', x -> 'quantity'))
            FROM jsonb_array_elements(e.snapshot -> 'items') AS x))
    ELSE json_build_object('number', e.snapshot ->> 'number', 'status', upper(e.snapshot ->> 'status'),
        'paymentStatus', upper(e.snapshot ->> 'payment_status'), 'tags', e.snapshot -> 'tags') END"""
EVENTS = answer(f"""
    'events', {
    nodes(
        f'''json_build_object('id', e.id, 'type', upper(replace(e.type, '.', '_')), 'objectId', e.object_id,
            'createdAt', {moment("e.created_at")}, 'changedFields', to_json(e.changed_fields),
            'snapshot', {_SNAPSHOT})''',
        '''(SELECT * FROM event WHERE store_id = $1 AND position IS NOT NULL
            AND type IN ('order.created', 'order.updated', 'order.cancelled') ORDER BY position LIMIT 50) AS e''',
        "e.position",
    )
}""")

BACK_OFFICE = {
    "order-page": ORDER,
    "orders-board": BOARD,
    "customers-spent": CUSTOMERS,
    "stock-by-warehouse": STOCK,
    "low-stock": LOW_STOCK,
    "purchase-orders": PURCHASES,
    "webhook-deliveries": WEBHOOKS,
    "event-feed": EVENTS,
}
"""By the name of the operation."""
