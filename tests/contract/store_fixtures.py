"""What a store that sells holds, for tests that look at every table, route and field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from domain import orders
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import DiscountInput, OrderItemInput, TaxRateInput
from domain.orders.service.order_sources import append_source

LEEDS = AddressInput(first_name="Jane", line1="1 Home Road", city="Leeds", country="GB")


async def sell(database: Database, principal: Principal, sku: str, customer_id: str | None = None) -> dict[str, str]:
    """A pending order of two lines (``ord``, ``item``, ``item2``) with a note (``note``), a guest's in processing
    (``busy``) and an open draft (``dord``): four of what ``sku`` names are reserved. Answers the ids."""

    async def do(execute: Any, **given: Any) -> Any:
        async with database.transaction(principal) as work:
            return await execute(work, principal, use_case_of(execute).command(**given))

    await do(orders.update_settings, tax_rates=(TaxRateInput(country="GB", percent=Decimal(20), on_shipping=True),))
    line = OrderItemInput(sku=sku, quantity=1)
    order = await do(
        orders.create_order,
        customer_id=customer_id,
        items=(OrderItemInput(sku=sku, quantity=2), OrderItemInput(sku=sku, quantity=1, price=Money(999, "GBP"))),
        shipping_address=LEEDS,
        shipping_method="standard",
        discount=DiscountInput(percent=Decimal(10)),
        metadata={"gone": 1, "stays": [True]},
    )
    note = await do(orders.add_order_note, order_id=order.id, text="Rang twice.")
    busy = await do(orders.create_order, items=(line,), email="guest@example.com")
    await do(orders.update_order_status, id=busy.id, status=orders.OrderStatus.PROCESSING, note="Paid")
    draft = await do(orders.create_draft_order, customer_id=customer_id, items=(line,), billing_address=LEEDS)
    async with database.transaction(principal) as work:
        append_source(work, order.id, orders.OrderSource("elsewhere", "1", "job_x"))
    ids = {"ord": order.id, "item": order.items[0].id, "item2": order.items[1].id, "note": note.id}
    return {**ids, "busy": busy.id, "dord": draft.id}
