"""The demo shop's past, loaded: every invoice is an order, every sum is the files', and nothing is lost silently."""

from __future__ import annotations

import csv
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import asyncpg
import pytest

from domain import access
from domain.kernel.database import Database
from domain.kernel.errors import ValidationFailed
from domain.kernel.principal import Mode, Plan, Store
from domain.payments import DisputeStatus, PaymentIntentStatus, PaymentState, RefundStatus
from domain.shipping import ReturnStatus, ShipmentStatus
from gateway.demo.history import demo_history, refused_invoice_rows
from gateway.demo.load import load_demo, open_account
from gateway.demo.load_orders import load_history
from gateway.demo.rows import demo_products
from gateway.demo.source_report import source_report
from tests.conftest import Shop
from tests.orders.test_concurrency import check_orders
from tests.payments.books import require_balanced_books

LINES_OF_THE_FILE = 10_000


@dataclass(frozen=True, slots=True)
class Past:
    """A store with the whole demo in it."""

    database: Database
    store: Store

    @property
    def shop(self) -> Shop:
        """Whoever may do everything in it."""
        return Shop(live=access.system_principal(self.store), test=access.system_principal(self.store))

    async def rows(self, statement: str) -> list[asyncpg.Record]:
        """The rows of a statement about the store (``$1``)."""
        async with self.database.system_connection() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, self.store.number)
            return found


@pytest.fixture(scope="module")
async def past(database: Database) -> Past:
    """Loaded once: the tests only look."""
    name = f"Shop {secrets.token_hex(6)}"
    stores = await open_account(database, name, plan=Plan.ENTERPRISE, currency="GBP", sample=False)
    await load_demo(database, stores[Mode.LIVE], lambda _: None)
    return Past(database, stores[Mode.LIVE])


def package_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a file of the package, read without the product's help."""
    with files("gateway.demo").joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def pence(amount: str) -> int:
    """Of an amount with two decimals."""
    pounds, _, rest = amount.partition(".")
    return int(pounds) * 100 + int(rest)


def recount() -> dict[str, dict[str, Any]]:
    """Of each invoice of goods: its total and its lines, counted from the file."""
    found: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"goods": 0, "shipping": 0, "lines": Counter()})
    for row in package_rows("invoice_lines.csv"):
        quantity, amount = int(row["quantity"]), int(row["quantity"]) * pence(row["price"])
        if row["kind"] == "item":
            found[row["invoice"]]["goods"] += amount
            found[row["invoice"]]["lines"][row["sku"], pence(row["price"])] += quantity
        elif row["kind"] != "write_off":
            found[row["invoice"]]["shipping"] += amount if row["kind"] == "shipping" else -amount
    return {invoice: sums for invoice, sums in found.items() if sums["lines"]}


def test_every_line_of_the_source_is_used_or_refused_with_a_reason() -> None:
    used = [int(row["line"]) for row in package_rows("invoice_lines.csv")]
    refused = list(refused_invoice_rows())
    assert sorted([*used, *(row.line for row in refused)]) == list(range(2, LINES_OF_THE_FILE + 2))
    assert Counter(row["kind"] for row in package_rows("invoice_lines.csv")) == {
        "item": 9_925, "shipping": 24, "write_off": 22
    }  # fmt: skip
    assert Counter(row.reason for row in refused) == {"no_product": 15, "not_a_product": 12, "no_goods": 2}
    assert {row.stock_code for row in refused if row.reason == "not_a_product"} == {"M", "C2", "BANK CHARGES"}


def test_the_history_has_exactly_these_counts() -> None:
    invoices, losses = demo_history()
    assert len(invoices) == 472
    assert sum(invoice.cancelled for invoice in invoices) == 41
    assert sum(not invoice.customer for invoice in invoices) == 31
    assert len({invoice.customer for invoice in invoices} - {""}) == 322
    assert len(losses) == 22
    assert sum(loss.quantity for loss in losses) == 1_172
    for invoice in invoices:
        moments = [invoice.at, *(at for _, at in invoice.steps)]
        assert moments == sorted(moments)


def test_the_demo_tells_its_counts_and_where_the_refused_lines_are() -> None:
    counts, products, orders = source_report()
    assert counts == (
        "1,819 products; 472 orders, 41 of them cancelled and 31 by guests; 322 customers; 22 losses of stock"
    )
    assert products.endswith("gateway/demo/refused.csv: 46 no_price, 38 not_a_product")
    assert orders.endswith("gateway/demo/refused_invoice_lines.csv: 2 no_goods, 15 no_product, 12 not_a_product")


async def test_every_invoice_is_an_order_with_its_lines_and_its_sum(past: Past) -> None:
    orders = await past.rows(
        "SELECT id, metadata->>'invoice' AS invoice, subtotal, shipping, total FROM sales_order WHERE store_id = $1"
    )
    lines: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    for row in await past.rows("SELECT order_id, sku, price, quantity FROM order_item WHERE store_id = $1"):
        lines[row["order_id"]][row["sku"], row["price"]] += row["quantity"]
    expected = recount()
    assert len(orders) == len(expected)
    for order in orders:
        sums = expected[order["invoice"]]
        assert order["subtotal"] == sums["goods"], order
        assert order["total"] == sums["goods"] + sums["shipping"], order
        assert lines[order["id"]] == sums["lines"], order


async def test_orders_keep_their_time_their_country_and_who_bought(past: Past) -> None:
    countries = {"United Kingdom": "GB", "EIRE": "IE", "Germany": "DE", "Japan": "JP", "Switzerland": "CH"}
    found = await past.rows(
        "SELECT o.metadata->>'invoice' AS invoice, o.created_at, shipping_address->>'country' AS country, "
        "c.metadata->>'customer' AS customer, c.email = o.email AS reached, c.created_at AS since "
        "FROM sales_order o LEFT JOIN customer c ON c.store_id = o.store_id AND c.id = o.customer_id "
        "WHERE o.store_id = $1"
    )
    written = {row["invoice"]: row for row in package_rows("invoices.csv")}
    for order in found:
        row = written[order["invoice"]]
        assert order["created_at"].isoformat() == row["at"]
        assert order["country"] == countries.get(row["country"], order["country"])
        assert (order["customer"] or "") == row["customer"]
        assert order["reached"] is (True if row["customer"] else None)
        assert order["since"] is None or order["since"] <= order["created_at"]
    (people,) = await past.rows(
        "SELECT count(*) AS count, bool_and(email LIKE '%@example.com') AS invented FROM customer WHERE store_id = $1"
    )
    assert tuple(people.values()) == (322, True)


async def test_numbers_count_in_order_of_time(past: Past) -> None:
    numbers = await past.rows(
        "SELECT number FROM sales_order WHERE store_id = $1 ORDER BY created_at, metadata->>'invoice'"
    )
    assert [row["number"] for row in numbers] == list(range(1001, 1001 + 472))


async def test_cancellations_are_cancelled_and_the_newest_wait_for_somebody(past: Past) -> None:
    rows = await past.rows(
        "SELECT status, fulfillment_status, left(metadata->>'invoice', 1) = 'C' AS returned, count(*) "
        "FROM sales_order WHERE store_id = $1 GROUP BY 1, 2, 3 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("cancelled", "unfulfilled", True, 41),
        ("delivered", "fulfilled", False, 415),
        ("pending", "unfulfilled", False, 8),
        ("processing", "unfulfilled", False, 8),
    ]
    steps = await past.rows(
        "SELECT array_agg(coalesce(s.from_status, '') || '>' || s.status ORDER BY s.created_at, s.id) AS way, o.status "
        "FROM sales_order o JOIN order_status_change s ON s.store_id = o.store_id AND s.order_id = o.id "
        "WHERE o.store_id = $1 GROUP BY o.id, o.status"
    )
    begun, packed = [">pending"], [">pending", "pending>processing"]
    ways = {
        "pending": begun,
        "processing": packed,
        "delivered": [*packed, "processing>shipped", "shipped>delivered"],
        "cancelled": [*begun, "pending>cancelled"],
    }
    assert len(steps) == 472
    for row in steps:
        assert row["way"] == ways[row["status"]]


async def test_every_sum_holds_and_what_is_left_is_what_the_shop_shows(past: Past) -> None:
    """Lines and orders, levels and ledger, reservations and open orders; at no moment less than nothing on a shelf."""
    await check_orders(past.database, past.shop)
    levels = await past.rows(_LEVELS)
    shown = {variant.sku: variant.stock for product in demo_products() for variant in product.variants}
    assert {row["sku"]: row["on_hand"] - row["reserved"] for row in levels} == shown
    for row in levels:
        assert row["on_hand"] == row["moved"], row
        assert row["reserved"] == row["held"], row
        assert row["lowest"] >= 0, row
    lost = await past.rows(
        "SELECT note, -quantity AS quantity, created_at FROM inventory_movement "
        "WHERE store_id = $1 AND reason = 'write_off'"
    )
    expected = {(f"Invoice {loss.number}", loss.quantity, loss.at) for loss in demo_history()[1]}
    assert {tuple(row.values()) for row in lost} == expected


async def test_events_say_that_it_was_imported_and_nothing_runs_out(past: Past) -> None:
    rows = await past.rows("SELECT type, origin, count(*) FROM event WHERE store_id = $1 GROUP BY 1, 2 ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [
        ("customer.created", "import", 322),
        ("order.created", "import", 472),
        ("product.created", "api", 1819),
    ]


async def test_what_was_shipped_has_a_shipment_with_its_tracking(past: Past) -> None:
    """Of all lines, by a carrier, as far as the order has come. Fails when ``import_shipments`` is left out."""
    rows = await past.rows(
        """SELECT o.status, s.status AS shipment, s.tracking_number, s.tracking_url,
            (SELECT sum(quantity) FROM order_item i WHERE i.store_id = o.store_id AND i.order_id = o.id) AS units,
            (SELECT sum(quantity) FROM shipment_item i WHERE i.store_id = s.store_id AND i.shipment_id = s.id) AS sent,
            (SELECT array_agg(e.status ORDER BY e.occurred_at, e.id) FROM tracking_event e
                WHERE e.store_id = s.store_id AND e.shipment_id = s.id) AS tracking
        FROM sales_order o LEFT JOIN shipment s ON s.store_id = o.store_id AND s.order_id = o.id
        WHERE o.store_id = $1"""
    )
    sent = [row for row in rows if row["status"] in ("shipped", "delivered")]
    assert len(sent) > 300
    for row in sent:
        assert row["shipment"] == ("delivered" if row["status"] == "delivered" else "in_transit")
        assert row["sent"] == row["units"]
        assert row["tracking_number"] in row["tracking_url"]
        assert row["tracking"][-1] == row["shipment"]
    assert all(row["shipment"] is None for row in rows if row not in sent)


async def test_loading_again_changes_nothing(past: Past, statements: list[str]) -> None:
    counts = "SELECT (SELECT count(*) FROM {0} WHERE store_id = $1) AS {0}"
    tables = ("sales_order", "order_item", "customer", "inventory_movement", "event", "shipment")
    before = [await past.rows(counts.format(table)) for table in tables]
    statements.clear()
    assert await load_demo(past.database, past.store, lambda _: None) == 0
    # Products; where pictures are served, products, their images; how the store ships (5); the past.
    assert len(statements) == 10, statements
    assert [await past.rows(counts.format(table)) for table in tables] == before


async def test_the_past_is_loaded_whole_or_not_at_all(database: Database, shop: Shop) -> None:
    """A store without the catalogue has none of it: not a customer stays behind, and the next load has it all to do."""
    with pytest.raises(ValidationFailed):
        await load_history(database, shop.live)
    async with database.system_connection() as connection:
        left = await connection.fetchval("SELECT count(*) FROM customer WHERE store_id = $1", shop.live.store.number)
    assert left == 0


async def test_a_new_test_store_has_a_shipment_and_a_return_in_each_state(database: Database) -> None:
    """Shipped orders have what brought them, with its way."""
    name = f"Shop {secrets.token_hex(6)}"
    stores = await open_account(database, name, plan=Plan.FREE, currency="EUR", sample=True)
    sample = Past(database, stores[Mode.TEST])
    sent = await sample.rows("SELECT status, order_id FROM shipment WHERE store_id = $1")
    assert {row["status"] for row in sent} == set(ShipmentStatus) - {ShipmentStatus.PENDING}  # it calls no carrier
    back = await sample.rows("SELECT status FROM order_return WHERE store_id = $1")
    assert sorted(row["status"] for row in back) == sorted(ReturnStatus)
    shipped = await sample.rows("SELECT id FROM sales_order WHERE store_id = $1 AND status IN ('shipped', 'delivered')")
    assert {row["id"] for row in shipped} < {row["order_id"] for row in sent}
    tracked = await sample.rows(
        """SELECT count(*) AS steps FROM tracking_event AS e JOIN shipment AS s USING (store_id)
           WHERE e.store_id = $1 AND s.id = e.shipment_id AND s.status = 'delivered' GROUP BY s.id"""
    )
    assert [row["steps"] for row in tracked] == [3, 3]
    assert await Past(database, stores[Mode.LIVE]).rows("SELECT id FROM shipment WHERE store_id = $1") == []


async def test_a_new_test_store_has_a_payment_in_each_state(database: Database) -> None:
    """And of refunds and disputes; one order can still be paid, and the ledger balances with its payments."""
    name = f"Shop {secrets.token_hex(6)}"
    stores = await open_account(database, name, plan=Plan.FREE, currency="EUR", sample=True)
    sample = Past(database, stores[Mode.TEST])
    for table, states in (
        ("payment_intent", set(PaymentIntentStatus) - {PaymentIntentStatus.REQUIRES_PAYMENT_METHOD}),  # of live stores
        ("payment", set(PaymentState)),
        ("payment_refund", set(RefundStatus)),
        ("payment_dispute", set(DisputeStatus)),
    ):
        assert {row["status"] for row in await sample.rows(f"SELECT status FROM {table} WHERE store_id = $1")} == states
    unpaid = "SELECT status FROM sales_order AS o WHERE store_id = $1 AND NOT EXISTS (SELECT FROM payment AS p WHERE "
    found = await sample.rows(f"{unpaid} p.store_id = o.store_id AND p.order_id = o.id) ORDER BY number DESC")
    assert [row["status"] for row in found] == ["pending", "cancelled"]
    await require_balanced_books(database, access.system_principal(stores[Mode.TEST]))
    assert await Past(database, stores[Mode.LIVE]).rows("SELECT id FROM payment WHERE store_id = $1") == []


async def test_a_new_test_store_has_orders_of_every_kind(database: Database) -> None:
    name = f"Shop {secrets.token_hex(6)}"
    stores = await open_account(database, name, plan=Plan.FREE, currency="JPY", sample=True)
    past = Past(database, stores[Mode.TEST])
    found = await past.rows("SELECT status, created_at FROM sales_order WHERE store_id = $1 ORDER BY number")
    assert [row["status"] for row in found] == [
        "delivered", "delivered", "shipped", "cancelled", "processing", "pending"
    ]  # fmt: skip
    moments = [row["created_at"] for row in found]
    assert moments == sorted(moments)
    await check_orders(database, past.shop)
    for row in await past.rows(_LEVELS):
        assert (row["on_hand"], row["reserved"]) == (row["moved"], row["held"]), row
        assert row["lowest"] >= 0, row
    assert await Past(database, stores[Mode.LIVE]).rows("SELECT id FROM sales_order WHERE store_id = $1") == []


# Each part is read once, whatever the planner believes of a store that it has not counted yet: beside the big shop of
# other tests it read all movements anew for each variant, and was cut off.
_LEVELS = """
WITH ledger AS MATERIALIZED (
    SELECT variant_id, sum(quantity)::int AS moved, min(so_far)::int AS lowest
    FROM (SELECT variant_id, quantity, sum(quantity) OVER (PARTITION BY variant_id ORDER BY created_at, id) AS so_far
          FROM inventory_movement WHERE store_id = $1) AS steps
    GROUP BY variant_id
), reservations AS MATERIALIZED (
    SELECT variant_id, sum(quantity)::int AS held FROM inventory_reservation WHERE store_id = $1 GROUP BY variant_id
), levels AS MATERIALIZED (
    SELECT variant_id, on_hand, reserved FROM inventory_level WHERE store_id = $1
)
SELECT v.sku, l.on_hand, l.reserved, coalesce(moved, 0) AS moved, coalesce(held, 0) AS held,
    coalesce(lowest, 0) AS lowest
FROM product_variant AS v JOIN levels AS l ON l.variant_id = v.id
LEFT JOIN ledger ON ledger.variant_id = v.id LEFT JOIN reservations ON reservations.variant_id = v.id
WHERE v.store_id = $1
"""
