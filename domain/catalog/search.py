"""Search of products by name or SKU.

Ranks: 0 exact SKU, 1 whole name, 2 prefix of a SKU or name, 3 every word, 4 every word as a prefix.
"""

from __future__ import annotations

from sqlalchemy import select

from domain.catalog.model import Product, ProductSku, ProductWord
from domain.kernel.listing.word_search import (
    KEY,
    SEARCH_BOUND,
    WHOLE_NAME,
    WordSearch,
    begins_with_key,
    begins_with_name,
    rank,
)
from domain.kernel.sql.statements import STORE

_product = Product.__table__.c
_sku = ProductSku.__table__.c
_names, _skus = _product.store_id == STORE, _sku.store_id == STORE

SEARCH = WordSearch(
    "product",
    ProductWord.__table__,
    "product_id",
    [
        select(_sku.product_id, rank(0)).where(_skus, _sku.sku_key == KEY),
        select(_product.id, rank(1)).where(_names, _product.name_key == WHOLE_NAME).limit(SEARCH_BOUND),
        select(_sku.product_id, rank(2)).where(_skus, begins_with_key(_sku.sku_key)).limit(SEARCH_BOUND),
        select(_product.id, rank(2)).where(_names, begins_with_name(_product.name_key)).limit(SEARCH_BOUND),
    ],
)
