"""Products and what they own. A product is the aggregate root: writes to its children lock it and bump its version."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from domain.kernel.sql.tables import (
    KEY_TEXT,
    WIDE_COLUMN,
    Base,
    Document,
    IdKey,
    Instant,
    KeyText,
    Minor,
    StoreKey,
    StoreOwned,
    Texts,
    key_of_name,
)
from domain.kernel.validation import fold, name_key_of


class ProductStatus(StrEnum):
    """Whether a product is for sale, being prepared, or archived."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"


class WeightUnit(StrEnum):
    """A unit of mass."""

    GRAM = "g"
    KILOGRAM = "kg"
    OUNCE = "oz"
    POUND = "lb"


@dataclass(frozen=True, slots=True)
class Weight:
    """The mass of one unit, exactly as entered; never converted."""

    value: Decimal
    unit: WeightUnit


class Product(StoreOwned):
    """A product. It has at least one variant."""

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'draft', 'archived')", name="status"),
        CheckConstraint("price >= 0", name="price"),
        Index("product_created_idx", "store_id", "created_at", "id"),
        Index("product_updated_idx", "store_id", "updated_at", "id"),
        Index("product_name_idx", "store_id", "name_key", "id"),
        Index("product_price_idx", "store_id", "price", "id"),
        Index("product_status_idx", "store_id", "status", "created_at", "id"),
    )

    name: Mapped[str]
    name_key: Mapped[KeyText]
    description: Mapped[str] = mapped_column(info=WIDE_COLUMN)
    sku: Mapped[str]
    status: Mapped[ProductStatus] = mapped_column(KEY_TEXT)
    price: Mapped[Minor]
    currency: Mapped[KeyText]
    tags: Mapped[Texts]
    metadata_: Mapped[Document] = mapped_column("metadata")
    version: Mapped[int]
    sequence: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    variants: Mapped[list[ProductVariant]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ProductVariant.position"
    )
    images: Mapped[list[ProductImage]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ProductImage.position"
    )

    def rename(self, name: str) -> None:
        """Change the name and the key it is sorted and searched by."""
        self.name = name
        self.name_key = name_key_of(name)

    def set_sku(self, sku: str) -> None:
        """Change the SKU, and that of the variant that shares it, unless another variant has the new SKU."""
        sharing = [variant for variant in self.variants if variant.sku_key == fold(self.sku)]
        if all(variant in sharing or variant.sku_key != fold(sku) for variant in self.variants):
            for variant in sharing:
                variant.set_sku(sku)
        self.sku = sku

    def set_price(self, price: int) -> None:
        """Change the price, and that of every variant that does not override it."""
        self.price = price
        for variant in self.variants:
            if not variant.overrides_price:
                variant.set_price(price, overrides=False)


class ProductVariant(StoreOwned):
    """A variant of a product, such as a size or a colour. ``price`` is the effective price."""

    __tablename__ = "product_variant"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("compare_at_price >= 0", name="compare_at_price"),
        CheckConstraint("weight >= 0", name="weight"),
        CheckConstraint(
            "weight_unit IN ('g', 'kg', 'oz', 'lb') AND (weight IS NULL) = (weight_unit IS NULL)", name="weight_unit"
        ),
        # Within the product only: ProductSku decides between products, and a second constraint across products would
        # let writers deadlock. Deferred, so that one update can swap the SKUs of two variants.
        UniqueConstraint(
            "store_id",
            "product_id",
            "sku_key",
            name="product_variant_sku_key",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("product_variant_product_idx", "store_id", "product_id", "position", "id"),
    )

    product_id: Mapped[KeyText]
    sku: Mapped[str]
    sku_key: Mapped[KeyText]
    price: Mapped[Minor]
    overrides_price: Mapped[bool]
    cost: Mapped[Minor | None]
    currency: Mapped[KeyText]
    attributes: Mapped[Document]
    image_id: Mapped[KeyText | None]
    position: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    weight: Mapped[Decimal | None] = mapped_column(Numeric)
    weight_unit: Mapped[WeightUnit | None] = mapped_column(KEY_TEXT)
    barcode: Mapped[str | None] = mapped_column(Text)
    compare_at_price: Mapped[Minor | None]

    def set_price(self, price: int, *, overrides: bool) -> None:
        """Change the effective price, and whether it overrides the product's."""
        self.price = price
        self.overrides_price = overrides

    def set_sku(self, sku: str) -> None:
        """Change the SKU and the key under which it is unique."""
        self.sku = sku
        self.sku_key = fold(sku)

    def set_weight(self, weight: Weight | None) -> None:
        """Change the weight and its unit together, or remove both. Trailing zeros of the value do not count."""
        self.weight = None if weight is None else Decimal(f"{weight.value.normalize():f}")
        self.weight_unit = None if weight is None else weight.unit


class ProductImage(StoreOwned):
    """An image of a product, by its URL. The gateway never fetches it."""

    __tablename__ = "product_image"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        Index("product_image_product_idx", "store_id", "product_id", "position", "id"),
    )

    product_id: Mapped[KeyText]
    url: Mapped[str]
    alt: Mapped[str | None] = mapped_column(Text)
    position: Mapped[int]
    created_at: Mapped[Instant]


class Category(StoreOwned):
    """A flat category with an immutable slug, created explicitly or when a product first refers to it."""

    __tablename__ = "category"
    __table_args__ = (
        Index("category_slug_idx", "store_id", "slug", unique=True),
        Index("category_created_idx", "store_id", "created_at", "id"),
        Index("category_name_idx", "store_id", "name_key", "id"),
    )

    slug: Mapped[KeyText]
    name: Mapped[str]
    name_key: Mapped[KeyText] = mapped_column(default=key_of_name)
    """Sort and search key, derived from the name."""
    created_at: Mapped[Instant]
    description: Mapped[str]
    version: Mapped[int]
    updated_at: Mapped[Instant]

    @validates("name")
    def _set_name_key(self, _: str, name: str) -> str:
        self.name_key = name_key_of(name)
        return name


class ProductCategory(Base):
    """A product in a category. Copies what indexes need of the product: ``created_at`` for the default sort, and
    whether it is active."""

    __tablename__ = "product_category"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["store_id", "category_id"], ["category.store_id", "category.id"]),
        Index("product_category_created_idx", "store_id", "category_id", "created_at", "product_id"),
        Index("product_category_active_idx", "store_id", "category_id", postgresql_where=text("active")),
    )

    store_id: Mapped[StoreKey]
    product_id: Mapped[IdKey]
    category_id: Mapped[IdKey]
    created_at: Mapped[Instant]
    active: Mapped[bool]
    """Whether the product is active: shoppers see the categories that have such a product."""


class ProductTag(Base):
    """A folded tag of a product, for the filter. Copies ``created_at`` as ``ProductCategory`` does."""

    __tablename__ = "product_tag"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        Index("product_tag_created_idx", "store_id", "tag_key", "created_at", "product_id"),
    )

    store_id: Mapped[StoreKey]
    product_id: Mapped[IdKey]
    tag_key: Mapped[IdKey]
    created_at: Mapped[Instant]


class ProductStock(Base):
    """Whether any unit of a product is available in any warehouse, for the filter.

    Copies ``created_at`` as ``ProductCategory`` does. Written under the lock of the product's stock. A separate table,
    because an update of the product's row would wait for writers of the product, which in turn wait for its stock.
    """

    __tablename__ = "product_stock"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        Index("product_stock_created_idx", "store_id", "in_stock", "created_at", "product_id"),
    )

    store_id: Mapped[StoreKey]
    product_id: Mapped[IdKey]
    in_stock: Mapped[bool]
    created_at: Mapped[Instant]


class ProductSku(Base):
    """A SKU in use: each belongs to one product, as the product's own SKU or a variant's."""

    __tablename__ = "product_sku"
    __table_args__ = (
        # Includes the product, so that a search by SKU prefix is an index-only scan that stops at its limit.
        PrimaryKeyConstraint("store_id", "sku_key", postgresql_include=["product_id"]),
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        Index("product_sku_product_idx", "store_id", "product_id"),
    )

    store_id: Mapped[StoreKey]
    sku_key: Mapped[IdKey]
    product_id: Mapped[KeyText]


class ProductWord(Base):
    """An entry of the search index: a folded word of a product's name or SKUs."""

    __tablename__ = "product_word"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"], ondelete="CASCADE"),
        Index("product_word_product_idx", "store_id", "product_id", "word"),
    )

    store_id: Mapped[StoreKey]
    word: Mapped[IdKey]
    product_id: Mapped[IdKey]
