"""Orders and drafts of them, their lines, notes and history, and how the store sells."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import strawberry

import resolvers.orders
from domain import catalog, customers, orders, webhooks
from domain.kernel.money import Money as KernelMoney
from domain.kernel.sql import Row
from domain.orders import FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus, model
from domain.orders.commands import OrderFilter
from domain.orders.document import average
from domain.orders.pricing import percentage
from resolvers.arguments import Id
from schema.address import Address, address
from schema.catalog import Product, ProductVariant
from schema.connections import Connection
from schema.customers import Customer
from schema.errors import Payload
from schema.fields import attribute, changed, computed, given, listing, mutation, nested, related, root
from schema.money import Money, money
from schema.node import Node, Versioned
from schema.order_list import OrderSort
from schema.scalars import Json

if TYPE_CHECKING:
    from schema.events import EventConnection

reads = orders.reads


def _number(row: Row) -> str:
    return str(row.number)


def _shipping_methods(row: Row) -> list[model.ShippingMethod]:
    return [model.ShippingMethod(**method, currency=row.currency) for method in row.shipping_methods]


def _tax_rates(row: Row) -> list[model.TaxRate]:
    return [model.TaxRate(**rate) for rate in row.tax_rates]


def _percent(row: Row) -> Decimal:
    return percentage(row.rate)


def _total_spent(row: Row) -> list[KernelMoney]:
    return [KernelMoney(row.total_spent, row.currency)] if row.order_count else []


def _average(row: Row) -> KernelMoney | None:
    return KernelMoney(average(row), row.currency) if row.order_count else None


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


@strawberry.type(description="A customer's or a guest's purchase.")
class Order(Node, Versioned, Purchase, prefix="ord"):
    """A row of the reads of orders."""

    number: str = computed(_number, columns=("number",), description="Counts the store's orders, with gaps.")
    status: OrderStatus = attribute("How far it has come.")
    payment_status: PaymentStatus = attribute("Follows from what was paid.")
    fulfillment_status: FulfillmentStatus = attribute("Follows from what was sent.")
    items: list[OrderItem] = related(reads.items_by_order, key="id", description="What was bought; 500 lines at most.")
    refunded: Money = money("refunded", description="What was paid back.")
    cancel_reason: str | None = attribute("Why it was cancelled.")
    cancelled_at: datetime | None = attribute("When it was cancelled.")
    history: list[OrderStatusChange] = related(
        reads.history_by_order, key="id", description="Its way through the statuses, from the first."
    )
    notes: list[OrderNote] = related(
        reads.notes_by_order, key="id", description="What was written on it, oldest first."
    )
    events: EventConnection = nested(
        webhooks.reads.events_by_object,
        key="id",
        admit=webhooks.admitted,
        description="What the log still keeps of it, from the oldest event on.",
    )


@strawberry.type(description="A line of an order.")
class OrderItem(Node, Line, prefix="item"):
    """A row of the reads of lines."""

    order: Order = related(reads.order_by_id, key="order_id", description="The order it is a line of.")
    fulfilled: int = attribute("How many have been sent.")
    refunded: int = attribute("How many have been paid back.")


@strawberry.type(description="Something written on an order, for those who work on it.")
class OrderNote(Node, prefix="note"):
    """A row of the reads of notes."""

    text: str = attribute("What it says.")
    actor: Id = attribute("The credential that wrote it.")
    created_at: datetime = attribute("When it was written.")


@strawberry.type(description="One step of an order's way.")
class OrderStatusChange:
    """A row of the history."""

    id: Id = attribute("Its id.")
    from_status: OrderStatus | None = attribute("The status before; null when it was placed.")
    status: OrderStatus = attribute("The status from then on.")
    note: str | None = attribute("Why.")
    actor: Id = attribute("The credential that did it.")
    created_at: datetime = attribute("When it was done.")


@strawberry.type(description="An order being prepared: without stock, without events, until it is completed.")
class DraftOrder(Node, Versioned, Purchase, prefix="dord"):
    """A row of the reads of drafts."""

    items: list[DraftOrderItem] = related(
        reads.items_by_draft, key="id", description="What is to be bought; 500 lines at most."
    )
    order: Order | None = related(
        reads.order_by_id, key="order_id", description="The order it became; null while it is open."
    )


@strawberry.type(description="A line of a draft, at the price it had when the draft was last written.")
class DraftOrderItem(Line):
    """A row of the reads of drafts' lines."""

    id: Id = attribute("Its id.")


@strawberry.type(description="What a customer has ordered so far; cancelled orders left out.")
class OrderSummary:
    """A row of the summaries."""

    order_count: int = attribute("How many orders.")
    total_spent: list[Money] = computed(
        _total_spent,
        columns=("order_count", "total_spent", "currency"),
        description="What they come to, by currency; empty without orders.",
    )
    average_order_value: Money | None = computed(
        _average,
        columns=("order_count", "total_spent", "currency"),
        description="What one comes to on average; null without orders.",
    )
    last_order_at: datetime | None = attribute("When the last one was placed; null without orders.")


@strawberry.type(description="A way to send orders.")
class ShippingMethod:
    """Describes the domain's own ShippingMethod."""

    code: str = attribute("What orders name.")
    name: str = attribute("What shoppers see.")
    price: Money = money("price", description="What it costs an order.")


@strawberry.type(description="The tax on orders that go to a place.")
class TaxRate:
    """Describes the domain's own TaxRate."""

    country: str = attribute("ISO 3166-1 alpha-2.")
    state: str | None = attribute("Only to this state; null: the whole country.")
    percent: Decimal = computed(_percent, columns=("rate",), description="So much of a hundred.")
    on_shipping: bool = attribute("Whether shipping is taxed too.")


@strawberry.type(description="How the store sells.")
class Settings:
    """A row of the settings."""

    shipping_methods: list[ShippingMethod] = computed(
        _shipping_methods, columns=("shipping_methods", "currency"), description="How orders can be sent; 50 at most."
    )
    tax_rates: list[TaxRate] = computed(
        _tax_rates, columns=("tax_rates",), description="What orders are taxed; 1,000 at most."
    )
    version: int = attribute("Counts their changes, from 1.")
    updated_at: datetime = attribute("When they last changed.")


@strawberry.type(description="A page of orders.")
class OrderConnection(Connection[Order]):
    """A page of orders."""


@strawberry.type(description="A page of drafts.")
class DraftOrderConnection(Connection[DraftOrder]):
    """A page of drafts."""


@strawberry.type
class OrdersQuery:
    """Root reads of orders."""

    order: Order | None = root(resolvers.orders.order, description="One order.", scopes=reads.order_by_id.scopes)
    orders: OrderConnection = listing(
        reads.orders,
        description="The store's orders.",
        filter=OrderFilter,
        sort=OrderSort,
        admit=reads.admitted,
    )
    draft_order: DraftOrder | None = root(
        resolvers.orders.draft_order, description="One draft.", scopes=reads.draft_by_id.scopes
    )
    draft_orders: DraftOrderConnection = listing(reads.drafts, description="The store's drafts, completed ones too.")


def _order_payload(description: str) -> Any:
    return changed(reads.order_by_id, key="id", description=description)


@strawberry.type(description="What createOrder came to.")
class CreateOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The new order.")


@strawberry.type(description="What updateOrderStatus came to.")
class UpdateOrderStatusPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.")


@strawberry.type(description="What editOrder came to.")
class EditOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.")


@strawberry.type(description="What cancelOrder came to.")
class CancelOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order as it is now.")


@strawberry.type(description="What addOrderNote came to.")
class AddOrderNotePayload(Payload):
    """An Outcome with a note."""

    note: OrderNote | None = changed(reads.note_by_id, key="id", description="The new note.")
    order: Order | None = changed(reads.order_by_id, key="order_id", description="Its order as it is now.")


@strawberry.type(description="What createDraftOrder came to.")
class CreateDraftOrderPayload(Payload):
    """An Outcome with a draft."""

    draft_order: DraftOrder | None = changed(reads.draft_by_id, key="id", description="The new draft.")


@strawberry.type(description="What updateDraftOrder came to.")
class UpdateDraftOrderPayload(Payload):
    """An Outcome with a draft."""

    draft_order: DraftOrder | None = changed(reads.draft_by_id, key="id", description="The draft as it is now.")


@strawberry.type(description="What deleteDraftOrder came to.")
class DeleteDraftOrderPayload(Payload):
    """An Outcome with an id."""

    deleted_id: Id | None = given("id", description="The id of the draft that is gone.")


@strawberry.type(description="What completeDraftOrder came to.")
class CompleteDraftOrderPayload(Payload):
    """An Outcome with an order."""

    order: Order | None = _order_payload("The order that was placed.")


@strawberry.type(description="What updateSettings came to.")
class UpdateSettingsPayload(Payload):
    """An Outcome with settings."""

    settings: Settings | None = changed(reads.settings_by_store, key="id", description="The settings as they are now.")


@strawberry.type
class OrdersMutation:
    """Use cases of orders."""

    create_order: CreateOrderPayload = mutation(orders.create_order)
    update_order_status: UpdateOrderStatusPayload = mutation(orders.update_order_status)
    edit_order: EditOrderPayload = mutation(orders.edit_order)
    cancel_order: CancelOrderPayload = mutation(orders.cancel_order)
    add_order_note: AddOrderNotePayload = mutation(orders.add_order_note)
    create_draft_order: CreateDraftOrderPayload = mutation(orders.create_draft_order)
    update_draft_order: UpdateDraftOrderPayload = mutation(orders.update_draft_order)
    delete_draft_order: DeleteDraftOrderPayload = mutation(orders.delete_draft_order)
    complete_draft_order: CompleteDraftOrderPayload = mutation(orders.complete_draft_order)
    update_settings: UpdateSettingsPayload = mutation(orders.update_settings)
