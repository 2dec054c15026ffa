"""One statement for each read: PostgreSQL writes the whole answer as JSON. ``$1`` is the store."""

_MOMENT = """to_char({0}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_VARIANTS = """
LATERAL (
    SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'attributes', v.attributes,
        'price', json_build_object('minorUnits', v.price)) ORDER BY v.position, v.id) AS list
    FROM product_variant v WHERE v.store_id = $1 AND v.product_id = p.id
) AS variants"""
_PRODUCT = f"""json_build_object('id', p.id, 'name', p.name, 'sku', p.sku, 'status', upper(p.status),
    'createdAt', {_MOMENT.format("p")}, 'price', json_build_object('minorUnits', p.price),
    'variants', coalesce(variants.list, '[]'))"""

PRODUCTS = f"""
SELECT json_build_object('data', json_build_object('products', json_build_object('nodes',
    coalesce(json_agg({_PRODUCT} ORDER BY p.created_at DESC, p.id DESC), '[]'))))
FROM (
    SELECT id, name, sku, status, created_at, price FROM product
    WHERE store_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50
) AS p, {_VARIANTS}
"""
PRODUCT = f"""
SELECT json_build_object('data', json_build_object('product', {_PRODUCT}))
FROM product p, {_VARIANTS} WHERE p.store_id = $1 AND p.id = $2
"""
ORDERS = f"""
SELECT json_build_object('data', json_build_object('orders', json_build_object('nodes',
    coalesce(json_agg(json_build_object('id', o.id, 'status', upper(o.status),
        'paymentStatus', upper(o.payment_status), 'createdAt', {_MOMENT.format("o")},
        'total', json_build_object('minorUnits', o.total), 'customer', customer.one, 'items',
        coalesce(items.list, '[]')) ORDER BY o.created_at DESC, o.id DESC), '[]'))))
FROM (
    SELECT id, status, payment_status, created_at, total, customer_id FROM sales_order
    WHERE store_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50
) AS o
LEFT JOIN LATERAL (
    SELECT json_build_object('id', c.id, 'email', c.email, 'firstName', c.first_name, 'lastName', c.last_name) AS one
    FROM customer c WHERE c.store_id = $1 AND c.id = o.customer_id
) AS customer ON true,
LATERAL (
    SELECT json_agg(json_build_object('id', i.id, 'quantity', i.quantity,
        'price', json_build_object('minorUnits', i.price),
        'product', json_build_object('id', p.id, 'name', p.name, 'sku', p.sku),
        'variant', CASE WHEN v.id IS NOT NULL THEN json_build_object('id', v.id, 'sku', v.sku) END)
        ORDER BY i.position, i.id) AS list
    FROM order_item i
    JOIN product p ON p.store_id = $1 AND p.id = i.product_id
    LEFT JOIN product_variant v ON v.store_id = $1 AND v.id = i.variant_id
    WHERE i.store_id = $1 AND i.order_id = o.id
) AS items
"""
