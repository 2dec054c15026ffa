"""Commands of products and their variants."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from domain.catalog.commands.images import IMAGES, ImageInput
from domain.catalog.commands.shared_fields import PRODUCT_VERSION, id_of
from domain.catalog.model import ProductStatus, WeightUnit
from domain.kernel.fields import (
    UNSET,
    Amount,
    Attributes,
    Choice,
    Integer,
    Json,
    ListOf,
    NestedObject,
    Number,
    Text,
    Unset,
    Url,
)
from domain.kernel.fields.tags import METADATA, TAGS
from domain.kernel.money import Money

SKU_PATTERN = r"[^/\s]+( [^/\s]+)*"
SLUG_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
SLUG_FORM = "lower-case letters and digits with single hyphens between them, such as garden-tools"
MAX_VARIANTS = 100

_NAME = Text(min=1, max=255, description="The name shown to shoppers.", example="Premium Wireless Headphones")
_DESCRIPTION = Text(max=20_000, description="The description, as plain text.", example="High-quality audio experience")
_PRICE = Amount(
    description="The unit price in the currency of the store. Applies to variants without a price of their own.",
    example="199.99",
)
_SKU = Text(
    min=1,
    max=64,
    pattern=SKU_PATTERN,
    form="text without slashes, with at most one blank between words, such as HEADPHONE-001",
    description="The SKU. Unique among all products and variants of the store, ignoring case. No slash.",
    example="HEADPHONE-001",
)
PRODUCT_STATUS = Choice(description="The status of the product.", example="active")
_CATEGORIES = ListOf(
    item=Text(
        min=1,
        max=64,
        pattern=SLUG_PATTERN,
        form=SLUG_FORM,
        description="The slug of a category.",
        example="electronics",
    ),
    max=50,
    description="The slugs of the categories. Replaces the current list. Unknown categories are created.",
)
_ATTRIBUTES = Attributes(
    description="The attributes that distinguish the variant.", example={"size": "Large", "color": "Blue"}
)
_OVERRIDE = Amount(
    description="A price that overrides the product's. Null or omitted: the product's price applies.", example="189.99"
)
_COST = Amount(
    description="The purchase cost per unit. Visible only to API keys with `products:write` or `analytics:read`."
)
_INVENTORY = Integer(
    description="The quantity available in all warehouses. The difference is booked in the default warehouse; a "
    "quantity below what the other warehouses have available is a conflict. Omitted: the stock stays unchanged.",
    max=1_000_000_000,
    example=25,
)
_VARIANT_IMAGE = Url(
    description="The URL of the image of the variant. Added to the images of the product if it is not among them.",
    example="https://images.example.com/headphones-blue.jpg",
)
_WEIGHT = NestedObject(description="The weight of one unit, stored exactly as entered. Null if not known.")
_BARCODE = Text(
    max=64,
    description="The barcode (EAN, UPC, ISBN, …), as text. Not unique. Null or empty if there is none.",
    example="5012345678900",
)
_COMPARE_AT = Amount(
    description="The price before a reduction, in the currency of the store, shown struck through. Null if there is "
    "none.",
    example="249.99",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightInput:
    """A weight with its unit."""

    value: Annotated[Decimal, Number(max=1_000_000, decimals=4, description="The number of units.", example="1.25")]
    unit: Annotated[WeightUnit, Choice(description="The unit of mass.", example="kg")]


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
    """A variant to change or add, matched by id, then by SKU."""

    id: Annotated[str | Unset, Text(min=1, max=64, description="The id of the variant (`var_…`).")] = UNSET
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
    description="The variants, the default variant first. If omitted, one variant with the SKU of the product is "
    "created.",
)
_VARIANT_CHANGES = ListOf(
    item=NestedObject(description="A variant to change or to add."),
    min=1,
    max=MAX_VARIANTS,
    description="The variants to change or add, matched by id, then by SKU. Variants that are not listed stay.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateProduct:
    """Create a product with its variants and images."""

    name: Annotated[str, _NAME]
    price: Annotated[Money, _PRICE]
    sku: Annotated[str, _SKU]
    description: Annotated[str, _DESCRIPTION] = ""
    status: Annotated[ProductStatus, PRODUCT_STATUS] = ProductStatus.ACTIVE
    categories: Annotated[tuple[str, ...], _CATEGORIES] = ()
    tags: Annotated[tuple[str, ...], TAGS] = ()
    metadata: Annotated[Json | Unset, METADATA] = UNSET
    variants: Annotated[tuple[VariantInput, ...] | Unset, _VARIANTS] = UNSET
    images: Annotated[tuple[ImageInput, ...], IMAGES] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateProduct:
    """Update a product. Fields that are left out stay unchanged."""

    id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
    name: Annotated[str | Unset, _NAME] = UNSET
    description: Annotated[str | Unset, _DESCRIPTION] = UNSET
    price: Annotated[Money | Unset, _PRICE] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    status: Annotated[ProductStatus | Unset, PRODUCT_STATUS] = UNSET
    categories: Annotated[tuple[str, ...] | Unset, _CATEGORIES] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, TAGS] = UNSET
    metadata: Annotated[Json | Unset, METADATA] = UNSET
    variants: Annotated[tuple[VariantChange, ...] | Unset, _VARIANT_CHANGES] = UNSET
    images: Annotated[tuple[ImageInput, ...] | Unset, IMAGES] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveProduct:
    """Archive a product. It stays readable and keeps its SKU."""

    id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddVariant:
    """Add a variant to a product."""

    product_id: Annotated[str, id_of("product", "prod")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
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
    """Update a variant. Fields that are left out stay unchanged."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("variant", "var")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
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
    """Remove a variant and write off its stock. The last variant cannot be removed."""

    product_id: Annotated[str, id_of("product", "prod")]
    id: Annotated[str, id_of("variant", "var")]
    expected_version: Annotated[int | Unset, PRODUCT_VERSION] = UNSET
