"""Lists of levels, movements and alerts of the store on both surfaces, and the states of alerts."""

from __future__ import annotations

from typing import Any

from domain import inventory
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from tests.conftest import Client, Graph, MakeProduct, Shop
from tests.inventory.conftest import MakeWarehouse, Put

LEVELS = """query ($filter: InventoryLevelFilter, $first: Int, $after: String) {
  inventoryLevels(filter: $filter, first: $first, after: $after) {
    nodes { available onHand variant { sku } warehouse { id } } totalCount pageInfo { endCursor hasNextPage } } }"""
MOVEMENTS = """query ($filter: InventoryLedgerFilter) { inventoryMovements(filter: $filter) { nodes { id } } }"""
ALERTS = """query ($filter: InventoryAlertFilter) { inventoryAlerts(filter: $filter) { nodes { id state } } }"""


async def walked(rest: Client, path: str) -> list[Any]:
    """Read all rows of a list, two at a time, by cursor."""
    rows, cursor = [], ""
    while cursor is not None:
        page = (await rest("GET", f"{path}{'&' if '?' in path else '?'}limit=2&cursor={cursor}")).json()
        rows += page["data"]
        cursor = page["pagination"]["next_cursor"]
    return rows


async def test_levels_are_listed_by_what_is_available_in_all_warehouses_or_one(
    rest: Client, graph: Graph, make_product: MakeProduct, make_warehouse: MakeWarehouse, put: Put, default: str
) -> None:
    first = await make_product(sku="A", variants=(VariantInput(sku="A-1", inventory=5), VariantInput(sku="A-2")))
    second = await make_product(sku="B", variants=(VariantInput(sku="B-1", inventory=2),))
    other = await make_warehouse()
    await put(first, other, 2)
    await put(second, other, 9)
    skus = {variant.id: variant.sku for product in (first, second) for variant in product.variants}

    def shown(rows: Any) -> list[Any]:
        return sorted((row["available"], skus[row["variant_id"]], row["warehouse_id"] == other) for row in rows)

    everything = [(2, "A-1", True), (2, "B-1", False), (5, "A-1", False), (9, "B-1", True)]
    rows = await walked(rest, "/v2/inventory")
    assert [row["available"] for row in rows] == [2, 2, 5, 9]
    assert shown(rows) == everything
    assert {row["product_id"] for row in rows} == {first.id, second.id}
    assert shown(await walked(rest, "/v2/inventory?below=5")) == everything[:2]
    assert shown(await walked(rest, f"/v2/inventory?warehouse_id={other}")) == [everything[0], everything[3]]
    assert shown(await walked(rest, f"/v2/inventory?warehouse_id={default}&below=3")) == [everything[1]]
    assert (await rest("GET", "/v2/inventory?warehouse_id=wh_none")).json()["data"] == []
    assert (await rest("GET", "/v2/inventory?below=-1")).status_code == 400

    found, after = [], None
    while True:
        page = (await graph(LEVELS, filter={"below": 9}, first=1, after=after))["inventoryLevels"]
        found += [(row["available"], row["variant"]["sku"], row["warehouse"]["id"] == other) for row in page["nodes"]]
        assert page["totalCount"] == 3
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert sorted(found) == everything[:3]


async def test_the_ledger_of_the_store_is_narrowed_by_each_of_its_filters(
    rest: Client, graph: Graph, make_product: MakeProduct, make_warehouse: MakeWarehouse, put: Put
) -> None:
    first = await make_product(sku="A", variants=(VariantInput(sku="A-1", inventory=5), VariantInput(sku="A-2")))
    second = await make_product(sku="B", variants=(VariantInput(sku="B-1", inventory=2),))
    other = await make_warehouse()
    await put(first, other, 2, variant=1)
    await put(second, other, 9)
    rows = await walked(rest, "/v2/inventory/movements")
    assert sorted(row["quantity"] for row in rows) == [2, 2, 5, 9]
    for filters, expected in (
        ({"product_id": first.id}, [2, 5]),
        ({"variant_id": first.variants[1].id}, [2]),
        ({"warehouse_id": other}, [2, 9]),
        ({"reason": "opening"}, [2, 5]),
        ({"created_from": "2100-01-01"}, []),
        ({"created_to": "2100-01-01"}, [2, 2, 5, 9]),
        ({"product_id": second.id, "warehouse_id": other, "reason": "received"}, [9]),
    ):
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        found = (await rest("GET", f"/v2/inventory/movements?{query}")).json()["data"]
        assert sorted(row["quantity"] for row in found) == expected, filters
        given = {
            "".join([*name.split("_")[:1], *map(str.title, name.split("_")[1:])]): value
            for name, value in filters.items()
        }
        for name in ("createdFrom", "createdTo"):
            if name in given:
                given[name] = "2100-01-01T00:00:00Z"
        nodes = (await graph(MOVEMENTS, filter=given))["inventoryMovements"]["nodes"]
        assert {node["id"] for node in nodes} == {row["id"] for row in found}
    reversed_ = await rest("GET", "/v2/inventory/movements?created_from=2026-02-01&created_to=2026-01-01")
    assert reversed_.status_code == 400


async def test_alerts_follow_the_stock_and_are_listed_by_state(
    rest: Client, graph: Graph, make_product: MakeProduct, database: Database, shop: Shop, default: str
) -> None:
    first = await make_product(sku="A", variants=(VariantInput(sku="A-1", inventory=5),))
    second = await make_product(sku="B", variants=(VariantInput(sku="B-1", inventory=2),))
    of_first, of_second = f"/v2/inventory/{first.id}", f"/v2/inventory/{second.id}"
    a = (await rest("POST", f"{of_first}/alerts", json={"threshold": 5})).json()
    b = (await rest("POST", f"{of_second}/alerts", json={"threshold": 3, "location": default})).json()
    assert (a["state"], b["state"]) == ("armed", "low")  # of the second there are too few from the start

    async def by_state(state: str) -> set[str]:
        rows = (await rest("GET", f"/v2/inventory/alerts?state={state}")).json()["data"]
        nodes = (await graph(ALERTS, filter={"state": [state.upper()]}))["inventoryAlerts"]["nodes"]
        assert {node["id"] for node in nodes} == {row["id"] for row in rows}
        return {row["id"] for row in rows}

    assert (await by_state("armed"), await by_state("low")) == ({a["id"]}, {b["id"]})
    async with database.transaction(shop.live) as work:  # reserved by an order
        wanted = inventory.ReservationRequest("item_1", first.id, first.variants[0].id, 1, ())
        await inventory.reserve(work, [wanted], None)
    assert (await by_state("armed"), await by_state("low")) == (set(), {a["id"], b["id"]})
    async with database.transaction(shop.live) as work:  # and released again
        await inventory.release(work, {"item_1": None})
    await rest("POST", f"{of_second}/adjust", json={"quantity": 1, "reason": "found"})
    assert (await by_state("armed"), await by_state("low")) == ({a["id"], b["id"]}, set())
    changed = (await rest("POST", f"{of_first}/alerts", json={"threshold": 6})).json()
    assert (changed["state"], changed["version"]) == ("low", 2)
    assert {row["id"] for row in (await rest("GET", "/v2/inventory/alerts?state=armed,low")).json()["data"]} == {
        a["id"],
        b["id"],
    }
    for query, expected in ((f"product_id={first.id}", a["id"]), (f"warehouse_id={default}", b["id"])):
        found = (await rest("GET", f"/v2/inventory/alerts?{query}")).json()["data"]
        assert [row["id"] for row in found] == [expected]


async def test_a_variant_that_goes_leaves_the_state_of_its_products_alert_right(
    rest: Client, make_product: MakeProduct
) -> None:
    product = await make_product(
        sku="A", variants=(VariantInput(sku="A-1", inventory=5), VariantInput(sku="A-2", inventory=5))
    )
    path = f"/v2/inventory/{product.id}/alerts"
    await rest("POST", path, json={"threshold": 8})
    await rest("DELETE", f"/v2/products/{product.id}/variants/{product.variants[1].id}")
    (alert,) = (await rest("GET", path)).json()["data"]
    assert alert["state"] == "low"
