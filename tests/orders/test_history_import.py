"""Import of past orders: with their times, and without a change of the available stock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import catalog, orders
from domain.kernel.address import AddressInput
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ValidationFailed
from domain.orders import OrderStatus, PastLine, PastOrder, StockLoss
from tests.conftest import Do, MakeCustomer, Shop
from tests.orders.conftest import Stock
from tests.orders.test_concurrency import check_orders

Rows = Callable[..., Awaitable[list[dict[str, Any]]]]

THEN = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
PACKED = (OrderStatus.PROCESSING, THEN + timedelta(hours=1))
SENT = (OrderStatus.SHIPPED, THEN + timedelta(hours=5))


@pytest.fixture
def import_orders(database: Database, shop: Shop) -> Callable[..., Awaitable[list[orders.Order]]]:
    """Import orders in a transaction of its own: ``await import_orders(PastOrder(…), losses=[…])``."""

    async def run(*past: PastOrder, losses: list[StockLoss] | None = None) -> list[orders.Order]:
        async with database.transaction(shop.live, channel="import") as work:
            return await orders.import_orders(work, shop.live, past, losses or [])

    return run


ImportOrders = Callable[..., Awaitable[list[orders.Order]]]


def of_mugs(quantity: int, *steps: tuple[OrderStatus, datetime], **more: Any) -> PastOrder:
    return PastOrder(**{"created_at": THEN, "lines": (PastLine("mug", quantity),), "steps": steps, **more})


async def test_the_available_stock_stays_and_the_ledger_has_past_movements(
    database: Database, shop: Shop, mug: catalog.Product, import_orders: ImportOrders, stock: Stock, rows: Rows
) -> None:
    lost = StockLoss(at=THEN + timedelta(hours=2), sku="MUG", quantity=4, reason="broken", note="Shelf fell")
    sent, *_ = await import_orders(
        of_mugs(20, PACKED, SENT), of_mugs(3, PACKED), of_mugs(50, (OrderStatus.CANCELLED, THEN)), losses=[lost]
    )
    assert await stock() == {"MUG": (13, 3)}
    await check_orders(database, shop)
    first, *past = sorted(await rows("inventory_movement"), key=lambda row: row["created_at"])
    assert (first["quantity"], first["reason"], first["created_at"]) == (27, "opening", THEN - timedelta(hours=1))
    assert [
        (row["quantity"], row["reason"], row["reference"], row["note"], row["created_at"]) for row in past[:-1]
    ] == [
        (-4, "broken", None, "Shelf fell", lost.at),
        (-20, "sold", sent.id, None, SENT[1]),
    ]
    assert (past[-1]["quantity"], past[-1]["reason"]) == (10, "opening")


async def test_an_imported_order_has_its_customer_amounts_and_history(
    mug: catalog.Product, make_customer: MakeCustomer, import_orders: ImportOrders, rows: Rows
) -> None:
    buyer = await make_customer(email="then@example.com")
    place = AddressInput(line1="1 Mill Lane", city="Leeds", country="GB")
    lines = (PastLine("MUG", 2, 450), PastLine("MUG", 1, 0), PastLine("MUG", 1))
    past = of_mugs(
        1, PACKED, SENT, lines=lines, customer_id=buyer.id, email=buyer.email, address=place, shipping=300,
        discount=100, metadata={"invoice": "536365"},
    )  # fmt: skip
    (order,) = await import_orders(past)
    (row,) = await rows("sales_order")
    assert (row["subtotal"], row["discount"], row["shipping"], row["total"]) == (
        900 + mug.price, 100, 300, 1100 + mug.price
    )  # fmt: skip
    assert (row["customer_id"], row["email"], row["metadata"]) == (buyer.id, buyer.email, {"invoice": "536365"})
    assert row["shipping_address"]["city"] == row["billing_address"]["city"] == "Leeds"
    assert (row["created_at"], row["updated_at"]) == (THEN, SENT[1])
    assert (row["status"], row["fulfillment_status"], row["payment_status"]) == ("shipped", "fulfilled", "pending")
    steps = [(step["from_status"], step["status"], step["created_at"]) for step in await rows("order_status_change")]
    assert steps == [(None, "pending", THEN), ("pending", *PACKED), ("processing", *SENT)]
    (event,) = [event for event in await rows("event") if event["object_id"] == order.id]
    assert (event["type"], event["origin"], event["sequence"]) == ("order.created", "import", 1)


async def test_an_open_imported_order_can_be_processed(
    database: Database, shop: Shop, mug: catalog.Product, import_orders: ImportOrders, do: Do, stock: Stock
) -> None:
    waiting, packed = await import_orders(of_mugs(3), of_mugs(2, PACKED))
    assert await stock() == {"MUG": (15, 5)}
    await do(orders.cancel_order, id=waiting.id)
    assert await stock() == {"MUG": (15, 2)}
    await do(orders.update_order_status, id=packed.id, status=OrderStatus.SHIPPED)
    assert await stock() == {"MUG": (13, 0)}
    await check_orders(database, shop)


async def test_products_no_longer_for_sale_can_be_imported(
    mug: catalog.Product, import_orders: ImportOrders, do: Do, stock: Stock
) -> None:
    await do(catalog.archive_product, id=mug.id)
    await import_orders(of_mugs(1, PACKED, SENT))
    assert await stock() == {"MUG": (10, 0)}


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"lines": (PastLine("NOWHERE", 1),)}, ValidationFailed),
        ({"discount": 1_000_000}, ValidationFailed),
        ({"steps": (SENT,)}, Conflict),
    ],
    ids=["unknown SKU", "discount above the subtotal", "sent before it was packed"],
)
async def test_one_invalid_order_prevents_the_whole_import(
    wrong: dict[str, Any],
    refusal: type[Exception],
    mug: catalog.Product,
    import_orders: ImportOrders,
    stock: Stock,
    rows: Rows,
) -> None:
    with pytest.raises(refusal):
        await import_orders(of_mugs(1), of_mugs(1, **wrong) if "steps" not in wrong else of_mugs(1, *wrong["steps"]))
    assert await rows("sales_order") == []
    assert await stock() == {"MUG": (10, 0)}


def test_an_impossible_past_order_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="invalid line"):
        PastLine("MUG", 0)
    with pytest.raises(ValueError, match="invalid line"):
        PastLine("MUG", 1, -1)
    for wrong in ({"lines": ()}, {"shipping": -1}, {"steps": (SENT, PACKED)}):
        with pytest.raises(ValueError, match="invalid past order"):
            PastOrder(**{"created_at": THEN, "lines": (PastLine("MUG", 1),), **wrong})


async def test_many_orders_take_as_many_statements_as_few(
    mug: catalog.Product, import_orders: ImportOrders, statements: list[str]
) -> None:
    counts = []
    for number in (2, 40):
        statements.clear()
        await import_orders(*(of_mugs(1, PACKED, SENT) for _ in range(number)))
        counts.append(len(statements))
    assert counts[0] == counts[1]
