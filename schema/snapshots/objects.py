"""Snapshots of products, customers, stock and orders."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain import catalog, customers, inventory, orders
from domain.catalog import ProductStatus
from domain.customers import CustomerStatus
from domain.orders import FulfillmentStatus, OrderStatus, PaymentStatus
from resolvers.types import Id
from schema.address import PostalAddress
from schema.catalog import Product, ProductImage, ProductVariant
from schema.catalog.types import Weight
from schema.customers import Customer, CustomerAddress
from schema.fields import attribute, computed, related
from schema.inventory.types import Inventory, InventoryAlert, InventoryLevel, Warehouse
from schema.money import Money
from schema.orders import Order, OrderItem
from schema.orders.order_base import OrderBase, OrderLine
from schema.row_functions import ColumnText, ColumnTexts
from schema.scalars import Json, Url
from schema.snapshots.fields import VERSION, as_in, object_id_of, owned_then


@strawberry.type(description="An image of a product at the time of an event.")
class ProductImageSnapshot:
    """An image in the snapshot of a product."""

    object_id: Id = object_id_of("The id of the image (`img_…`).")
    url: Url = as_in(ProductImage, "url")
    alt: str | None = as_in(ProductImage, "alt")
    position: int = as_in(ProductImage, "position")
    created_at: datetime = as_in(ProductImage, "created_at")


@strawberry.type(description="A variant at the time of an event, without its stock.")
class ProductVariantSnapshot:
    """A variant in a product's snapshot."""

    object_id: Id = object_id_of("The id of the variant (`var_…`).")
    sku: str = as_in(ProductVariant, "sku")
    price: Money = as_in(ProductVariant, "price")
    overrides_price: bool = as_in(ProductVariant, "overrides_price")
    cost: Money | None = as_in(ProductVariant, "cost")
    attributes: Json = as_in(ProductVariant, "attributes")
    image: ProductImageSnapshot | None = owned_then(
        catalog.reads.image_by_id, "The image of the variant. Null if it has none of its own."
    )
    weight: Weight | None = as_in(ProductVariant, "weight")
    barcode: str | None = as_in(ProductVariant, "barcode")
    compare_at_price: Money | None = as_in(ProductVariant, "compare_at_price")
    created_at: datetime = as_in(ProductVariant, "created_at")
    updated_at: datetime = as_in(ProductVariant, "updated_at")


@strawberry.type(description="A product at the time of an event, with its variants and images but without its stock.")
class ProductSnapshot:
    """The snapshot of a ``product.*`` event."""

    object_id: Id = object_id_of("The id of the product (`prod_…`).")
    name: str = as_in(Product, "name")
    description: str = as_in(Product, "description")
    sku: str = as_in(Product, "sku")
    status: ProductStatus = as_in(Product, "status")
    price: Money = as_in(Product, "price")
    metadata: Json = as_in(Product, "metadata")
    tags: list[str] = as_in(Product, "tags")
    categories: list[str] = computed(
        ColumnTexts("categories"), columns=("categories",), description="The slugs of the categories."
    )
    variants: list[ProductVariantSnapshot] = owned_then(
        catalog.reads.variants_by_product, "The variants, the default variant first. At most 100."
    )
    images: list[ProductImageSnapshot] = owned_then(
        catalog.reads.images_by_product, "The images, in display order. At most 50."
    )
    version: int = attribute(VERSION)
    created_at: datetime = as_in(Product, "created_at")
    updated_at: datetime = as_in(Product, "updated_at")


@strawberry.type(description="An address of a customer at the time of an event.")
class CustomerAddressSnapshot(PostalAddress):
    """An address in a customer's snapshot."""

    object_id: Id = object_id_of("The id of the address (`addr_…`).")
    default_shipping: bool = as_in(CustomerAddress, "default_shipping")
    default_billing: bool = as_in(CustomerAddress, "default_billing")
    created_at: datetime = as_in(CustomerAddress, "created_at")
    updated_at: datetime = as_in(CustomerAddress, "updated_at")


@strawberry.type(
    description="A customer at the time of an event, with its addresses. Without personal data if it has been erased "
    "since."
)
class CustomerSnapshot:
    """The snapshot of a ``customer.*`` event."""

    object_id: Id = object_id_of("The id of the customer (`cust_…`).")
    email: str = as_in(Customer, "email")
    first_name: str | None = as_in(Customer, "first_name")
    last_name: str | None = as_in(Customer, "last_name")
    phone: str | None = as_in(Customer, "phone")
    phone_e164: str | None = as_in(Customer, "phone_e164")
    tags: list[str] = as_in(Customer, "tags")
    metadata: Json = as_in(Customer, "metadata")
    acquisition_channel: str = as_in(Customer, "acquisition_channel")
    status: CustomerStatus = as_in(Customer, "status")
    archived_at: datetime | None = as_in(Customer, "archived_at")
    erased_at: datetime | None = as_in(Customer, "erased_at")
    addresses: list[CustomerAddressSnapshot] = owned_then(
        customers.reads.addresses_by_customer, "The addresses, oldest first. At most 100."
    )
    version: int = attribute(VERSION)
    created_at: datetime = as_in(Customer, "created_at")
    updated_at: datetime = as_in(Customer, "updated_at")


@strawberry.type(description="The stock of one variant in one warehouse at the time of an event.")
class InventoryLevelSnapshot:
    """A level in a snapshot of stock."""

    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="The current variant. Null if it has been removed."
    )
    warehouse: Warehouse | None = related(
        inventory.reads.warehouse_by_id, key="warehouse_id", description="The current warehouse."
    )
    on_hand: int = as_in(InventoryLevel, "on_hand")
    reserved: int = as_in(InventoryLevel, "reserved")
    available: int = as_in(InventoryLevel, "available")


@strawberry.type(description="An inventory alert at the time it fired.")
class InventoryAlertSnapshot:
    """The alert in a snapshot of stock."""

    object_id: Id = object_id_of("The id of the alert (`alert_…`).")
    threshold: int = as_in(InventoryAlert, "threshold")
    reorder_quantity: int | None = as_in(InventoryAlert, "reorder_quantity")
    version: int = attribute(VERSION)


@strawberry.type(description="The stock of a product, or of one of its variants, at the time of an event.")
class InventorySnapshot:
    """The snapshot of an ``inventory.*`` event."""

    object_id: Id = computed(
        ColumnText("product_id"), columns=("product_id",), description="The id of the product whose stock this is."
    )
    product: Product | None = related(catalog.reads.product_by_id, key="product_id", description="The current product.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The current variant whose stock this is. Null if it is the stock of the whole product.",
    )
    total_available: int = as_in(Inventory, "total_available")
    total_reserved: int = as_in(Inventory, "total_reserved")
    total_on_hand: int = as_in(Inventory, "total_on_hand")
    levels: list[InventoryLevelSnapshot] = owned_then(
        inventory.reads.levels_by_product, "The stock by variant and warehouse."
    )
    alert: InventoryAlertSnapshot | None = owned_then(
        inventory.reads.alert_by_id, "The alert that fired. Null if none did."
    )


@strawberry.type(description="A line of an order at the time of an event.")
class OrderItemSnapshot(OrderLine):
    """A line in an order's snapshot."""

    object_id: Id = object_id_of("The id of the line (`item_…`).")
    fulfilled: int = as_in(OrderItem, "fulfilled")
    refunded: int = as_in(OrderItem, "refunded")
    returned: int = as_in(OrderItem, "returned")


@strawberry.type(description="An order at the time of an event, with its lines. Notes and history are not included.")
class OrderSnapshot(OrderBase):
    """The snapshot of an ``order.*`` event."""

    object_id: Id = object_id_of("The id of the order (`ord_…`).")
    number: str = as_in(Order, "number")
    status: OrderStatus = as_in(Order, "status")
    payment_status: PaymentStatus = as_in(Order, "payment_status")
    fulfillment_status: FulfillmentStatus = as_in(Order, "fulfillment_status")
    items: list[OrderItemSnapshot] = owned_then(orders.reads.items_by_order, "The lines of the order. At most 500.")
    refunded: Money = as_in(Order, "refunded")
    cancel_reason: str | None = as_in(Order, "cancel_reason")
    cancelled_at: datetime | None = as_in(Order, "cancelled_at")
    version: int = attribute(VERSION)
    created_at: datetime = as_in(Order, "created_at")
    updated_at: datetime = as_in(Order, "updated_at")
