"""What orders and drafts have in common, and their lines."""

from __future__ import annotations

import strawberry

from domain import catalog, customers, orders
from domain.orders import PaymentMethod
from schema.address import Address, address
from schema.catalog import Product, ProductVariant
from schema.customers import Customer
from schema.fields import attribute, related
from schema.money import Money, money
from schema.scalars import Json

reads = orders.reads


@strawberry.interface(description="What an order and a draft of one have in common.")
class Purchase:
    """Columns of both."""

    email: str | None = attribute("Whom to write to about it.")
    subtotal: Money = money("subtotal", description="The lines at their prices.")
    discount: Money = money("discount", description="What is taken off the subtotal.")
    shipping: Money = money("shipping", description="What sending costs.")
    shipping_tax: Money = money("shipping_tax", description="What of the tax is on the shipping.")
    tax: Money = money("tax", description="The tax on lines and shipping.")
    total: Money = money("total", description="Subtotal less discount, with shipping and tax.")
    payment_method: PaymentMethod | None = attribute("How the buyer means to pay.")
    shipping_method: str | None = attribute("The code of how it is sent.")
    shipping_address: Address | None = address("shipping_address", description="Where it goes.")
    billing_address: Address | None = address("billing_address", description="Where the bill goes.")
    metadata: Json = attribute("Your own JSON.")
    tags: list[str] = attribute("Its tags; 50 at most.")
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="Who buys; null for a guest."
    )


@strawberry.interface(description="So many of one variant, named and priced as it was then.")
class Line:
    """Columns of the lines of both."""

    sku: str = attribute("Its stock keeping unit then.")
    name: str = attribute("Its name then.")
    attributes: Json = attribute('What set the variant apart, as an object of texts: { "size": "Large" }.')
    quantity: int = attribute("How many.")
    price: Money = money("price", description="The price of one.")
    discount: Money = money("discount", description="Its share of the discount.")
    tax: Money = money("tax", description="The tax on it.")
    total: Money = money("total", description="Price times quantity, less discount, with tax.")
    product: Product | None = related(
        catalog.reads.product_by_id, key="product_id", description="The product as it is now."
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="The variant as it is now; null once removed."
    )
