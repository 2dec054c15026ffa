"""Types of objects as they were at the time of an event.

They have an ``objectId`` and no ``id``, and are no Node: a client's normalised cache never confuses one with the live
object, and never overwrites that. Objects that they refer to (a customer, a warehouse) are live.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import strawberry
from strawberry.types import get_object_definition

from domain import catalog, customers, inventory, orders, payments
from domain.catalog import ProductStatus
from domain.customers import CustomerStatus
from domain.inventory.snapshot import alert_of
from domain.kernel.events import SnapshotRow
from domain.orders import FulfillmentStatus, OrderStatus, PaymentStatus
from domain.payments import PaymentMethod, PaymentState, RefundStatus
from resolvers.types import Id
from schema.address import PostalAddress
from schema.catalog import Product, ProductImage, ProductVariant
from schema.catalog.types import Weight
from schema.customers import Customer, CustomerAddress
from schema.fields import RowField, attribute, computed, related
from schema.inventory.types import Inventory, InventoryAlert, InventoryLevel, Warehouse
from schema.money import Money
from schema.orders import Order, OrderItem
from schema.orders.order_base import OrderBase, OrderLine
from schema.payments import CardSummary, Payment, PaymentError, PaymentIntent, Refund, RefundLine
from schema.scalars import Json, Url

_VERSION = "The version, starting at 1. Increases with every change."


def _as_in(live: type[Any], name: str) -> Any:
    """The field of this name of the live type, read from the stored snapshot."""
    definition = get_object_definition(live, strict=True)
    field = next(field for field in definition.fields if field.python_name == name)
    description = field.description or ""
    return (
        RowField.of(field.source, description, field.scopes) if isinstance(field, RowField) else attribute(description)
    )


def _object_id(description: str) -> Any:
    return computed(lambda row: row.id, columns=("id",), description=description)


def _owned(read: Any, description: str) -> Any:
    """The objects owned at the time of the event, stored under the read that finds the current ones."""

    def find(row: SnapshotRow) -> Any:
        return row.owned[read]

    return computed(find, columns=(), description=description)


def _texts(column: str) -> Callable[[SnapshotRow], Sequence[str]]:
    return lambda row: getattr(row, column)


@strawberry.type(description="An image of a product at the time of an event.")
class ProductImageSnapshot:
    """An image in the snapshot of a product."""

    object_id: Id = _object_id("The id of the image (`img_…`).")
    url: Url = _as_in(ProductImage, "url")
    alt: str | None = _as_in(ProductImage, "alt")
    position: int = _as_in(ProductImage, "position")
    created_at: datetime = _as_in(ProductImage, "created_at")


@strawberry.type(description="A variant at the time of an event, without its stock.")
class ProductVariantSnapshot:
    """A variant in a product's snapshot."""

    object_id: Id = _object_id("The id of the variant (`var_…`).")
    sku: str = _as_in(ProductVariant, "sku")
    price: Money = _as_in(ProductVariant, "price")
    overrides_price: bool = _as_in(ProductVariant, "overrides_price")
    cost: Money | None = _as_in(ProductVariant, "cost")
    attributes: Json = _as_in(ProductVariant, "attributes")
    image: ProductImageSnapshot | None = _owned(
        catalog.reads.image_by_id, "The image of the variant. Null if it has none of its own."
    )
    weight: Weight | None = _as_in(ProductVariant, "weight")
    barcode: str | None = _as_in(ProductVariant, "barcode")
    compare_at_price: Money | None = _as_in(ProductVariant, "compare_at_price")
    created_at: datetime = _as_in(ProductVariant, "created_at")
    updated_at: datetime = _as_in(ProductVariant, "updated_at")


@strawberry.type(description="A product at the time of an event, with its variants and images but without its stock.")
class ProductSnapshot:
    """The snapshot of a ``product.*`` event."""

    object_id: Id = _object_id("The id of the product (`prod_…`).")
    name: str = _as_in(Product, "name")
    description: str = _as_in(Product, "description")
    sku: str = _as_in(Product, "sku")
    status: ProductStatus = _as_in(Product, "status")
    price: Money = _as_in(Product, "price")
    metadata: Json = _as_in(Product, "metadata")
    tags: list[str] = _as_in(Product, "tags")
    categories: list[str] = computed(
        _texts("categories"), columns=("categories",), description="The slugs of the categories."
    )
    variants: list[ProductVariantSnapshot] = _owned(
        catalog.reads.variants_by_product, "The variants, the default variant first. At most 100."
    )
    images: list[ProductImageSnapshot] = _owned(
        catalog.reads.images_by_product, "The images, in display order. At most 50."
    )
    version: int = attribute(_VERSION)
    created_at: datetime = _as_in(Product, "created_at")
    updated_at: datetime = _as_in(Product, "updated_at")


@strawberry.type(description="An address of a customer at the time of an event.")
class CustomerAddressSnapshot(PostalAddress):
    """An address in a customer's snapshot."""

    object_id: Id = _object_id("The id of the address (`addr_…`).")
    default_shipping: bool = _as_in(CustomerAddress, "default_shipping")
    default_billing: bool = _as_in(CustomerAddress, "default_billing")
    created_at: datetime = _as_in(CustomerAddress, "created_at")
    updated_at: datetime = _as_in(CustomerAddress, "updated_at")


@strawberry.type(
    description="A customer at the time of an event, with its addresses. Without personal data if it has been erased "
    "since."
)
class CustomerSnapshot:
    """The snapshot of a ``customer.*`` event."""

    object_id: Id = _object_id("The id of the customer (`cust_…`).")
    email: str = _as_in(Customer, "email")
    first_name: str | None = _as_in(Customer, "first_name")
    last_name: str | None = _as_in(Customer, "last_name")
    phone: str | None = _as_in(Customer, "phone")
    phone_e164: str | None = _as_in(Customer, "phone_e164")
    tags: list[str] = _as_in(Customer, "tags")
    metadata: Json = _as_in(Customer, "metadata")
    acquisition_channel: str = _as_in(Customer, "acquisition_channel")
    status: CustomerStatus = _as_in(Customer, "status")
    archived_at: datetime | None = _as_in(Customer, "archived_at")
    erased_at: datetime | None = _as_in(Customer, "erased_at")
    addresses: list[CustomerAddressSnapshot] = _owned(
        customers.reads.addresses_by_customer, "The addresses, oldest first. At most 100."
    )
    version: int = attribute(_VERSION)
    created_at: datetime = _as_in(Customer, "created_at")
    updated_at: datetime = _as_in(Customer, "updated_at")


@strawberry.type(description="The stock of one variant in one warehouse at the time of an event.")
class InventoryLevelSnapshot:
    """A level in a snapshot of stock."""

    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="The current variant. Null if it has been removed."
    )
    warehouse: Warehouse | None = related(
        inventory.reads.warehouse_by_id, key="warehouse_id", description="The current warehouse."
    )
    on_hand: int = _as_in(InventoryLevel, "on_hand")
    reserved: int = _as_in(InventoryLevel, "reserved")
    available: int = _as_in(InventoryLevel, "available")


@strawberry.type(description="An inventory alert at the time it fired.")
class InventoryAlertSnapshot:
    """The alert in a snapshot of stock."""

    object_id: Id = _object_id("The id of the alert (`alert_…`).")
    threshold: int = _as_in(InventoryAlert, "threshold")
    reorder_quantity: int | None = _as_in(InventoryAlert, "reorder_quantity")
    version: int = attribute(_VERSION)


@strawberry.type(description="The stock of a product, or of one of its variants, at the time of an event.")
class InventorySnapshot:
    """The snapshot of an ``inventory.*`` event."""

    object_id: Id = computed(
        lambda row: row.product_id, columns=("product_id",), description="The id of the product whose stock this is."
    )
    product: Product | None = related(catalog.reads.product_by_id, key="product_id", description="The current product.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The current variant whose stock this is. Null if it is the stock of the whole product.",
    )
    total_available: int = _as_in(Inventory, "total_available")
    total_reserved: int = _as_in(Inventory, "total_reserved")
    total_on_hand: int = _as_in(Inventory, "total_on_hand")
    levels: list[InventoryLevelSnapshot] = _owned(
        inventory.reads.levels_by_product, "The stock by variant and warehouse."
    )
    alert: InventoryAlertSnapshot | None = computed(
        alert_of, columns=("alert",), description="The alert that fired. Null if none did."
    )


@strawberry.type(description="A line of an order at the time of an event.")
class OrderItemSnapshot(OrderLine):
    """A line in an order's snapshot."""

    object_id: Id = _object_id("The id of the line (`item_…`).")
    fulfilled: int = _as_in(OrderItem, "fulfilled")
    refunded: int = _as_in(OrderItem, "refunded")


@strawberry.type(description="An order at the time of an event, with its lines. Notes and history are not included.")
class OrderSnapshot(OrderBase):
    """The snapshot of an ``order.*`` event."""

    object_id: Id = _object_id("The id of the order (`ord_…`).")
    number: str = _as_in(Order, "number")
    status: OrderStatus = _as_in(Order, "status")
    payment_status: PaymentStatus = _as_in(Order, "payment_status")
    fulfillment_status: FulfillmentStatus = _as_in(Order, "fulfillment_status")
    items: list[OrderItemSnapshot] = _owned(orders.reads.items_by_order, "The lines of the order. At most 500.")
    refunded: Money = _as_in(Order, "refunded")
    cancel_reason: str | None = _as_in(Order, "cancel_reason")
    cancelled_at: datetime | None = _as_in(Order, "cancelled_at")
    version: int = attribute(_VERSION)
    created_at: datetime = _as_in(Order, "created_at")
    updated_at: datetime = _as_in(Order, "updated_at")


@strawberry.type(description="A refund at the time of an event.")
class RefundSnapshot:
    """A refund in a payment's snapshot."""

    object_id: Id = _object_id("The id of the refund (`re_…`).")
    amount: Money = _as_in(Refund, "amount")
    fee: Money = _as_in(Refund, "fee")
    status: RefundStatus = _as_in(Refund, "status")
    reason: str | None = _as_in(Refund, "reason")
    refund_application_fee: bool = _as_in(Refund, "refund_application_fee")
    items: list[RefundLine] = _owned(payments.reads.lines_by_refund, "The lines of the order that are refunded.")
    expected_from: str = _as_in(Refund, "expected_from")
    expected_by: str = _as_in(Refund, "expected_by")
    last_error: PaymentError | None = _as_in(Refund, "last_error")
    created_at: datetime = _as_in(Refund, "created_at")
    updated_at: datetime = _as_in(Refund, "updated_at")


@strawberry.type(description="A payment at the time of an event, with its refunds.")
class PaymentSnapshot:
    """The snapshot of a ``payment.*`` event."""

    object_id: Id = _object_id("The id of the payment (`pay_…`).")
    intent: PaymentIntent | None = related(
        payments.reads.intent_by_id, key="intent_id", description="The current payment intent."
    )
    order: Order | None = related(
        orders.reads.order_by_id, key="order_id", description="The current order that is paid. Null without an order."
    )
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The current customer. Null for a guest."
    )
    amount: Money = _as_in(Payment, "amount")
    captured: Money = _as_in(Payment, "captured")
    refunded: Money = _as_in(Payment, "refunded")
    disputed: Money = _as_in(Payment, "disputed")
    fee: Money = _as_in(Payment, "fee")
    status: PaymentState = _as_in(Payment, "status")
    method: PaymentMethod = _as_in(Payment, "method")
    card: CardSummary | None = _as_in(Payment, "card")
    last_error: PaymentError | None = _as_in(Payment, "last_error")
    processor: str = _as_in(Payment, "processor")
    authorization_expires_at: datetime | None = _as_in(Payment, "authorization_expires_at")
    refunds: list[RefundSnapshot] = _owned(payments.reads.refunds_by_payment, "The refunds, oldest first.")
    version: int = attribute(_VERSION)
    created_at: datetime = _as_in(Payment, "created_at")
    updated_at: datetime = _as_in(Payment, "updated_at")
