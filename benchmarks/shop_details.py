"""The rows of the shop beside products, customers and orders: what pages show of them, what back offices work with.

Statements for ``benchmarks.shop.fill``, which puts the store, the numbers of rows and ``recent`` (the beginning of an
id of now: events and deliveries of long ago would be dropped) in place of their names.
"""

from __future__ import annotations

PICTURES = 3
"""Of each product."""
CATEGORIES = 40
PURCHASES = 200
WEBHOOKS = 10
DELIVERIES = 100
"""Of each webhook."""
FEED = 1_000
"""Orders, the newest, whose events are in the log."""

STOREFRONT = f"""
INSERT INTO category (store_id, id, slug, name, name_key, description, version, created_at, updated_at)
SELECT {{store}}, 'cat_' || lpad(n::text, 26, '0'), 'category-' || n, 'Category ' || lpad(n::text, 2, '0'),
    'category ' || lpad(n::text, 2, '0'), 'Made to be looked through.', 1, made, made
FROM generate_series(1, {CATEGORIES}) AS n,
    LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 hour') AS t(made);
INSERT INTO product_category (store_id, product_id, category_id, created_at, active)
SELECT p.store_id, p.id, 'cat_' || lpad((1 + (n * step) % {CATEGORIES})::text, 26, '0'), p.created_at,
    p.status = 'active'
FROM product p, LATERAL (SELECT substr(p.sku, 3)::int) AS t(n), unnest(ARRAY[1, 7]) AS step ON CONFLICT DO NOTHING;
INSERT INTO product_tag (store_id, product_id, tag_key, created_at)
SELECT store_id, id, tag, created_at FROM product, unnest(tags) AS tag;
INSERT INTO product_image (store_id, id, product_id, url, alt, position, created_at)
SELECT p.store_id, 'img_' || lpad((n * {PICTURES} + i)::text, 26, '0'), p.id,
    'https://cdn.example.com/' || n || '/' || i || '.jpg', p.name || ', view ' || i, i, p.created_at
FROM product p, LATERAL (SELECT substr(p.sku, 3)::int) AS t(n), generate_series(0, {PICTURES - 1}) AS i;
INSERT INTO customer_address (store_id, id, customer_id, first_name, last_name, line1, city, zip, country, created_at,
    updated_at)
SELECT store_id, 'addr_' || substr(id, 6), id, first_name, last_name, '1 High Street', 'York', 'YO1 7HH', 'GB',
    created_at, updated_at FROM customer;
UPDATE customer SET default_shipping_id = 'addr_' || substr(id, 6), default_billing_id = 'addr_' || substr(id, 6);
INSERT INTO order_status_change (store_id, id, order_id, from_status, status, actor, created_at)
SELECT o.store_id, 'step_' || place || substr(o.id, 6), o.id, before, after, 'bench',
    o.created_at + place * interval '1 hour'
FROM sales_order o JOIN (VALUES (1, 'pending', 'processing'), (2, 'processing', 'shipped'), (3, 'shipped', 'delivered'))
    AS step(place, before, after) ON place <= CASE o.status WHEN 'processing' THEN 1 WHEN 'delivered' THEN 3 ELSE 0 END
WHERE o.number % 5 = 0;
INSERT INTO order_note (store_id, id, order_id, text, actor, created_at)
SELECT store_id, 'note_' || substr(id, 5), id, 'Rang twice.', 'bench', created_at FROM sales_order WHERE number % 5 = 0;
"""

# The second warehouse has some of every tenth product, so that most orders are filled from where they always were.
# Webhooks are told of what no benchmark does: their deliveries are of the past.
BACK_OFFICE = f"""
INSERT INTO inventory_reservation (store_id, holder_id, warehouse_id, variant_id, product_id, quantity)
SELECT i.store_id, i.id, w.id, i.variant_id, i.product_id, i.quantity
FROM order_item i JOIN sales_order o ON o.store_id = i.store_id AND o.id = i.order_id
    AND o.status IN ('pending', 'processing')
JOIN warehouse w ON w.store_id = i.store_id AND w.is_default;
UPDATE inventory_level l SET reserved = held.quantity
FROM (SELECT store_id, variant_id, warehouse_id, sum(quantity) AS quantity FROM inventory_reservation GROUP BY 1, 2, 3)
    AS held
WHERE (l.store_id, l.variant_id, l.warehouse_id) = (held.store_id, held.variant_id, held.warehouse_id);
INSERT INTO warehouse (store_id, id, name, name_key, is_default, version, created_at, updated_at, country, city)
SELECT {{store}}, 'wh_' || lpad('2', 26, '0'), 'North', 'north', false, 1, made, made, 'GB', 'Leeds'
FROM (SELECT timestamptz '2024-01-01Z') AS t(made);
INSERT INTO inventory_level (store_id, variant_id, warehouse_id, product_id, on_hand, reserved, updated_at)
SELECT v.store_id, v.id, 'wh_' || lpad('2', 26, '0'), v.product_id, n / 10 % 200, 0, v.updated_at
FROM product_variant v JOIN product p ON p.store_id = v.store_id AND p.id = v.product_id,
    LATERAL (SELECT substr(p.sku, 3)::int) AS t(n)
WHERE n % 10 = 0;
INSERT INTO inventory_alert (store_id, id, product_id, variant_id, warehouse_id, threshold, reorder_quantity, version,
    created_at, updated_at, state)
SELECT store_id, 'alert_' || substr(variant_id, 5), product_id, variant_id, warehouse_id, 20, 50, 1, updated_at,
    updated_at, CASE WHEN available < 20 THEN 'low' ELSE 'armed' END
FROM inventory_level WHERE warehouse_id = 'wh_' || lpad('2', 26, '0') AND available < 40;
INSERT INTO purchase_order (store_id, id, warehouse_id, status, quantity, received, version, created_at, updated_at,
    received_at, note)
SELECT {{store}}, 'po_' || lpad(n::text, 26, '0'), 'wh_' || lpad('2', 26, '0'),
    CASE n % 2 WHEN 0 THEN 'received' ELSE 'open' END, 30, CASE n % 2 WHEN 0 THEN 30 ELSE 0 END, 1, made, made,
    CASE n % 2 WHEN 0 THEN made END, 'Monthly order'
FROM generate_series(1, {PURCHASES}) AS n, LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 day') AS t(made);
INSERT INTO purchase_order_line (store_id, order_id, variant_id, product_id, position, quantity, received)
SELECT o.store_id, o.id, v.id, v.product_id, v.position, 10, o.received / 3
FROM purchase_order o JOIN product_variant v ON v.store_id = o.store_id
    AND v.product_id = 'prod_' || lpad((1 + substr(o.id, 4)::int % {{products}})::text, 26, '0');
INSERT INTO event (store_id, id, position, type, object_id, sequence, snapshot, changed_fields, origin, actor,
    created_at)
SELECT o.store_id, 'evt_{{recent}}' || lpad((place + o.number * 2)::text, 16, '0'),
    row_number() OVER (ORDER BY o.number, place),
    type, o.id, place + 1, jsonb_build_object('id', o.id, 'number', o.number, 'status', o.status, 'payment_status',
    o.payment_status, 'fulfillment_status', o.fulfillment_status, 'customer_id', o.customer_id, 'email', o.email,
    'currency', o.currency, 'subtotal', o.subtotal, 'discount', 0, 'shipping', o.shipping, 'shipping_tax', 0, 'tax', 0,
    'total', o.total, 'refunded', 0, 'payment_method', o.payment_method, 'shipping_method', o.shipping_method,
    'shipping_address', o.shipping_address, 'billing_address', o.billing_address, 'metadata', o.metadata,
    'tags', to_jsonb(o.tags), 'cancel_reason', NULL, 'cancelled_at', NULL, 'items', items.list, 'version', 1,
    'created_at', o.created_at, 'updated_at', o.updated_at), changed, 'api', 'bench', now()
FROM sales_order o,
    LATERAL (
        SELECT jsonb_agg(jsonb_build_object('id', i.id, 'order_id', i.order_id, 'position', i.position,
            'product_id', i.product_id, 'variant_id', i.variant_id, 'sku', i.sku, 'name', i.name,
            'attributes', i.attributes, 'quantity', i.quantity, 'price', i.price, 'currency', i.currency, 'discount', 0,
            'tax', 0, 'total', i.total, 'fulfilled', i.fulfilled, 'refunded', 0, 'created_at', i.created_at)
            ORDER BY i.position) AS list
        FROM order_item i WHERE i.store_id = o.store_id AND i.order_id = o.id
    ) AS items,
    (VALUES (0, 'order.created', ARRAY[]::text[]), (1, 'order.updated', ARRAY['tags'])) AS step(place, type, changed)
WHERE o.number > {{orders}} - {FEED};
UPDATE event_log SET position = (SELECT coalesce(max(position), 0) FROM event);
INSERT INTO webhook (store_id, id, url, events, active, include_imported, secret, secret_hint, credential, scopes,
    version, created_at, updated_at)
SELECT {{store}}, 'whk_' || lpad(n::text, 26, '0'), 'https://shop-' || n || '.example.com/hook',
    ARRAY['order.cancelled'], true, false, '\\x00', 'whsec_…abc=', 'system', ARRAY['orders:read'], 1, made, made
FROM generate_series(1, {WEBHOOKS}) AS n, LATERAL (SELECT timestamptz '2024-01-01Z' + n * interval '1 day') AS t(made);
INSERT INTO webhook_delivery (store_id, id, webhook_id, event_id, type, object_id, status, attempt, attempts, request,
    redactions, delivered_at, created_at, updated_at)
SELECT e.store_id, 'dlv_{{recent}}' || lpad((w * {DELIVERIES} + e.place)::text, 16, '0'),
    'whk_' || lpad(w::text, 26, '0'), e.id, e.type, e.object_id,
    CASE e.place % 10 WHEN 0 THEN 'failed' ELSE 'delivered' END, 1,
    jsonb_build_array(jsonb_build_object('number', 1, 'started_at', e.created_at, 'duration_ms', 87, 'status',
        CASE e.place % 10 WHEN 0 THEN 500 ELSE 200 END, 'error', NULL, 'response', 'ok')), NULL, 0,
    CASE e.place % 10 WHEN 0 THEN NULL ELSE e.created_at END, e.created_at + e.place * interval '1 second', e.created_at
FROM generate_series(1, {WEBHOOKS}) AS w, (SELECT *, row_number() OVER (ORDER BY position) AS place FROM event
    ORDER BY position LIMIT {DELIVERIES}) AS e
"""
