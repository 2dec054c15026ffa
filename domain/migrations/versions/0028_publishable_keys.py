"""Publishable keys, public documents, and the views of what shoppers may see."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import run

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE api_key ADD COLUMN type text COLLATE "C" NOT NULL DEFAULT 'secret';
ALTER TABLE api_key ALTER COLUMN type DROP DEFAULT;
ALTER TABLE api_key ADD COLUMN origins text[] NOT NULL DEFAULT '{}';
ALTER TABLE api_key ALTER COLUMN origins DROP DEFAULT;
ALTER TABLE api_key ADD COLUMN metadata_keys text[] NOT NULL DEFAULT '{}';
ALTER TABLE api_key ALTER COLUMN metadata_keys DROP DEFAULT;
ALTER TABLE api_key ADD COLUMN address_limit int;
ALTER TABLE api_key ADD CONSTRAINT api_key_type_check CHECK (type IN ('secret', 'publishable'));
ALTER TABLE api_key ADD CONSTRAINT api_key_publishable_check
    CHECK ((type = 'publishable') = (address_limit IS NOT NULL)
           AND (type = 'publishable') = (cardinality(origins) > 0)
           AND (type = 'publishable' OR cardinality(metadata_keys) = 0)
           AND address_limit > 0);
CREATE INDEX api_key_publishable_idx ON api_key (store_id, id) WHERE type = 'publishable' AND revoked_at IS NULL;
ALTER TABLE trusted_document ADD COLUMN public boolean NOT NULL DEFAULT false;
ALTER TABLE trusted_document ALTER COLUMN public DROP DEFAULT;
ALTER TABLE product_category ADD COLUMN active boolean NOT NULL DEFAULT false;
ALTER TABLE product_category ALTER COLUMN active DROP DEFAULT;
UPDATE product_category x SET active = true FROM product p
    WHERE p.store_id = x.store_id AND p.id = x.product_id AND p.status = 'active';
CREATE INDEX product_category_active_idx ON product_category (store_id, category_id) WHERE active;
"""

# Statements name tables without a schema: on a connection of the storefront they find these views first. A table
# without one is refused. The owner of the views sees all rows, so each names the store by itself. Stock is what is
# available: what is reserved stays the store's own. Whether a category has an active product is asked row by row, by an
# index: of EXISTS the planner makes a join, which reads the products of all categories.
_ACTIVE = "p.store_id = current_setting('app.store_id')::int AND p.status = 'active'"
_OF_PRODUCT = f"JOIN public.product p ON p.store_id = x.store_id AND p.id = x.product_id WHERE {_ACTIVE}"
VIEWS = {
    "product": f"""
SELECT p.store_id, p.id, p.name, p.name_key, p.description, p.sku, p.status, p.price, p.currency, p.tags,
       (SELECT coalesce(jsonb_object_agg(m.key, m.value), '{{}}')
        FROM jsonb_each(p.metadata) m
        WHERE current_setting('app.metadata_keys')::jsonb ? m.key) AS metadata,
       p.version, p.created_at, p.updated_at
FROM public.product p WHERE {_ACTIVE}
""",
    "product_variant": f"""
SELECT x.store_id, x.id, x.product_id, x.sku, x.sku_key, x.price, x.overrides_price, NULL::bigint AS cost, x.currency,
       x.attributes, x.image_id, x.position, x.created_at, x.updated_at, x.weight, x.weight_unit, x.barcode,
       x.compare_at_price
FROM public.product_variant x {_OF_PRODUCT}
""",
    "product_image": f"""
SELECT x.store_id, x.id, x.product_id, x.url, x.alt, x.position, x.created_at FROM public.product_image x {_OF_PRODUCT}
""",
    "product_sku": f"SELECT x.store_id, x.sku_key, x.product_id FROM public.product_sku x {_OF_PRODUCT}",
    "product_tag": f"""
SELECT x.store_id, x.product_id, x.tag_key, x.created_at FROM public.product_tag x {_OF_PRODUCT}
""",
    "product_word": f"SELECT x.store_id, x.word, x.product_id FROM public.product_word x {_OF_PRODUCT}",
    "product_stock": f"""
SELECT x.store_id, x.product_id, x.in_stock, x.created_at FROM public.product_stock x {_OF_PRODUCT}
""",
    "product_category": """
SELECT x.store_id, x.product_id, x.category_id, x.created_at
FROM public.product_category x WHERE x.store_id = current_setting('app.store_id')::int AND x.active
""",
    "category": """
SELECT c.store_id, c.id, c.slug, c.name, c.name_key, c.description, c.version, c.created_at, c.updated_at
FROM public.category c
WHERE c.store_id = current_setting('app.store_id')::int AND (
    SELECT true FROM public.product_category x
    WHERE x.store_id = c.store_id AND x.category_id = c.id AND x.active LIMIT 1)
""",
    "inventory_level": f"""
SELECT x.store_id, x.variant_id, x.product_id, x.available AS on_hand, 0 AS reserved
FROM public.inventory_level x {_OF_PRODUCT}
""",
}


def upgrade() -> None:
    """All keys were secret ones, and no document was public."""
    run(COLUMNS)
    for name, text in VIEWS.items():
        op.execute(f"CREATE VIEW storefront.{name} AS {text}")
        op.execute(f"GRANT SELECT ON storefront.{name} TO gateway_storefront")


def downgrade() -> None:
    """Publishable keys are revoked: nothing would restrict them."""
    for name in VIEWS:
        op.execute(f"DROP VIEW storefront.{name}")
    op.execute("ALTER TABLE trusted_document DROP COLUMN public")
    op.execute("ALTER TABLE product_category DROP COLUMN active")
    op.execute("UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE type = 'publishable'")
    for column in ("type", "origins", "metadata_keys", "address_limit"):
        op.execute(f"ALTER TABLE api_key DROP COLUMN {column} CASCADE")
