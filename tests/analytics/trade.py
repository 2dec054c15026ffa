"""A store that trades at random: orders are placed, imported, edited, paid, refunded, shipped, returned, cancelled and
assigned, and customers erased."""

from __future__ import annotations

import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain import catalog, customers, inventory, orders, payments, shipping
from domain.analytics import ProductViewed, ProductViews
from domain.catalog.commands import CreateProduct, VariantInput
from domain.customers.commands import CreateCustomer
from domain.inventory import PastMovement
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, NotFound, ValidationFailed
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case_of
from domain.orders import OrderStatus, PastLine, PastOrder
from domain.orders.commands import DiscountInput, ItemQuantity, OrderItemInput, TaxRateInput
from domain.payments.commands import RefundItemInput
from domain.shipping import ReturnReason
from domain.shipping.commands import ReturnLineInput
from tests.payments.conftest import REFUND_FAILS, REFUND_PENDING, SUCCESS, call, card

COUNTRIES = ("GB", "US", "DE", "JP", "BR", "ZA", "AE", "AU", None)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Imported orders are of the 300 days after it."""


class Trader:
    """The owner of a test store with four products, of which two have a cost, in two categories that overlap."""

    def __init__(self, database: Database, owner: Principal, seed: int) -> None:
        self.database = database
        self.owner = owner
        self.chance = random.Random(seed)
        self.done: list[str] = []
        self.skus: list[str] = []
        self.people: list[str] = []
        self.views = ProductViews(database)
        self.viewed: list[ProductViewed] = []
        self.steps: list[Callable[[], Awaitable[Any]]] = [
            *[self.create] * 4,
            *[self.import_past] * 2,
            *[self.pay] * 4,
            *[self.refund] * 4,
            *[self.edit] * 2,
            self.cancel,
            self.ship,
            self.give_back,
            self.assign,
            self.erase,
            self.move_product,
        ]

    async def open(self) -> None:
        """Products, customers and a tax rate."""
        rate = TaxRateInput(country="GB", percent=Decimal("17.5"), on_shipping=True)
        await self.do(orders.update_settings, tax_rates=(rate,))
        for number, (price, cost) in enumerate(((333, 100), (1_000, None), (1, 0), (4_999, None))):
            sku = f"T{number}-{secrets.token_hex(4)}"
            amount = None if cost is None else Money(cost, "GBP")
            variant = VariantInput(sku=sku, inventory=100_000, **({} if amount is None else {"cost": amount}))
            command = CreateProduct(
                name=f"Thing {number}",
                sku=sku,
                price=Money(price, "GBP"),
                variants=(variant,),
                categories=(("even",) if number % 2 == 0 else ()) + (("low",) if number < 3 else ()),
            )
            async with self.database.transaction(self.owner) as work:
                await catalog.create_product(work, self.owner, command)
            self.skus.append(sku)
        for number in range(4):
            await self._new_customer(f"channel {number % 2}")

    async def act(self, count: int) -> None:
        """Take steps, each of which may be refused."""
        for _ in range(count):
            step = self.chance.choice(self.steps)
            try:
                await step()
            except (Conflict, NotFound, ValidationFailed):
                continue
            self.done.append(step.__name__)

    async def do(self, execute: Any, **given: Any) -> Any:
        """Run a use case in a transaction of its own."""
        async with self.database.transaction(self.owner) as work:
            return await execute(work, self.owner, use_case_of(execute).command(**given))

    async def create(self, buyer: str | None = None) -> None:
        """Of this customer, or of any or a guest."""
        chance = self.chance
        lines = [
            OrderItemInput(sku=chance.choice(self.skus), quantity=chance.randint(1, 5))
            for _ in range(chance.randint(1, 4))
        ]
        country = chance.choice(COUNTRIES)
        address = None if country is None else AddressInput(line1="1 Road", city="Town", country=country)
        more: dict[str, Any] = {} if address is None else {"shipping_address": address}
        if chance.random() < 0.4:
            more["discount"] = DiscountInput(percent=Decimal(chance.choice(("10", "33.3", "100"))))
        if chance.random() < 0.5:
            more["shipping_method"] = "standard"
        buyer = buyer or chance.choice([*self.people, None])
        more |= {"email": "guest@example.com"} if buyer is None else {"customer_id": buyer}
        await self.do(orders.create_order, items=tuple(lines), **more)

    async def import_past(self) -> None:
        at = EPOCH + timedelta(seconds=self.chance.randrange(300 * 86_400))
        lines = tuple(PastLine(each, self.chance.randint(1, 9)) for each in self.chance.sample(self.skus, 2))
        paid, country = self.chance.random() < 0.7, self.chance.choice(COUNTRIES)
        past = PastOrder(
            created_at=at,
            lines=lines,
            customer_id=self.chance.choice(self.people),
            is_paid=paid,
            shipping=self.chance.choice((0, 500)),
            address=None if country is None else AddressInput(line1="1 Road", city="Town", country=country),
        )
        if paid and self.chance.random() < 0.3:
            past = replace(past, steps=((OrderStatus.PROCESSING, at),), is_refunded=True)
        async with self.database.transaction(self.owner, channel="import") as work:
            await orders.import_orders(work, self.owner, [past])

    async def pay(self) -> None:
        order = await self.any("sales_order", "captured < total AND status <> 'cancelled'")
        amount = order["total"] if self.chance.random() < 0.8 else max(1, order["total"] // 3)
        number = self.chance.choice((SUCCESS, SUCCESS, SUCCESS, REFUND_FAILS, REFUND_PENDING))
        await self.out(
            payments.create_payment_intent,
            amount=Money(amount, "GBP"),
            order_id=order["id"],
            capture_method=payments.CaptureMethod.AUTOMATIC,
            payment_method_details=card(number),
        )

    async def refund(self) -> None:
        """All that is left, an amount, lines, or an amount for lines."""
        payment = await self.any("payment", "captured > refunded AND processor = 'sandbox'")
        form = self.chance.choice(("all", "amount", "lines", "both"))
        given: dict[str, Any] = {}
        if form in ("amount", "both"):
            given["amount"] = Money(self.chance.randint(1, payment["captured"] - payment["refunded"]), "GBP")
        if form in ("lines", "both"):
            line = await self.any("order_item", f"order_id = '{payment['order_id']}' AND refunded < quantity")
            left = line["quantity"] - line["refunded"]
            given["items"] = (RefundItemInput(id=line["id"], quantity=self.chance.randint(1, left)),)
        await self.out(payments.refund_payment, id=payment["id"], **given)

    async def edit(self) -> None:
        order = await self.any("sales_order", "status = 'pending'")
        line = await self.any("order_item", f"order_id = '{order['id']}'")
        how = self.chance.choice(("quantity", "remove", "add", "address", "discount"))
        if how == "quantity":
            given: dict[str, Any] = {
                "set_quantities": (ItemQuantity(id=line["id"], quantity=self.chance.randint(1, 6)),)
            }
        elif how == "remove":
            given = {"remove_items": (line["id"],)}
        elif how == "add":
            given = {"add_items": (OrderItemInput(sku=self.chance.choice(self.skus), quantity=2),)}
        elif how == "address":
            given = {"shipping_address": AddressInput(line1="2 Road", city="Town", country="FR")}
        else:
            given = {"discount": DiscountInput(percent=Decimal(5))}
        await self.do(orders.edit_order, id=order["id"], **given)

    async def cancel(self) -> None:
        order = await self.any("sales_order", "status IN ('pending', 'processing')")
        await self.do(orders.cancel_order, id=order["id"], refund=self.chance.random() < 0.5)

    async def ship(self) -> None:
        order = await self.any("sales_order", "status IN ('pending', 'processing')")
        if order["status"] == "pending":
            await self.do(orders.update_order_status, id=order["id"], status=OrderStatus.PROCESSING)
        await self.do(orders.update_order_status, id=order["id"], status=OrderStatus.SHIPPED)

    async def give_back(self) -> None:
        line = await self.any("order_item", "fulfilled > returned")
        entry = ReturnLineInput(id=line["id"], quantity=1, reason=ReturnReason.UNWANTED)
        made = await self.do(shipping.create_return, order_id=line["order_id"], items=(entry,))
        await self.do(shipping.approve_return, id=made.id)
        await self.do(shipping.receive_return, id=made.id)

    async def assign(self) -> None:
        """Guest orders become those of a customer."""
        await self.do(orders.assign_orders, customer_id=self.chance.choice(self.people), email="guest@example.com")

    async def erase(self) -> None:
        """One leaves, another one comes."""
        gone = self.people.pop(0)
        await self._new_customer("channel 1")
        await self.do(customers.erase_customer, id=gone)

    async def move_product(self) -> None:
        product = await self.any("product", "true")
        categories = tuple(self.chance.sample(("even", "low", "new"), self.chance.randint(0, 2)))
        await self.do(catalog.update_product, id=product["id"], categories=categories)

    async def lose_stock(self) -> None:
        """Stock that came and went in the past; what is there today stays."""
        variant = await self.any("product_variant", "true")
        came = EPOCH + timedelta(seconds=self.chance.randrange(200 * 86_400))
        losses = [
            PastMovement(
                product_id=variant["product_id"],
                variant_id=variant["id"],
                quantity=self.chance.randint(1, 40),
                at=came + timedelta(seconds=self.chance.randrange(100 * 86_400)),
                reason="lost",
            )
            for _ in range(self.chance.randint(1, 3))
        ]
        async with self.database.transaction(self.owner, channel="import") as work:
            await inventory.import_movements(work, losses, (), opened_at=came)

    async def view(self) -> None:
        """Some shoppers look at a product."""
        product = await self.any("product", "true")
        for _ in range(self.chance.randint(1, 20)):
            at = EPOCH + timedelta(milliseconds=self.chance.randrange(300 * 86_400_000))
            seen = ProductViewed(self.owner.store.number, product["id"], at)
            self.views.count(seen)
            self.viewed.append(seen)

    async def out(self, use_case: Any, **given: Any) -> Any:
        """Run a use case that calls out."""
        return await call(self.database, self.owner, use_case, **given)

    async def any(self, table: str, condition: str) -> Any:
        """A row of the store. Raises NotFound."""
        query = f"SELECT * FROM {table} WHERE store_id = $1 AND {condition} ORDER BY id"
        async with self.database.system_connection() as connection:
            rows = await connection.fetch(query, self.owner.store.number)
        if not rows:
            raise NotFound(table)
        return self.chance.choice(rows)

    async def _new_customer(self, channel: str) -> None:
        command = CreateCustomer(
            email=f"{secrets.token_hex(6)}@example.com", first_name="Jane", acquisition_channel=channel
        )
        async with self.database.transaction(self.owner) as work:
            made = await customers.create_customer(work, self.owner, command)
        self.people.append(made.id)
