"""What callers can ask of products, their variants and their images."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.fields import (
    UNSET,
    Amount,
    Attributes,
    Boolean,
    Choice,
    FieldLocation,
    Integer,
    Json,
    ListOf,
    NestedObject,
    Number,
    Text,
    Unset,
    Url,
)
from domain.kernel.fields.filter_fields import (
    CREATED_FROM,
    CREATED_TO,
    MAX_FILTER_VALUES,
    UPDATED_FROM,
    UPDATED_TO,
    at_least,
    at_most,
    having_ids,
)
from domain.kernel.fields.tags import HAVING_TAGS, METADATA, TAGS
from domain.kernel.money import Money

SKU_PATTERN = r"[^/\s]+( [^/\s]+)*"
SLUG_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
SLUG_FORM = "lower-case letters and digits with single hyphens between them, such as garden-tools"
MAX_VARIANTS = 100
MAX_IMAGES = 50

_NAME = Text(min=1, max=255, description="The name shoppers see.", example="Premium Wireless Headphones")
_DESCRIPTION = Text(max=20_000, description="What it is, as text.", example="High-quality audio experience")
_PRICE = Amount(description="The price of one, in the store's currency.", example="199.99")
_SKU = Text(
    min=1,
    max=64,
    pattern=SKU_PATTERN,
    form="text without slashes, with at most one blank between words, such as HEADPHONE-001",
    description="Stock keeping unit: unique in the store across products and variants, whatever the case; no slash.",
    example="HEADPHONE-001",
)
_STATUS = Choice(description="active, draft or archived.", example="active")
_CATEGORIES = ListOf(
    item=Text(
        min=1, max=64, pattern=SLUG_PATTERN, form=SLUG_FORM, description="A category's slug.", example="electronics"
    ),
    max=50,
    description="The slugs of its categories, the whole list; unknown ones are created.",
)
_ATTRIBUTES = Attributes(description="What sets the variant apart.", example={"size": "Large", "color": "Blue"})
_OVERRIDE = Amount(
    description="Its own price, overriding the product's; null or left out: the product's.", example="189.99"
)
_COST = Amount(description="What one costs you; never shown to keys without products:write or analytics:read.")
_INVENTORY = Integer(
    description="What shall be available in all warehouses together. The difference is booked in the default one; "
    "fewer than the others hold is a conflict. Left out, stock stays as it is.",
    max=1_000_000_000,
    example=25,
)
_VARIANT_IMAGE = Url(
    description="The URL of its own picture; added to the product's images when it is not among them.",
    example="https://images.example.com/headphones-blue.jpg",
)
_WEIGHT = NestedObject(description="The weight of one piece, kept exactly as it is given; null: not known.")
_BARCODE = Text(
    max=64,
    description="The barcode (EAN, UPC, ISBN, …), as text; null or empty: none. Not unique.",
    example="5012345678900",
)
_COMPARE_AT = Amount(
    description="The price before a reduction, in the store's currency, to be shown struck through; null: none.",
    example="249.99",
)
_ALT = Text(max=500, description="What the picture shows, for those who cannot see it.", example="Seen from the front")
_POSITION = Integer(description="Where in the list, counted from 0.", max=1_000, example=0)
_NEW_POSITION = Integer(
    description="The position in the product's list, counted from 0; the others move up. Beyond the end: the last.",
    max=1_000,
    example=0,
)
_URL = Url(
    description="Where the picture is; never fetched by the gateway.", example="https://images.example.com/1.jpg"
)
_VERSION = Integer(
    description="The version of the product you have seen; a stale one is a conflict and nothing is written.",
    min=1,
    place=FieldLocation.VERSION,
)


def id_of(noun: str, prefix: str) -> Text:
    """The id of the thing itself, which REST has in the path."""
    example = f"{prefix}_01jd3v4q8rf9k6w2m5n7t0xhz4"
    return Text(min=1, max=64, description=f"The {noun}'s id ({prefix}_…).", place=FieldLocation.PATH, example=example)


_IMAGE_ID = Text(min=1, max=64, description="The id of an image to keep; matched by url where left out.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageInput:
    """A picture of a product."""

    id: Annotated[str | Unset, _IMAGE_ID] = UNSET
    url: Annotated[str, _URL]
    alt: Annotated[str | Unset | None, _ALT] = UNSET
    position: Annotated[int | Unset, _POSITION] = UNSET


_IMAGES = ListOf(
    item=NestedObject(shorthand="url", description="A picture; in REST a bare URL will do."),
    max=MAX_IMAGES,
    description="Its pictures, the whole list, in order.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightInput:
    """A weight with its unit."""

    value: Annotated[Decimal, Number(max=1_000_000, decimals=4, description="How many units.", example="1.25")]
    unit: Annotated[WeightUnit, Choice(description="The unit: g, kg, oz or lb.", example="kg")]


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantInput:
    """A variant of a new product."""

    sku: Annotated[str, _SKU]
    price: Annotated[Money | Unset | None, _OVERRIDE] = UNSET
    cost: Annotated[Money | Unset | None, _COST] = UNSET
    inventory: Annotated[int | Unset, _INVENTORY] = UNSET
    attributes: Annotated[dict[str, str] | Unset, _ATTRIBUTES] = UNSET
    image: Annotated[str | Unset | None, _VARIANT_IMAGE] = UNSET
    weight: Annotated[WeightInput | Unset | None, _WEIGHT] = UNSET
    barcode: Annotated[str | Unset | None, _BARCODE] = UNSET
    compare_at_price: Annotated[Money | Unset | None, _COMPARE_AT] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantChange:
    """A variant to merge into a product: found by id, else by SKU, else made."""

    id: Annotated[str | Unset, Text(min=1, max=64, description="The variant's id (var_…).")] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    price: Annotated[Money | Unset | None, _OVERRIDE] = UNSET
    cost: Annotated[Money | Unset | None, _COST] = UNSET
    inventory: Annotated[int | Unset, _INVENTORY] = UNSET
    attributes: Annotated[dict[str, str] | Unset, _ATTRIBUTES] = UNSET
    image: Annotated[str | Unset | None, _VARIANT_IMAGE] = UNSET
    weight: Annotated[WeightInput | Unset | None, _WEIGHT] = UNSET
    barcode: Annotated[str | Unset | None, _BARCODE] = UNSET
    compare_at_price: Annotated[Money | Unset | None, _COMPARE_AT] = UNSET


_VARIANTS = ListOf(
    item=NestedObject(description="A variant."),
    min=1,
    max=MAX_VARIANTS,
    description="Its variants, the first being the default; without any, one that shares the product's SKU is made.",
)
_VARIANT_CHANGES = ListOf(
    item=NestedObject(description="A variant to change or to add."),
    min=1,
    max=MAX_VARIANTS,
    description="Variants to merge by id, then by SKU: unknown ones are made, unmentioned ones stay.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateProduct:
    """Add a product, with its variants and images."""

    name: Annotated[str, _NAME]
    price: Annotated[Money, _PRICE]
    sku: Annotated[str, _SKU]
    description: Annotated[str, _DESCRIPTION] = ""
    status: Annotated[ProductStatus, _STATUS] = ProductStatus.ACTIVE
    categories: Annotated[tuple[str, ...], _CATEGORIES] = ()
    tags: Annotated[tuple[str, ...], TAGS] = ()
    metadata: Annotated[Json | Unset, METADATA] = UNSET
    variants: Annotated[tuple[VariantInput, ...] | Unset, _VARIANTS] = UNSET
    images: Annotated[tuple[ImageInput, ...], _IMAGES] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateProduct:
    """Change what is given of a product and leave the rest."""

    id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    name: Annotated[str | Unset, _NAME] = UNSET
    description: Annotated[str | Unset, _DESCRIPTION] = UNSET
    price: Annotated[Money | Unset, _PRICE] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    status: Annotated[ProductStatus | Unset, _STATUS] = UNSET
    categories: Annotated[tuple[str, ...] | Unset, _CATEGORIES] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, TAGS] = UNSET
    metadata: Annotated[Json | Unset, METADATA] = UNSET
    variants: Annotated[tuple[VariantChange, ...] | Unset, _VARIANT_CHANGES] = UNSET
    images: Annotated[tuple[ImageInput, ...] | Unset, _IMAGES] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveProduct:
    """Take a product off: it stays readable, and its SKU stays taken."""

    id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddVariant:
    """Add a variant to a product."""

    product_id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    sku: Annotated[str, _SKU]
    price: Annotated[Money | Unset | None, _OVERRIDE] = UNSET
    cost: Annotated[Money | Unset | None, _COST] = UNSET
    inventory: Annotated[int | Unset, _INVENTORY] = UNSET
    attributes: Annotated[dict[str, str] | Unset, _ATTRIBUTES] = UNSET
    image: Annotated[str | Unset | None, _VARIANT_IMAGE] = UNSET
    weight: Annotated[WeightInput | Unset | None, _WEIGHT] = UNSET
    barcode: Annotated[str | Unset | None, _BARCODE] = UNSET
    compare_at_price: Annotated[Money | Unset | None, _COMPARE_AT] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateVariant:
    """Change what is given of a variant and leave the rest."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("variant", "var")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    price: Annotated[Money | Unset | None, _OVERRIDE] = UNSET
    cost: Annotated[Money | Unset | None, _COST] = UNSET
    inventory: Annotated[int | Unset, _INVENTORY] = UNSET
    attributes: Annotated[dict[str, str] | Unset, _ATTRIBUTES] = UNSET
    image: Annotated[str | Unset | None, _VARIANT_IMAGE] = UNSET
    weight: Annotated[WeightInput | Unset | None, _WEIGHT] = UNSET
    barcode: Annotated[str | Unset | None, _BARCODE] = UNSET
    compare_at_price: Annotated[Money | Unset | None, _COMPARE_AT] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveVariant:
    """Remove a variant; its stock is written off, and a product keeps at least one."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("variant", "var")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddImage:
    """Add a picture to a product."""

    product_id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    url: Annotated[str, _URL]
    alt: Annotated[str | Unset | None, _ALT] = UNSET
    position: Annotated[int | Unset, _POSITION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateImage:
    """Change the alternative text or the position of an image; its URL never changes."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("image", "img")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    alt: Annotated[str | Unset | None, _ALT] = UNSET
    position: Annotated[int | Unset, _NEW_POSITION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveImage:
    """Remove a picture; variants that showed it show none."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("image", "img")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductFilter:
    """Which products a list holds; every condition must hold."""

    status: Annotated[
        tuple[ProductStatus, ...] | Unset,
        ListOf(item=_STATUS, min=1, max=3, description="One of these; left out: every status."),
    ] = UNSET
    category: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="A slug.", example="electronics"),
            min=1,
            max=10,
            description="In one of the categories with these slugs.",
        ),
    ] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, HAVING_TAGS] = UNSET
    price_from: Annotated[Money | Unset, at_least("The product's own price")] = UNSET
    price_to: Annotated[Money | Unset, at_most("The product's own price")] = UNSET
    in_stock: Annotated[
        bool | Unset,
        Boolean(
            description="Whether any of it is available (on hand and not reserved) in some warehouse.",
            example=True,
        ),
    ] = UNSET
    ids: Annotated[tuple[str, ...] | Unset, having_ids("prod_01jd3v4q8rf9k6w2m5n7t0xhz4")] = UNSET
    skus: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="A SKU."),
            min=1,
            max=MAX_FILTER_VALUES,
            description="With one of these SKUs, its own or a variant's, whatever the case; unknown ones are passed "
            "over. One that has a comma in it can only be given in GraphQL.",
            example=["MUG-RED"],
        ),
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryFilter:
    """Which categories a list holds; every condition must hold."""

    name: Annotated[
        str | Unset,
        Text(
            min=1, max=255, description="The name begins with this, whatever the case and accents.", example="electro"
        ),
    ] = UNSET
