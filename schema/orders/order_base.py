"""The interfaces that orders, drafts and their snapshots share: ``OrderBase``, and ``OrderLine`` for their lines."""

from __future__ import annotations

import strawberry

from domain import catalog, customers, orders
from domain.payments import PaymentMethod
from schema.address import Address, address
from schema.catalog import Product, ProductVariant
from schema.customers import Customer
from schema.fields import attribute, related
from schema.money import Money, money
from schema.scalars import Json

reads = orders.reads


@strawberry.interface(description="The common fields of orders and draft orders.")
class OrderBase:
    """Describes the columns of orders and drafts."""

    email: str | None = attribute("The e-mail address for messages about the order.")
    subtotal: Money = money("subtotal", description="The sum of all lines before discount and tax.")
    discount: Money = money("discount", description="The discount on the subtotal.")
    shipping: Money = money("shipping", description="The shipping cost before tax.")
    shipping_tax: Money = money("shipping_tax", description="The part of the tax that applies to shipping.")
    tax: Money = money("tax", description="The tax on lines and shipping.")
    total: Money = money("total", description="The total: subtotal minus discount plus shipping and tax.")
    payment_method: PaymentMethod | None = attribute("The payment method chosen by the buyer.")
    shipping_method: str | None = attribute("The code of the shipping method. Null if there is none.")
    shipping_address: Address | None = address("shipping_address", description="The shipping address.")
    billing_address: Address | None = address("billing_address", description="The billing address.")
    metadata: Json = attribute("Custom JSON data.")
    tags: list[str] = attribute("The tags. At most 50.")
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The customer. Null for a guest."
    )


@strawberry.interface(
    description="A line of an order or draft order. Name and price are those at the time of the order."
)
class OrderLine:
    """Describes the columns of order lines and draft lines."""

    sku: str = attribute("The SKU at the time of the order.")
    name: str = attribute("The product name at the time of the order.")
    attributes: Json = attribute(
        'The attributes of the variant at the time of the order, for example `{"size": "Large"}`.'
    )
    quantity: int = attribute("The quantity.")
    price: Money = money("price", description="The unit price.")
    discount: Money = money("discount", description="The share of the discount.")
    tax: Money = money("tax", description="The tax on the line.")
    total: Money = money("total", description="Price × quantity − discount + tax.")
    product: Product | None = related(
        catalog.reads.product_by_id, key="product_id", description="The product in its current state."
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The variant in its current state. Null if it was removed.",
    )
