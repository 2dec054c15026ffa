"""Products and what they own, the register of SKUs, and the words they are found by."""

from __future__ import annotations

from alembic import op

from domain.migrations.ddl import protect, run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE product (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL,
    sku text NOT NULL,
    status text COLLATE "C" NOT NULL,
    price bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    tags text[] NOT NULL,
    metadata jsonb NOT NULL,
    version int NOT NULL,
    sequence int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT product_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT product_status_check CHECK (status IN ('active', 'draft', 'archived')),
    CONSTRAINT product_price_check CHECK (price >= 0)
);
CREATE INDEX product_created_idx ON product (store_id, created_at, id);
CREATE INDEX product_name_idx ON product (store_id, name_key, id);
CREATE INDEX product_price_idx ON product (store_id, price, id);
CREATE INDEX product_status_idx ON product (store_id, status, created_at, id);
CREATE INDEX product_updated_idx ON product (store_id, updated_at, id);

CREATE TABLE product_variant (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    sku text NOT NULL,
    sku_key text COLLATE "C" NOT NULL,
    price bigint NOT NULL,
    overrides_price boolean NOT NULL,
    cost bigint,
    currency text COLLATE "C" NOT NULL,
    attributes jsonb NOT NULL,
    image_id text COLLATE "C",
    position int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    CONSTRAINT product_variant_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT product_variant_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id) ON DELETE CASCADE,
    CONSTRAINT product_variant_sku_key UNIQUE (store_id, product_id, sku_key) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT product_variant_price_check CHECK (price >= 0),
    CONSTRAINT product_variant_cost_check CHECK (cost >= 0)
);
CREATE INDEX product_variant_product_idx ON product_variant (store_id, product_id, position, id);

CREATE TABLE product_image (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    url text NOT NULL,
    alt text,
    position int NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT product_image_pkey PRIMARY KEY (store_id, id),
    CONSTRAINT product_image_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id) ON DELETE CASCADE
);
CREATE INDEX product_image_product_idx ON product_image (store_id, product_id, position, id);

CREATE TABLE category (
    store_id int NOT NULL,
    id text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    name text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT category_pkey PRIMARY KEY (store_id, id)
);
CREATE INDEX category_created_idx ON category (store_id, created_at, id);
CREATE UNIQUE INDEX category_slug_idx ON category (store_id, slug);

CREATE TABLE product_category (
    store_id int NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    category_id text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT product_category_pkey PRIMARY KEY (store_id, product_id, category_id),
    CONSTRAINT product_category_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id) ON DELETE CASCADE,
    CONSTRAINT product_category_store_id_category_id_fkey FOREIGN KEY(store_id, category_id) REFERENCES category (store_id, id)
);
CREATE INDEX product_category_created_idx ON product_category (store_id, category_id, created_at, product_id);

CREATE TABLE product_tag (
    store_id int NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    tag_key text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    CONSTRAINT product_tag_pkey PRIMARY KEY (store_id, product_id, tag_key),
    CONSTRAINT product_tag_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id) ON DELETE CASCADE
);
CREATE INDEX product_tag_created_idx ON product_tag (store_id, tag_key, created_at, product_id);

CREATE TABLE product_sku (
    store_id int NOT NULL,
    sku_key text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    CONSTRAINT product_sku_pkey PRIMARY KEY (store_id, sku_key) INCLUDE (product_id),
    CONSTRAINT product_sku_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id) ON DELETE CASCADE
);
CREATE INDEX product_sku_product_idx ON product_sku (store_id, product_id);

CREATE TABLE product_word (
    store_id int NOT NULL,
    word text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    CONSTRAINT product_word_pkey PRIMARY KEY (store_id, word, product_id),
    CONSTRAINT product_word_store_id_product_id_fkey FOREIGN KEY(store_id, product_id) REFERENCES product (store_id, id) ON DELETE CASCADE
);
CREATE INDEX product_word_product_idx ON product_word (store_id, product_id, word);
"""

PROTECTED = (
    "product",
    "product_variant",
    "product_image",
    "category",
    "product_category",
    "product_tag",
    "product_sku",
    "product_word",
)


def upgrade() -> None:
    """Products and what they own, the register of SKUs, and the words they are found by."""
    run(TABLES)
    for table in PROTECTED:
        protect(table)


def downgrade() -> None:
    """Everything of this revision goes, rows included."""
    op.execute(f"DROP TABLE {', '.join(reversed(PROTECTED))}")
