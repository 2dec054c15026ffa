"""What is asked of stock on both surfaces: use case, REST request, GraphQL input, and the code of a refusal."""

from __future__ import annotations

from tests.contract.parity_of_customers import Case, Ids

NOWHERE = "wh_00000000000000000000000000"
NEW_HOME = {"name": " Leeds ", "country": "gb", "state": " Yorkshire ", "city": "", "zip": None}


def stock(ids: Ids, tail: str = "") -> str:
    return f"/v2/inventory/{ids['prod']}{tail}"


CASES: tuple[Case, ...] = (
    (
        "inventory.adjust_inventory",
        lambda ids: (
            "POST",
            stock(ids, "/adjust"),
            {"sku": "mug-blue", "quantity": 4, "reason": " found ", "note": ""},
        ),
        lambda ids: {"productId": ids["prod"], "sku": "mug-blue", "quantity": 4, "reason": " found ", "note": ""},
        None,
    ),
    (
        "inventory.adjust_inventory",
        lambda ids: (
            "POST",
            f"/v2/inventory/{ids['var']}/adjust",
            {"quantity": -2, "reason": "sold", "note": "Online order #12345"},
        ),
        lambda ids: {"productId": ids["var"], "quantity": -2, "reason": "sold", "note": "Online order #12345"},
        None,
    ),
    (
        "inventory.adjust_inventory",
        lambda ids: ("POST", stock(ids, "/adjust"), {"quantity": 1, "reason": "x"}),
        lambda ids: {"productId": ids["prod"], "quantity": 1, "reason": "x"},
        "REQUIRED",
    ),
    (
        "inventory.adjust_inventory",
        lambda ids: ("POST", f"/v2/inventory/{ids['var']}/adjust", {"quantity": 0, "reason": "x"}),
        lambda ids: {"productId": ids["var"], "quantity": 0, "reason": "x"},
        "INVALID",
    ),
    (
        "inventory.adjust_inventory",
        lambda _: ("POST", "/v2/inventory/MUG-BLUE/adjust", {"quantity": 1, "reason": "x", "location": NOWHERE}),
        lambda _: {"productId": "MUG-BLUE", "quantity": 1, "reason": "x", "location": NOWHERE},
        "NOT_FOUND",
    ),
    (
        "inventory.adjust_inventory",
        lambda _: ("POST", "/v2/inventory/MUG-BLUE/adjust", {"quantity": -3, "reason": "x"}),
        lambda _: {"productId": "MUG-BLUE", "quantity": -3, "reason": "x"},
        "INSUFFICIENT_STOCK",
    ),
    (
        "inventory.adjust_inventories",
        lambda ids: (
            "POST",
            "/v2/inventory/bulk",
            {
                "input": [
                    {"product_id": "MUG-RED", "quantity": 4, "reason": "found"},
                    {"product_id": ids["var"], "quantity": -2, "reason": "lost", "note": "x"},
                ]
            },
        ),
        lambda ids: {
            "input": [
                {"productId": "MUG-RED", "quantity": 4, "reason": "found"},
                {"productId": ids["var"], "quantity": -2, "reason": "lost", "note": "x"},
            ]
        },
        None,
    ),
    (
        "inventory.adjust_inventories",
        lambda _: (
            "POST",
            "/v2/inventory/bulk",
            {"input": [{"product_id": "MUG-RED", "quantity": n, "reason": "found"} for n in (1, -9, 1)]},
        ),
        lambda _: {"input": [{"productId": "MUG-RED", "quantity": n, "reason": "found"} for n in (1, -9, 1)]},
        "INSUFFICIENT_STOCK",
    ),
    (
        "inventory.set_inventory",
        lambda _: ("POST", "/v2/inventory/MUG-BLUE/set", {"quantity": 9, "expected_quantity": 2, "note": " "}),
        lambda _: {"productId": "MUG-BLUE", "quantity": 9, "expectedQuantity": 2, "note": " "},
        None,
    ),
    (
        "inventory.set_inventory",
        lambda _: ("POST", "/v2/inventory/MUG-BLUE/set", {"quantity": 9, "expected_quantity": 3}),
        lambda _: {"productId": "MUG-BLUE", "quantity": 9, "expectedQuantity": 3},
        "VERSION_MISMATCH",
    ),
    (
        "inventory.transfer_inventory",
        lambda ids: (
            "POST",
            "/v2/inventory/transfers",
            {"product_id": "MUG", "variant_id": ids["var"], "quantity": 2, "to_location": ids["wh"]},
        ),
        lambda ids: {"productId": "MUG", "variantId": ids["var"], "quantity": 2, "toLocation": ids["wh"]},
        None,
    ),
    (
        "inventory.transfer_inventory",
        lambda ids: (
            "POST",
            "/v2/inventory/transfers",
            {"product_id": "NONE", "quantity": 2, "to_location": ids["wh"]},
        ),
        lambda ids: {"productId": "NONE", "quantity": 2, "toLocation": ids["wh"]},
        "NOT_FOUND",
    ),
    (
        "inventory.set_inventory_alert",
        lambda ids: ("POST", stock(ids, "/alerts"), {"threshold": 9, "location": ids["wh"]}),
        lambda ids: {"productId": ids["prod"], "threshold": 9, "location": ids["wh"]},
        None,
    ),
    (
        "inventory.set_inventory_alert",
        lambda ids: (
            "POST",
            f"/v2/inventory/{ids['var']}/alerts",
            {"threshold": 2, "reorder_quantity": None, "version": 1},
        ),
        lambda ids: {"productId": ids["var"], "threshold": 2, "reorderQuantity": None, "expectedVersion": 1},
        None,
    ),
    (
        "inventory.set_inventory_alert",
        lambda ids: ("POST", f"/v2/inventory/{ids['var']}/alerts", {"threshold": 2, "version": 7}),
        lambda ids: {"productId": ids["var"], "threshold": 2, "expectedVersion": 7},
        "VERSION_MISMATCH",
    ),
    (
        "inventory.set_inventory_alert",
        lambda ids: ("POST", stock(ids, "/alerts"), {"threshold": 2, "reorder_quantity": 5}),
        lambda ids: {"productId": ids["prod"], "threshold": 2, "reorderQuantity": 5},
        "REQUIRED",
    ),
    (
        "inventory.remove_inventory_alert",
        lambda ids: ("DELETE", stock(ids, f"/alerts/{ids['alert']}"), None),
        lambda ids: {"productId": ids["prod"], "id": ids["alert"]},
        None,
    ),
    (
        "inventory.create_warehouse",
        lambda _: ("POST", "/v2/warehouses", {**NEW_HOME, "is_default": True}),
        lambda _: {**NEW_HOME, "isDefault": True},
        None,
    ),
    (
        "inventory.create_warehouse",
        lambda _: ("POST", "/v2/warehouses", {"name": "Nowhere", "country": "XX"}),
        lambda _: {"name": "Nowhere", "country": "XX"},
        "INVALID",
    ),
    (
        "inventory.update_warehouse",
        lambda ids: ("PUT", f"/v2/warehouses/{ids['wh']}", {"state": None, "city": "York", "is_default": True}),
        lambda ids: {"id": ids["wh"], "state": None, "city": "York", "isDefault": True},
        None,
    ),
    (
        "inventory.update_warehouse",
        lambda ids: ("PUT", f"/v2/warehouses/{ids['default']}", {"is_default": False}),
        lambda ids: {"id": ids["default"], "isDefault": False},
        "ILLEGAL_TRANSITION",
    ),
    (
        "inventory.update_warehouse",
        lambda ids: ("PUT", f"/v2/warehouses/{ids['default']}", {"active": False}),
        lambda ids: {"id": ids["default"], "active": False},
        "ILLEGAL_TRANSITION",
    ),
    (
        "inventory.create_purchase_order",
        lambda ids: (
            "POST",
            "/v2/purchase_orders",
            {
                "lines": [{"sku": "PLATE", "quantity": 4}, {"variant_id": ids["var"], "quantity": 1}],
                "location": ids["wh"],
                "note": "By sea",
            },
        ),
        lambda ids: {
            "lines": [{"sku": "PLATE", "quantity": 4}, {"variantId": ids["var"], "quantity": 1}],
            "location": ids["wh"],
            "note": "By sea",
        },
        None,
    ),
    (
        "inventory.create_purchase_order",
        lambda _: ("POST", "/v2/purchase_orders", {"lines": [{"sku": "NONE", "quantity": 4}]}),
        lambda _: {"lines": [{"sku": "NONE", "quantity": 4}]},
        "NOT_FOUND",
    ),
    (
        "inventory.cancel_purchase_order",
        lambda ids: ("POST", f"/v2/purchase_orders/{ids['po']}/cancel", None),
        lambda ids: {"id": ids["po"]},
        None,
    ),
    (
        "inventory.receive_purchase_order",
        lambda ids: (
            "POST",
            f"/v2/purchase_orders/{ids['po']}/receive",
            {"lines": [{"variant_id": ids["var"], "quantity": 2}]},
        ),
        lambda ids: {"id": ids["po"], "lines": [{"variantId": ids["var"], "quantity": 2}]},
        None,
    ),
    (
        "inventory.receive_purchase_order",
        lambda ids: ("POST", f"/v2/purchase_orders/{ids['po']}/receive", None),
        lambda ids: {"id": ids["po"]},
        None,
    ),
    (
        "inventory.receive_purchase_order",
        lambda ids: ("POST", f"/v2/purchase_orders/{ids['po']}/receive", {"quantity": 2, "note": "Box 1 of 2"}),
        lambda ids: {"id": ids["po"], "quantity": 2, "note": "Box 1 of 2"},
        None,
    ),
    (
        "inventory.receive_purchase_order",
        lambda ids: ("POST", f"/v2/purchase_orders/{ids['po']}/receive", {"quantity": 6}),
        lambda ids: {"id": ids["po"], "quantity": 6},
        "ILLEGAL_TRANSITION",
    ),
)
