"""The lists of stock, purchase orders, endpoints and events of the small shop; ``listed_areas.py`` has the others."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from domain import inventory
from domain.inventory.commands import (
    AdjustInventory,
    CancelPurchaseOrder,
    CreateWarehouse,
    SetInventoryAlert,
)
from domain.kernel.database import Database
from domain.kernel.event_log import Sequencer, write_position
from domain.kernel.principal import Principal
from tests.contract.listed_areas import DAY_THREE, DAY_TWO, connection
from tests.contract.listed_shop import Area, Condition, _by, facts, moment_of, one, several, spans

REASONS = ("damaged", "found", "received")
EVENTS_KEPT = 150
"""Of the shop's: fewer than a page holds."""
_WEBHOOK = """
INSERT INTO webhook VALUES ($1, $2, 'https://a.example', '{*}', true, false, NULL, '', '', NULL, NULL, $3, '{}', NULL,
    NULL, 1, now(), now())
"""
_NEWEST = """
DELETE FROM event WHERE store_id = $1 AND id NOT IN
    (SELECT id FROM event WHERE store_id = $1 ORDER BY position DESC LIMIT $2)
"""


async def fill_stock(database: Database, principal: Principal, chance: random.Random) -> None:
    """Fill a store that has products with movements in two warehouses, alerts, purchase orders and endpoints; place
    its events in the log."""
    products = sorted(row["id"] for row in await facts(database, principal, "product"))[:20]
    async with database.transaction(principal) as work:
        place = CreateWarehouse(name="Second", country="FR")
        second = (await inventory.create_warehouse(work, principal, place)).id
        for _ in range(60):
            await inventory.adjust_inventory(
                work,
                principal,
                AdjustInventory(
                    product_id=chance.choice(products),
                    quantity=chance.randrange(1, 9),
                    reason=chance.choice(REASONS),
                    **({"location": second} if chance.random() < 0.5 else {}),
                ),
            )
        for product in products:
            given = {"location": second} if chance.random() < 0.5 else {}
            threshold = chance.choice([1, 200])
            alert = SetInventoryAlert(product_id=product, threshold=threshold, reorder_quantity=5, **given)
            await inventory.set_inventory_alert(work, principal, alert)
    ordered = sorted(row["id"] for row in await facts(database, principal, "purchase_order"))
    async with database.transaction(principal) as work:
        for id in ordered[::2]:
            await inventory.cancel_purchase_order(work, principal, CancelPurchaseOrder(id=id))
    await Sequencer(database, lambda: None).assign_all()
    store = principal.store.number
    async with database.system_connection() as connection:
        for number, maker in enumerate(("key_a", "key_b", "key_a")):
            await connection.execute(_WEBHOOK, store, f"whk_{number + 1:026}", maker)
        for table in ("inventory_movement", "inventory_alert", "purchase_order"):
            for row in await connection.fetch(f"SELECT id FROM {table} WHERE store_id = $1", store):
                changed = f"UPDATE {table} SET created_at = $3 WHERE store_id = $1 AND id = $2"
                await connection.execute(changed, store, row["id"], moment_of(chance))
        await connection.execute(_NEWEST, store, EVENTS_KEPT)


async def levels(database: Database, principal: Principal) -> Area:
    """The levels of the whole store."""
    rows = await facts(database, principal, "inventory_level")
    place = max(row["warehouse_id"] for row in rows)
    return Area(
        "/v2/inventory",
        connection("inventoryLevels", "InventoryLevelFilter"),
        rows,
        [
            one("warehouse_id", place, lambda fact: fact["warehouse_id"] == place),
            Condition("below", "10", 10, lambda fact: fact["on_hand"] - fact["reserved"] < 10),
        ],
        {"available": lambda fact: fact["on_hand"] - fact["reserved"]},
        descends=False,
    )


def _of_movements(rows: Any) -> list[Condition]:
    place, variant = max(row["warehouse_id"] for row in rows), max(row["variant_id"] for row in rows)
    return [
        one("warehouse_id", place, lambda fact: fact["warehouse_id"] == place),
        one("variant_id", variant, lambda fact: fact["variant_id"] == variant),
        one("reason", "received", lambda fact: fact["reason"] == "received"),
        *spans("created", "created_at", DAY_TWO, DAY_THREE),
    ]


async def ledger(database: Database, principal: Principal) -> Area:
    """The movements of the whole store."""
    rows = await facts(database, principal, "inventory_movement")
    product = max(row["product_id"] for row in rows if row["reason"] in REASONS)
    own = one("product_id", product, lambda fact: fact["product_id"] == product)
    query = connection("inventoryMovements", "InventoryLedgerFilter")
    return Area("/v2/inventory/movements", query, rows, [*_of_movements(rows), own])


async def movements(database: Database, principal: Principal) -> Area:
    """The movements of one product: the one that has most."""
    rows = await facts(database, principal, "inventory_movement")
    products = [row["product_id"] for row in rows]
    product = max(products, key=products.count)
    theirs = [row for row in rows if row["product_id"] == product]
    query = connection("movements", "InventoryMovementFilter")
    query = query.replace("list: movements", f'webhook: inventory(productId: "{product}") {{ list: movements') + " }"
    return Area(f"/v2/inventory/{product}/movements", query, theirs, _of_movements(theirs))


async def alerts(database: Database, principal: Principal) -> Area:
    """The alerts of the whole store."""
    rows = await facts(database, principal, "inventory_alert")
    product, place = rows[0]["product_id"], max(row["warehouse_id"] for row in rows if row["warehouse_id"])
    return Area(
        "/v2/inventory/alerts",
        connection("inventoryAlerts", "InventoryAlertFilter"),
        rows,
        [
            one("product_id", product, lambda fact: fact["product_id"] == product),
            one("warehouse_id", place, lambda fact: fact["warehouse_id"] == place),
            several("state", ["low"], lambda fact: fact["state"] == "low", upper=True),
            several("state", ["armed", "low"], lambda fact: fact["state"] in ("armed", "low"), upper=True),
        ],
    )


async def purchase_orders(database: Database, principal: Principal) -> Area:
    """The list of purchase orders."""
    rows = await facts(database, principal, "purchase_order")
    ended = ["received", "cancelled"]
    return Area(
        "/v2/purchase_orders",
        connection("purchaseOrders", "PurchaseOrderFilter"),
        rows,
        [
            several("status", ["open"], lambda fact: fact["status"] == "open", upper=True),
            several("status", ended, lambda fact: fact["status"] in ended, upper=True),
        ],
    )


async def webhooks(database: Database, principal: Principal) -> Area:
    """The list of endpoints."""
    rows = await facts(database, principal, "webhook")
    own = one("credential", "key_a", lambda fact: fact["credential"] == "key_a")
    return Area("/v2/webhooks", connection("webhooks", "WebhookFilter"), rows, [own])


async def events(database: Database, principal: Principal) -> Area:
    """The log of events."""
    rows = sorted(await facts(database, principal, "event"), key=_by("position"))
    objects = [rows[3]["object_id"], rows[-1]["object_id"], "prod_nobody"]
    types, since = ["order.created", "product.created"], rows[len(rows) // 3]["position"]
    named = several("types", types, lambda fact: fact["type"] in types)
    return Area(
        "/v2/events",
        connection("events", "EventFilter"),
        rows,
        [
            replace(named, graph=[each.replace(".", "_").upper() for each in types]),
            one("object_id", objects[0], lambda fact: fact["object_id"] == objects[0]),
            several("object_ids", objects, lambda fact: fact["object_id"] in objects),
            one("since", write_position(since), lambda fact: fact["position"] > since),
        ],
        {"position": _by("position")},
        descends=False,
    )


STOCK_AREAS = (levels, ledger, movements, alerts, purchase_orders, webhooks, events)
