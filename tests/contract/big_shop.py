"""A shop with many products, customers and orders, written by the database itself: for plans, not for use cases.

GATEWAY_TEST_PRODUCTS says how many of each (50,000, a multiple of 20); two stores share them, three to one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import asyncpg

from domain.kernel.database import OWNER_ROLE
from domain.kernel.principal import Principal

PRODUCTS = int(os.environ.get("GATEWAY_TEST_PRODUCTS", "50000"))
CUSTOMERS = PRODUCTS
ORDERS = PRODUCTS
BUYERS = ORDERS // 20 * 4
"""So many customers have orders: five each, the second of them many more."""
CATEGORIES = 30
EMPTY_CATEGORIES = 5_000
"""Further ones, without products."""
TAGS = 40
TRANSFERS_PER_PAYMENT = 20
"""So many that the ledger is much larger than anything else, as it becomes with time."""


@dataclass(frozen=True, slots=True)
class BigShop:
    """The caller of the larger store, and how many products lie in it."""

    principal: Principal
    products: int


async def fill(url: str, large: Principal, small: Principal) -> BigShop:
    """Write the rows of both stores, as the owner of the tables, and let the planner know them."""
    connection = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE, "jit": "off"})
    try:
        made = (
            f"CREATE TEMP TABLE {name} AS {rows}"
            for name, rows in (("made", _MADE), ("people", _PEOPLE), ("sold", _SOLD))
        )
        for statement in (*made, "ANALYZE made, people, sold", *_FILL.split(";\n")):
            numbered = statement.replace(":large", str(large.store.number)).replace(":small", str(small.store.number))
            await connection.execute(numbered, timeout=3600)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in tables:
            if table["tablename"] != "alembic_version":
                await connection.execute(f"VACUUM ANALYZE {table['tablename']}", timeout=3600)
    finally:
        await connection.close()
    return BigShop(large, PRODUCTS * 3 // 4)


# Every fourth product is the small store's. Categories, tags and words are skewed: a few are very common.
_MADE = f"""
SELECT n,
       CASE WHEN n % 4 = 0 THEN :small ELSE :large END AS store,
       'prod_' || lpad(n::text, 26, '0') AS id,
       (ARRAY['Classic', 'Classic', 'Classic', 'Modern', 'Vintage', 'Tiny', 'Giant', 'Soft'])[1 + hash % 8] || ' '
           || (ARRAY['red', 'blue', 'green', 'black', 'white'])[1 + hash / 8 % 5] || ' '
           || (ARRAY['mug', 'plate', 'lamp', 'chair', 'table', 'shirt', 'bag', 'pen', 'box', 'cup'])[1 + hash / 40 % 10]
           || CASE WHEN n % 1000 = 7 THEN ' limited' ELSE '' END || ' model' || n % (1 + {PRODUCTS} / 20) AS name,
       'SKU-' || n AS sku,
       CASE WHEN hash % 100 < 90 THEN 'active' WHEN hash % 100 < 97 THEN 'draft' ELSE 'archived' END AS status,
       100 + hash % 50000 AS price,
       timestamptz '2023-01-01Z' + n * interval '1 day' * 1000 / {PRODUCTS} AS created_at,
       timestamptz '2026-01-01Z' + hash % 1000000 * interval '1 second' AS updated_at,
       ({CATEGORIES} * power(hash % 1000 / 1000.0, 3))::int % {CATEGORIES} AS category,
       ({TAGS} * power(hash / 7 % 1000 / 1000.0, 3))::int % {TAGS} AS tag
FROM (SELECT n, abs(hashint4(n)) AS hash FROM generate_series(1, {PRODUCTS}) AS n) AS numbered
"""

# The positions of events lie below all that are ever given, where no follower looks.
# Every fourth customer is the small store's. Half have the same domain, a thousandth one that is rare; names repeat.
# What an address begins with has nothing to do with when its customer came.
_PEOPLE = f"""
SELECT *, first || n::bigint * 7919 % {CUSTOMERS} || '@' || domain AS address FROM (SELECT n,
       CASE WHEN n % 4 = 0 THEN :small ELSE :large END AS store,
       'cust_' || lpad(n::text, 26, '0') AS id,
       (ARRAY['ann', 'bob', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal'])[1 + hash % 8] AS first,
       (ARRAY['smith', 'jones', 'doe', 'khan'])[1 + hash / 8 % 4]
           || CASE WHEN n % 500 = 7 THEN 'son' ELSE '' END AS last,
       CASE WHEN n % 1000 = 9 THEN 'rare.example' WHEN hash / 32 % 2 = 0 THEN 'common.example'
            ELSE 'host' || n % 50 || '.example' END AS domain,
       CASE WHEN hash % 100 < 95 THEN 'active' ELSE 'archived' END AS status,
       ({TAGS} * power(hash / 7 % 1000 / 1000.0, 3))::int % {TAGS} AS tag,
       timestamptz '2023-01-01Z' + n * interval '1 day' * 1000 / {CUSTOMERS} AS created_at,
       timestamptz '2026-01-01Z' + hash % 1000000 * interval '1 second' AS updated_at
FROM (SELECT n, abs(hashint4(n)) AS hash FROM generate_series(1, {CUSTOMERS}) AS n) AS numbered) AS people
"""

# Every fourth order is the small store's, and its customer and products are of the same store. What is still to be
# done is recent, as in any shop: the last 24 are pending, the last hundredth in processing. A tenth are guests'.
_SOLD = f"""
SELECT n, hash, made_of.store, made_of.currency, created_at, updated_at, line * 3 + 3 AS subtotal,
       'ord_' || lpad(n::text, 26, '0') AS id,
       CASE WHEN n % 100 = 2 THEN 2 WHEN hash % 10 = 0 OR n % {BUYERS} = 0 THEN NULL ELSE n % {BUYERS} END AS buyer,
       CASE WHEN n > {ORDERS} - 32 THEN 'pending' WHEN n > {ORDERS} * 0.99 THEN 'processing'
            WHEN hash % 100 < 10 THEN 'cancelled' WHEN hash % 100 < 20 THEN 'shipped' ELSE 'delivered' END AS status,
       line
FROM (SELECT n, abs(hashint4(n)) AS hash FROM generate_series(1, {ORDERS}) AS n) AS numbered
CROSS JOIN LATERAL (
    SELECT CASE WHEN n % 4 = 0 THEN :small ELSE :large END AS store, 'GBP' AS currency, 100 + hash % 5000 AS line,
           timestamptz '2023-01-01Z' + n * interval '1 day' * 1000 / {ORDERS} AS created_at,
           timestamptz '2026-01-01Z' + hash % 1000000 * interval '1 second' AS updated_at
) AS made_of
"""

_TEMPORARY = {"made": _MADE, "people": _PEOPLE, "sold": _SOLD}

_FILL = f"""
INSERT INTO trusted_document (store_id, id, hash, text, public, created_at)
SELECT store, 'doc_' || lpad(n::text, 26, '0'), lpad(n::text, 64, '0'), '{{ shop {{ id }} }}', false,
       timestamptz '2023-01-01Z'
FROM generate_series(1, 5000) AS n, unnest(ARRAY[:large, :small]) AS store;
INSERT INTO oauth_client
    (store_id, id, name, type, redirect_uris, scopes, version, created_by, created_at, updated_at)
SELECT store, CASE store WHEN :large THEN 'cli_' ELSE 'cli_s' END || lpad(n::text, 26, '0'), 'App', 'public',
       '{{https://x}}', '{{}}', 1, 'system', timestamptz '2023-01-01Z', timestamptz '2023-01-01Z'
FROM generate_series(1, 5000) AS n, unnest(ARRAY[:large, :small]) AS store;
INSERT INTO oauth_grant (store_id, id, client_id, scopes, created_at)
SELECT store_id, 'grant_' || right(id, 26), id, '{{}}', created_at FROM oauth_client;
INSERT INTO category (store_id, id, slug, name, name_key, description, version, created_at, updated_at)
SELECT store, 'cat_' || lpad(n::text, 26, '0'), 'category-' || n, 'Category ' || n, 'category ' || n, '', 1,
       timestamptz '2023-01-01Z', timestamptz '2023-01-01Z'
FROM generate_series(0, {CATEGORIES - 1 + EMPTY_CATEGORIES}) AS n, unnest(ARRAY[:large, :small]) AS store;
INSERT INTO product
SELECT store, id, name, lower(name), 'Made.', sku, status, price, 'GBP', ARRAY['Tag-' || tag], '{{}}', 1, 1,
       created_at, updated_at FROM made;
INSERT INTO product_variant
SELECT store, 'var_' || lpad((2 * n + v)::text, 26, '0'), id, sku || '-' || v, lower(sku || '-' || v), price, false,
       NULL, 'GBP', '{{}}', NULL, v, created_at, updated_at FROM made, generate_series(0, 1) AS v;
INSERT INTO product_image
SELECT store, 'img_' || lpad(n::text, 26, '0'), id, 'https://x.example/' || n, NULL, 0, created_at FROM made;
INSERT INTO product_sku
SELECT store, lower(sku || suffix), id FROM made, unnest(ARRAY['', '-0', '-1']) AS suffix;
INSERT INTO product_word
SELECT DISTINCT store, word, id
FROM made, unnest(string_to_array(lower(name), ' ') || ARRAY['sku', n::text, '0', '1']) AS word;
INSERT INTO product_category
SELECT DISTINCT store, id, 'cat_' || lpad(((category + step) % {CATEGORIES})::text, 26, '0'), created_at,
       status = 'active'
FROM made, unnest(ARRAY[0, 7]) AS step;
INSERT INTO product_stock SELECT store, id, n % 100 > 0, created_at FROM made;
INSERT INTO product_tag
SELECT DISTINCT store, id, 'tag-' || (tag + step) % {TAGS}, created_at FROM made, unnest(ARRAY[0, 1, 11]) AS step;
INSERT INTO customer
SELECT store, id, address, address, domain, initcap(first), initcap(last),
       last || ' ' || first, NULL, NULL, ARRAY['Tag-' || tag], '{{}}', 'api', status, NULL, NULL, NULL, NULL, 1, 1,
       created_at, updated_at FROM people;
INSERT INTO customer_address
SELECT store, 'addr_' || lpad(n::text, 26, '0'), id, initcap(first), initcap(last), NULL, '1 Home Road', NULL, 'Leeds',
       NULL, NULL, 'GB', NULL, created_at, created_at FROM people;
INSERT INTO customer_word SELECT store, word, id FROM people, unnest(ARRAY[first, last]) AS word;
INSERT INTO customer_search_word
SELECT DISTINCT store, word, id FROM people,
    unnest(string_to_array(replace(address, '@', '.'), '.') || ARRAY[first, last, '4420' || lpad(n::text, 8, '0')])
        AS word;
INSERT INTO customer_last_order
SELECT people.store, people.id, coalesce(max(sold.created_at), timestamptz '1970-01-01Z')
FROM people LEFT JOIN sold ON sold.buyer = people.n AND sold.status <> 'cancelled' GROUP BY people.store, people.id;
INSERT INTO customer_tag
SELECT DISTINCT store, id, 'tag-' || (tag + step) % {TAGS}, created_at FROM people, unnest(ARRAY[0, 1, 11]) AS step;
INSERT INTO event
    (store_id, id, position, type, object_id, sequence, snapshot, changed_fields, origin, actor, created_at)
SELECT store, 'evt_' || lpad(n::text, 26, '0'), -n, 'customer.created', id, 1, '{{}}', '{{}}', 'api', 'key', created_at
FROM people;
INSERT INTO inventory SELECT store, id, 0 FROM made;
INSERT INTO inventory_alert
    (store_id, id, product_id, variant_id, warehouse_id, threshold, reorder_quantity, version, created_at, updated_at,
     state)
SELECT made.store, 'alert_' || lpad(n::text, 26, '0'), made.id, 'var_' || lpad((2 * n)::text, 26, '0'),
       CASE WHEN n % 1000 = 1 THEN w.id END, 5, NULL, 1, made.created_at, made.created_at,
       CASE WHEN n % 1000 = 1 THEN 'low' ELSE 'armed' END
FROM made JOIN warehouse w ON w.store_id = made.store AND w.is_default;
INSERT INTO inventory_movement
    (store_id, id, product_id, variant_id, warehouse_id, quantity, reason, actor, created_at)
SELECT made.store, 'mov_' || lpad(m::text, 26, '0'), made.id, 'var_' || lpad((2 * made.n)::text, 26, '0'), w.id, 1,
       CASE WHEN m % 1000 = 7 THEN 'lost' ELSE 'sold' END, 'key', timestamptz '2023-01-01Z' + m * interval '1 minute'
FROM generate_series(1, {PRODUCTS}) AS m
JOIN made ON made.n = CASE WHEN m % 2 = 0 THEN 1 ELSE m END
JOIN warehouse w ON w.store_id = made.store AND w.is_default;
INSERT INTO purchase_order
    (store_id, id, product_id, variant_id, warehouse_id, alert_id, status, quantity, received, version, created_at,
     updated_at)
SELECT made.store, 'po_' || lpad(n::text, 26, '0'), made.id, 'var_' || lpad((2 * n)::text, 26, '0'), w.id, 'alert',
       CASE WHEN n % 1000 = 1 THEN 'open' ELSE 'received' END, 5, 0, 1, made.created_at, made.created_at
FROM made JOIN warehouse w ON w.store_id = made.store AND w.is_default;
INSERT INTO inventory_level
SELECT made.store, v.id, w.id, made.id, n % 100, 0, made.created_at
FROM made JOIN product_variant v ON v.store_id = made.store AND v.product_id = made.id
JOIN warehouse w ON w.store_id = made.store AND w.is_default;
INSERT INTO sales_order
    (store_id, id, customer_id, currency, subtotal, discount, shipping, shipping_tax, tax, total, tax_rate,
     tax_on_shipping, metadata, version, created_at, updated_at, number, status, captured, refunded, payment_failed,
     units, units_fulfilled, refund_requested, sequence, email, email_key, email_domain_key, tags)
SELECT sold.store, sold.id, 'cust_' || lpad(buyer::text, 26, '0'), currency, subtotal, 0, 500, 0, 0, subtotal + 500, 0,
       false, '{{}}', 1, created_at, updated_at, n, status,
       CASE WHEN status NOT IN ('pending', 'cancelled') AND hash % 50 > 0 THEN subtotal + 500 ELSE 0 END,
       CASE WHEN status NOT IN ('pending', 'cancelled') AND hash % 50 = 1 THEN subtotal + 500 ELSE 0 END,
       hash % 50 = 0, 3, CASE WHEN status IN ('shipped', 'delivered') THEN 3 - (hash % 1000 = 1)::int ELSE 0 END,
       false, 1, address, address, domain, '{{}}'
FROM sold LEFT JOIN (SELECT n AS customer, address, domain FROM people) AS people ON people.customer = sold.buyer;
INSERT INTO order_sku
SELECT DISTINCT store, id, sku, created_at
FROM sold, unnest(ARRAY['sku-' || n % 2000, 'common-' || hash % 3, CASE WHEN n % 5000 = 7 THEN 'rare' END]) AS sku
WHERE sku IS NOT NULL;
INSERT INTO order_word
SELECT DISTINCT sold.store, word, sold.id, coalesce(word IN (first, last), false)
FROM sold LEFT JOIN (SELECT n AS customer, first, last, address FROM people) AS people ON people.customer = sold.buyer,
    unnest(string_to_array(replace(address, '@', '.'), '.') || ARRAY[first, last, n::text]) AS word
WHERE word IS NOT NULL;
INSERT INTO order_item
    (store_id, id, position, product_id, variant_id, sku, name, attributes, quantity, price, own_price, currency,
     discount, tax, total, created_at, order_id, fulfilled, refunded, returned)
SELECT store, 'item_' || lpad((n * 3 + line_no)::text, 26, '0'), line_no, 'prod_' || lpad(product::text, 26, '0'),
       'var_' || lpad((2 * product)::text, 26, '0'), 'SKU', 'Thing', '{{}}', 1, line + line_no, false, currency,
       0, 0, line + line_no, created_at, id, 0, 0, 0
FROM sold, generate_series(0, 2) AS line_no,
    LATERAL (SELECT 1 + (n + 4 * 997 * line_no - 1) % {PRODUCTS} AS product) AS bought;
INSERT INTO order_status_change (store_id, id, order_id, from_status, status, note, actor, created_at)
SELECT store, 'step_' || lpad((n * 2 + step)::text, 26, '0'), id, CASE step WHEN 1 THEN 'pending' END,
       CASE step WHEN 0 THEN 'pending' ELSE status END, NULL, 'key', created_at
FROM sold, generate_series(0, 1) AS step WHERE step = 0 OR status <> 'pending';
INSERT INTO order_note (store_id, id, order_id, text, actor, created_at)
SELECT store, 'note_' || lpad(n::text, 26, '0'), id, 'Rang twice.', 'key', created_at FROM sold WHERE n % 5 < 3;
INSERT INTO draft_order
    (store_id, id, customer_id, currency, subtotal, discount, shipping, shipping_tax, tax, total, tax_rate,
     tax_on_shipping, metadata, version, created_at, updated_at, order_id, tags, own_email, own_shipping_address,
     own_billing_address)
SELECT store, 'd' || id, 'cust_' || lpad(buyer::text, 26, '0'), currency, line, 0, 0, 0, 0, line, 0, false, '{{}}', 1,
       created_at, updated_at, CASE WHEN n % 1000 = 7 THEN id END, '{{}}', false, false, false FROM sold;
INSERT INTO draft_order_item
    (store_id, id, position, product_id, variant_id, sku, name, attributes, quantity, price, own_price, currency,
     discount, tax, total, created_at, draft_id)
SELECT store, 'item_' || lpad(n::text, 26, '0'), 0, 'prod_' || lpad(n::text, 26, '0'),
       'var_' || lpad((2 * n)::text, 26, '0'), 'SKU', 'Thing', '{{}}', 1, line, false, currency, 0, 0, line,
       created_at, 'd' || id FROM sold;
INSERT INTO payment_intent
    (store_id, id, order_id, customer_id, currency, amount, status, method, capture_method, payment_id, metadata,
     version, created_at, updated_at)
SELECT store, 'pi_' || lpad(n::text, 26, '0'), id, 'cust_' || lpad(buyer::text, 26, '0'), currency, subtotal + 500,
       CASE status WHEN 'pending' THEN 'requires_capture' WHEN 'processing' THEN 'processing'
            WHEN 'cancelled' THEN 'cancelled' ELSE 'succeeded' END,
       CASE WHEN hash % 1000 = 1 THEN 'wire' WHEN hash % 10 = 2 THEN 'paypal' ELSE 'card' END, 'manual',
       'pay_' || lpad(n::text, 26, '0'), '{{}}', 1, created_at, updated_at FROM sold;
INSERT INTO payment
    (store_id, id, intent_id, order_id, customer_id, currency, amount, captured, refunded, refunding, disputed, fee,
     status, method, processor, reference, authorization_expires_at, sequence, version, created_at, updated_at)
SELECT store_id, payment_id, id, order_id, customer_id, currency, amount,
       CASE status WHEN 'succeeded' THEN amount ELSE 0 END, 0, 0, 0, 0,
       CASE status WHEN 'succeeded' THEN 'captured' WHEN 'requires_capture' THEN 'authorized' ELSE status END, method,
       'sandbox', 'ref_' || payment_id, NULL, 1, 1, created_at, updated_at FROM payment_intent;
INSERT INTO payment_refund
    (store_id, id, payment_id, intent_id, order_id, currency, amount, fee, fee_share, status, reason,
     refund_application_fee, expected_from, expected_by, reference, created_at, updated_at)
SELECT store, 're_' || lpad(n::text, 26, '0'), 'pay_' || lpad(n::text, 26, '0'), 'pi_' || lpad(n::text, 26, '0'), id,
       currency, 1, 0, 0, 'succeeded', NULL, false, '2026-01-22', '2026-01-29', 'ref_re_' || n, created_at, updated_at
FROM sold WHERE hash % 4 = 1;
INSERT INTO payment_refund_line (store_id, id, refund_id, item_id, quantity)
SELECT store, 'rli_' || lpad(n::text, 26, '0'), 're_' || lpad(n::text, 26, '0'), 'item_' || lpad(n::text, 26, '0'), 1
FROM sold WHERE hash % 4 = 1;
INSERT INTO payment_dispute
    (store_id, id, payment_id, intent_id, order_id, currency, amount, fee, status, reason, respond_by, evidence_parts,
     is_submitting, reference, version, created_at, updated_at)
SELECT store, 'dp_' || lpad(n::text, 26, '0'), 'pay_' || lpad(n::text, 26, '0'), 'pi_' || lpad(n::text, 26, '0'), id,
       currency, 1, 0, CASE WHEN n > {ORDERS} - 100 THEN 'needs_response' WHEN hash % 3 = 0 THEN 'won' ELSE 'lost' END,
       'fraudulent', created_at, '{{}}', false, 'ref_dp_' || n, 1, created_at, updated_at
FROM sold WHERE n % 3 = 1;
INSERT INTO payment_dispute_file
    (store_id, id, dispute_id, evidence_type, name, media_type, size, content, created_at)
SELECT store, 'file_' || lpad(n::text, 26, '0'), 'dp_' || lpad(n::text, 26, '0'), 'shipping_proof', 'proof.pdf',
       'application/pdf', 1, '1', created_at FROM sold WHERE n % 3 = 1;
INSERT INTO shipment
    (store_id, id, order_id, customer_id, warehouse_id, carrier, carrier_name, service, service_name, status, source,
     tracking_number, ship_from, ship_to, currency, signature_required, shipped_at, delivered_at, cancelled_at,
     sequence, version, created_at, updated_at)
SELECT sold.store, 'shp_' || lpad(n::text, 26, '0'), sold.id, 'cust_' || lpad(buyer::text, 26, '0'), w.id,
       CASE WHEN hash % 1000 = 1 THEN 'pedal' WHEN hash % 10 = 2 THEN 'dhl' ELSE 'ups' END, 'C', 's', 'S', way,
       'sandbox', 'T' || n, '{{}}', '{{}}', currency, false,
       CASE WHEN way NOT IN ('created', 'cancelled') THEN sold.created_at END,
       CASE WHEN way = 'delivered' THEN sold.created_at END, CASE WHEN way = 'cancelled' THEN sold.created_at END,
       1, 1, sold.created_at, sold.updated_at
FROM sold JOIN warehouse w ON w.store_id = sold.store AND w.is_default,
    LATERAL (SELECT CASE WHEN n > {ORDERS} - 100 THEN 'created' WHEN hash % 500 = 3 THEN 'exception'
        WHEN hash % 100 = 4 THEN 'cancelled' WHEN hash % 50 = 5 THEN 'in_transit' ELSE 'delivered' END AS way) AS ways;
INSERT INTO shipment_package
    (store_id, id, shipment_id, position, weight, weight_unit, length, width, height, dimension_unit, tracking_number)
SELECT store, 'pkg_' || lpad(n::text, 26, '0'), 'shp_' || lpad(n::text, 26, '0'), 0, 1, 'kg', 1, 1, 1, 'cm', 'T' || n
FROM sold;
INSERT INTO shipment_item
    (store_id, id, shipment_id, position, item_id, product_id, variant_id, sku, name, quantity)
SELECT store, 'sitem_' || lpad(n::text, 26, '0'), 'shp_' || lpad(n::text, 26, '0'), 0,
       'item_' || lpad((n * 3)::text, 26, '0'), 'prod', NULL, 'SKU', 'Thing', 1 FROM sold;
INSERT INTO tracking_event (store_id, id, shipment_id, status, description, occurred_at, created_at)
SELECT store, 'trk_' || lpad((n * 3 + step)::text, 26, '0'), 'shp_' || lpad(n::text, 26, '0'), 'in_transit', 'Way',
       created_at + step * interval '1 hour', created_at FROM sold, generate_series(0, 2) AS step;
INSERT INTO order_return
    (store_id, id, order_id, customer_id, status, currency, refund_amount, version, created_at, updated_at)
SELECT store, 'ret_' || lpad(n::text, 26, '0'), id, 'cust_' || lpad(buyer::text, 26, '0'),
       CASE WHEN n > {ORDERS} - 100 THEN 'requested' WHEN hash % 100 = 3 THEN 'approved'
            WHEN hash % 10 = 4 THEN 'rejected' ELSE 'closed' END, currency, 1, 1, created_at, updated_at
FROM sold WHERE n % 3 = 1;
INSERT INTO order_return_line
    (store_id, id, return_id, position, item_id, product_id, sku, name, quantity, reason, restocked)
SELECT store, 'rline_' || lpad(n::text, 26, '0'), 'ret_' || lpad(n::text, 26, '0'), 0,
       'item_' || lpad((n * 3)::text, 26, '0'), 'prod', 'SKU', 'Thing', 1, 'other', 0 FROM sold WHERE n % 3 = 1;
INSERT INTO order_return_status_change (store_id, id, return_id, status, actor, created_at)
SELECT store, 'rstep_' || lpad(n::text, 26, '0'), 'ret_' || lpad(n::text, 26, '0'), 'requested', 'key', created_at
FROM sold WHERE n % 3 = 1;
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_store_id_payment_id_fkey;
DROP INDEX ledger_transfer_created_idx, ledger_transfer_key_idx, ledger_transfer_payment_idx;
INSERT INTO ledger_transfer
    (store_id, id, kind, debit, credit, currency, amount, payment_id, intent_id, key, created_at)
SELECT store, 'led_' || lpad((n * {TRANSFERS_PER_PAYMENT} + step)::text, 26, '0'), 'capture', 'processor',
       'receivable', currency, 1, 'pay_' || lpad(n::text, 26, '0'), 'pi_' || lpad(n::text, 26, '0'),
       n || ':' || step, created_at + step * interval '1 second'
FROM sold, generate_series(0, {TRANSFERS_PER_PAYMENT - 1}) AS step;
ALTER TABLE ledger_transfer
    ADD FOREIGN KEY (store_id, payment_id) REFERENCES payment (store_id, id);
CREATE INDEX ledger_transfer_created_idx ON ledger_transfer (store_id, created_at, id);
CREATE UNIQUE INDEX ledger_transfer_key_idx ON ledger_transfer (store_id, key);
CREATE INDEX ledger_transfer_payment_idx ON ledger_transfer (store_id, payment_id, created_at, id)
"""
"""A million transfers go in before their indexes: with them it takes several times as long."""
