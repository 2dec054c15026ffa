"""What REST and webhooks write of products and categories; with the stock of variants, see ``rest_compat.catalog``."""

from __future__ import annotations

from domain.catalog import reads
from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.documents import (
    AmountMember,
    DecimalMember,
    Document,
    EnumMember,
    FoundListMember,
    FoundMember,
    IntegerMember,
    JsonMember,
    ManyMember,
    ObjectMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member

COST_SCOPES = ("products:write", "analytics:read")
"""Scopes of which either lets a caller see purchase costs."""


class ImageDocument(Document):
    """An image of a product."""

    id = id_member("img")
    url = TextMember("The URL of the image. The gateway never fetches it.", example="https://images.example.com/1.jpg")
    alt = TextMember("The alternative text for screen readers.", example="Seen from the front", nullable=True)
    position = IntegerMember("The position in the list of images, starting at 0.", example=0)


class WeightDocument(Document):
    """A weight with its unit."""

    value = DecimalMember("The number of units, exactly as entered.", column="weight", example=1.25)
    unit = EnumMember("The unit of mass.", WeightUnit, column="weight_unit", example="kg")


class VariantSnapshotDocument(Document):
    """A variant at the time of an event, without its stock."""

    id = id_member("var")
    product_id = TextMember(
        "The id of the product that the variant belongs to.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4"
    )
    sku = TextMember("The stock keeping unit (SKU). Unique in the store, ignoring case.", example="HEADPHONE-001-BLUE")
    price = AmountMember(
        "The price that overrides the product's. Null if the product's price applies.",
        when="overrides_price",
        example=189.99,
        nullable=True,
    )
    effective_price = AmountMember(
        "The unit price: the variant's own, or the product's.", column="price", example=189.99
    )
    cost = AmountMember(
        "The purchase cost per unit. Requires `products:write` or `analytics:read`.",
        scopes=COST_SCOPES,
        example=80.00,
        nullable=True,
    )
    attributes = JsonMember(
        'The attributes that distinguish the variant, for example `{"size": "Large"}`.',
        values=str,
        example={"size": "Large", "color": "Blue"},
    )
    image = FoundMember(
        "The URL of the image of the variant. Null if it has none of its own.",
        reads.image_by_id,
        TextMember("The URL.", column="url"),
        key="image_id",
        example="https://images.example.com/blue.jpg",
        nullable=True,
    )
    weight = ObjectMember("The weight of one unit. Null if not known.", WeightDocument, nullable=True)
    barcode = TextMember(
        "The barcode, as text. Not unique. Null if there is none.", example="5012345678900", nullable=True
    )
    compare_at_price = AmountMember(
        "The price before a reduction, shown struck through. Null if there is none.", example=249.99, nullable=True
    )
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class ProductSnapshotDocument(Document):
    """A product at the time of an event, with its variants and images but without its stock."""

    id = id_member("prod")
    name = TextMember("The name shown to shoppers.", example="Premium Wireless Headphones")
    description = TextMember("The description, as plain text.", example="High-quality audio experience")
    sku = TextMember("The stock keeping unit (SKU). Unique in the store, ignoring case.", example="HEADPHONE-001")
    status = EnumMember("The status of the product.", ProductStatus, example="active")
    price = AmountMember("The unit price. Applies to variants without a price of their own.", example=199.99)
    currency = CURRENCY
    categories = FoundListMember(
        "The slugs of the categories.",
        reads.categories_by_product,
        TextMember("The slug.", column="slug"),
        example=["audio", "electronics"],
    )
    tags = TextListMember("The tags.", example=["new"])
    metadata = JsonMember("Custom JSON data.", example={"season": "summer"})
    variants = ManyMember(
        "The variants, the default variant first. At most 100.", reads.variants_by_product, VariantSnapshotDocument
    )
    images = ManyMember("The images, in display order. At most 50.", reads.images_by_product, ImageDocument)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class CategoryDocument(Document):
    """A category of products."""

    id = id_member("cat")
    slug = TextMember("The name used in URLs and filters. Never changes.", example="audio")
    name = TextMember("The display name.", example="Electronics")
    description = TextMember("The description, as plain text.", example="Everything with a plug.")
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT
