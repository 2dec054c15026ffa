"""The part of the gateway's schema that is asked for, in decorated methods."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Any, NewType

import strawberry
from sqlalchemy import select
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.types import Info

from benchmarks.naive import entities

Moment = NewType("Moment", datetime)


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@strawberry.enum
class ProductStatus(Enum):
    """As the table writes it."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"


@strawberry.enum
class OrderStatus(Enum):
    """As the table writes it."""

    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@strawberry.enum
class PaymentStatus(Enum):
    """As the table writes it."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


@strawberry.type
class Money:
    """An amount."""

    minor_units: int


@strawberry.type
class Variant:
    """An entity of the same name."""

    id: strawberry.ID
    sku: str
    attributes: JSON

    @strawberry.field
    def price(self) -> Money:
        """What it costs."""
        return Money(minor_units=self.price)  # type: ignore[arg-type]  # an entity stands in for the type


@strawberry.type
class Product:
    """An entity of the same name."""

    id: strawberry.ID
    name: str
    sku: str
    created_at: Moment

    @strawberry.field
    def status(self) -> ProductStatus:
        """Whether it is for sale."""
        return ProductStatus(self.status)

    @strawberry.field
    def price(self) -> Money:
        """What it costs."""
        return Money(minor_units=self.price)  # type: ignore[arg-type]  # an entity stands in for the type

    @strawberry.field
    async def variants(self, info: Info[Any, None]) -> list[Variant]:
        """Its variants."""
        return await info.context["loaders"].variants.load(self.id)  # type: ignore[no-any-return]


@strawberry.type
class Customer:
    """An entity of the same name."""

    id: strawberry.ID
    email: str
    first_name: str | None
    last_name: str | None


@strawberry.type
class Item:
    """An entity of the same name."""

    id: strawberry.ID
    quantity: int

    @strawberry.field
    def price(self) -> Money:
        """The price of one."""
        return Money(minor_units=self.price)  # type: ignore[arg-type]  # an entity stands in for the type

    @strawberry.field
    async def product(self, info: Info[Any, None]) -> Product | None:
        """What was bought."""
        return await info.context["loaders"].product.load(self.product_id)  # type: ignore[no-any-return,attr-defined]

    @strawberry.field
    async def variant(self, info: Info[Any, None]) -> Variant | None:
        """Which of them."""
        return await info.context["loaders"].variant.load(self.variant_id)  # type: ignore[no-any-return,attr-defined]


@strawberry.type
class Order:
    """An entity of the same name."""

    id: strawberry.ID
    created_at: Moment

    @strawberry.field
    def status(self) -> OrderStatus:
        """How far it has come."""
        return OrderStatus(self.status)

    @strawberry.field
    def payment_status(self) -> PaymentStatus:
        """What was paid."""
        return PaymentStatus(self.payment_status)

    @strawberry.field
    def total(self) -> Money:
        """What it comes to."""
        return Money(minor_units=self.total)  # type: ignore[arg-type]  # an entity stands in for the type

    @strawberry.field
    async def customer(self, info: Info[Any, None]) -> Customer | None:
        """Who bought."""
        return await info.context["loaders"].customer.load(self.customer_id)  # type: ignore[no-any-return,attr-defined]

    @strawberry.field
    async def items(self, info: Info[Any, None]) -> list[Item]:
        """Its lines."""
        return await info.context["loaders"].items.load(self.id)  # type: ignore[no-any-return]


@strawberry.type
class Products:
    """A page."""

    nodes: list[Product]


@strawberry.type
class Orders:
    """A page."""

    nodes: list[Order]


async def _newest(info: Info[Any, None], entity: type[entities.Product | entities.Order], first: int) -> list[Any]:
    async with info.context["loaders"].sessions() as session:
        newest = select(entity).order_by(entity.created_at.desc(), entity.id.desc()).limit(first)
        return list(await session.scalars(newest))


@strawberry.type
class Query:
    """The roots."""

    @strawberry.field
    async def products(self, info: Info[Any, None], first: int) -> Products:
        """The newest."""
        return Products(nodes=await _newest(info, entities.Product, first))

    @strawberry.field
    async def orders(self, info: Info[Any, None], first: int) -> Orders:
        """The newest."""
        return Orders(nodes=await _newest(info, entities.Order, first))

    @strawberry.field
    async def product(self, info: Info[Any, None], id: strawberry.ID) -> Product | None:
        """One by its id."""
        return await info.context["loaders"].product.load(id)  # type: ignore[no-any-return]


schema = strawberry.Schema(
    Query,
    config=StrawberryConfig(scalar_map={Moment: strawberry.scalar(name="DateTime", serialize=_write)}),
    extensions=[ParserCache, ValidationCache],
)
