"""One statement for each page of the corpus; ``$1`` is the store, the variables of the operation follow."""

from __future__ import annotations

from benchmarks.handwritten.back_office import BACK_OFFICE, IMAGES, OF_IMAGES, OF_ORDER
from benchmarks.handwritten.json_sql import amount, answer, listed, moment, money, nodes

_PLACED_IMAGES = listed(
    "json_build_object('id', g.id, 'url', g.url, 'alt', g.alt, 'position', g.position)", OF_IMAGES, "g.position, g.id"
)
_OF_PRODUCT = "product_variant v WHERE v.store_id = $1 AND v.product_id = p.id"
_CATEGORY = "json_build_object('slug', c.slug, 'name', c.name)"
_OFFERED = f"'price', {amount('v.price')}, 'compareAtPrice', {amount('v.compare_at_price')}"


def _tile(extra: str, variant: str) -> str:
    variants = listed(f"json_build_object({variant})", _OF_PRODUCT, "v.position, v.id")
    return f"""json_build_object('id', p.id, 'name', p.name, 'sku', p.sku, 'price', {money("p.price", "p.currency")},
        'images', {IMAGES}, 'variants', {variants}{extra})"""


_CARD = _tile(", 'tags', to_json(p.tags)", f"'id', v.id, 'sku', v.sku, {_OFFERED}")
CATEGORY = f"""
WITH own AS (SELECT id, slug, name, description FROM category WHERE store_id = $1 AND slug = $2),
page AS (
    SELECT p.id, p.name, p.sku, p.price, p.currency, p.tags, link.created_at,
        row_number() OVER (ORDER BY link.created_at DESC, link.product_id DESC) AS place
    FROM (
        SELECT created_at, product_id FROM product_category
        WHERE store_id = $1 AND category_id = (SELECT id FROM own) ORDER BY created_at DESC, product_id DESC LIMIT 25
    ) AS link JOIN product p ON p.store_id = $1 AND p.id = link.product_id
)
{
    answer(f'''
    'category', (SELECT json_build_object('id', own.id, 'slug', own.slug, 'name', own.name,
        'description', own.description, 'products', json_build_object(
            'pageInfo', json_build_object('hasNextPage', EXISTS (SELECT FROM page WHERE place = 25)),
            'nodes', {listed(_CARD, "page AS p WHERE place < 25", "place")})) FROM own)''')
}
"""
_SOLD = f"""json_build_object('id', v.id, 'sku', v.sku, 'attributes', v.attributes,
    'price', {money("v.price", "v.currency")}, 'compareAtPrice', {amount("v.compare_at_price")},
    'image', (SELECT json_build_object('url', i.url) FROM product_image i WHERE i.store_id = $1 AND i.id = v.image_id),
    'inventory', (SELECT coalesce(sum(l.available), 0) FROM inventory_level l
        WHERE l.store_id = $1 AND l.variant_id = v.id))"""
_OF_CATEGORIES = listed(
    _CATEGORY,
    "product_category x JOIN category c ON c.store_id = $1 AND c.id = x.category_id "
    "WHERE x.store_id = $1 AND x.product_id = p.id",
    "c.slug",
)
PRODUCT = answer(f"""
    'product', (SELECT json_build_object('id', p.id, 'name', p.name, 'sku', p.sku, 'description', p.description,
        'status', upper(p.status), 'tags', to_json(p.tags), 'metadata', p.metadata,
        'price', {money("p.price", "p.currency")},
        'images', {_PLACED_IMAGES}, 'categories', {_OF_CATEGORIES},
        'variants', {listed(_SOLD, _OF_PRODUCT, "v.position, v.id")})
    FROM product p WHERE p.store_id = $1 AND p.id = $2)""")
_BY_NAME = "(SELECT * FROM category WHERE store_id = $1 ORDER BY name_key, id LIMIT {}) AS c"
_CATEGORY_WITH_ID = "json_build_object('id', c.id, 'slug', c.slug, 'name', c.name)"
NAVIGATION = answer(f"'categories', {nodes(_CATEGORY_WITH_ID, _BY_NAME.format(100), 'c.name_key, c.id')}")
_NEWEST = """(SELECT * FROM product WHERE store_id = $1 AND status = 'active'
    ORDER BY created_at DESC, id DESC LIMIT 12) AS p"""
_ON_OFFER = """(SELECT product_id, created_at AS since FROM product_tag WHERE store_id = $1 AND tag_key = 'sale'
    ORDER BY created_at DESC, product_id DESC LIMIT 12) AS t
    JOIN product p ON p.store_id = $1 AND p.id = t.product_id"""
_TILE = _tile("", f"'id', v.id, {_OFFERED}")
HOME = answer(f"""
    'categories', {nodes(_CATEGORY, _BY_NAME.format(12), "c.name_key, c.id")},
    'newest', {nodes(_TILE, _NEWEST, "p.created_at DESC, p.id DESC")},
    'offers', {nodes(_TILE, _ON_OFFER, "p.created_at DESC, p.id DESC")}""")
_BOUGHT = f"""json_build_object('id', i.id, 'name', i.name, 'quantity', i.quantity, 'price', {amount("i.price")},
    'product', (SELECT json_build_object('id', p.id, 'images', {IMAGES})
        FROM product p WHERE p.store_id = $1 AND p.id = i.product_id))"""
_ORDER = f"""json_build_object('id', o.id, 'number', o.number::text, 'status', upper(o.status),
    'createdAt', {moment("o.created_at")}, 'total', {money("o.total", "o.currency")},
    'items', {listed(_BOUGHT, OF_ORDER, "i.position, i.id")})"""
_ORDERS = nodes(
    _ORDER,
    "(SELECT * FROM sales_order WHERE store_id = $1 AND customer_id = c.id ORDER BY created_at DESC, id DESC LIMIT 10) "
    "AS o",
    "o.created_at DESC, o.id DESC",
)
_ADDRESS = "json_build_object('id', a.id, 'line1', a.line1, 'city', a.city, 'zip', a.zip, 'country', a.country)"
ACCOUNT = answer(f"""
    'customer', (SELECT json_build_object('id', c.id, 'email', c.email, 'firstName', c.first_name,
        'lastName', c.last_name,
        'addresses', {listed(_ADDRESS, "customer_address a WHERE a.store_id = $1 AND a.customer_id = c.id", "a.id")},
        'orders', {_ORDERS})
    FROM customer c WHERE c.store_id = $1 AND c.id = $2)""")

PAGES = {
    "category-page": CATEGORY,
    "product-page": PRODUCT,
    "navigation": NAVIGATION,
    "home-page": HOME,
    "account-page": ACCOUNT,
    **BACK_OFFICE,
}
"""By the name of the operation."""
