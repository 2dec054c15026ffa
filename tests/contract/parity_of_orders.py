"""What is asked of orders on both surfaces: use case, REST request, GraphQL input, and the code of a refusal.

Each store begins with what ``selling.sell`` puts there: sixteen plates are left, and a mug has several variants.
"""

from __future__ import annotations

from typing import Any

from tests.contract.parity_of_customers import Case, Ids

NOBODY = "cust_00000000000000000000000000"
NO_LINE = "item_00000000000000000000000000"
HOME = {"line1": " 1 Home Road ", "city": "Leeds", "country": "gb", "company": ""}
PARIS = {"line1": "1 Rue", "city": "Paris", "country": "FR"}


def order(ids: Ids, tail: str = "", which: str = "ord") -> str:
    return f"/v2/orders/{ids[which]}{tail}"


def draft(ids: Ids, tail: str = "") -> str:
    return f"/v2/draft_orders/{ids['dord']}{tail}"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount}


def plates(quantity: Any = 1) -> dict[str, Any]:
    return {"items": [{"sku": "plate", "quantity": quantity}]}


def same(case: str, path: str, given: dict[str, Any], refused: str | None) -> Case:
    """A POST whose body is said alike on both surfaces."""
    return (case, lambda _: ("POST", path, given), lambda _: given, refused)


PLACING: tuple[Case, ...] = (
    same("orders.create_order", "/v2/orders", plates(16), None),
    (
        "orders.create_order",
        lambda ids: (
            "POST",
            "/v2/orders",
            {
                "customer_id": ids["cust"],
                "items": [
                    {"product_id": ids["plate"], "quantity": 2, "price": 199.99},
                    {"product_id": ids["prod"], "variant_id": ids["var"], "quantity": 1},
                ],
                "shipping_address": {**HOME, "first_name": " Ada "},
                "billing_address": PARIS,
                "payment_method": "apple_pay",
                "shipping_method": "express",
                "discount": {"percent": 12.5},
                "metadata": {"a": [1, None]},
            },
        ),
        lambda ids: {
            "customerId": ids["cust"],
            "items": [
                {"productId": ids["plate"], "quantity": 2, "price": money("199.99")},
                {"productId": ids["prod"], "variantId": ids["var"], "quantity": 1},
            ],
            "shippingAddress": {**HOME, "firstName": " Ada "},
            "billingAddress": PARIS,
            "paymentMethod": "APPLE_PAY",
            "shippingMethod": "express",
            "discount": {"percent": "12.5"},
            "metadata": {"a": [1, None]},
        },
        None,
    ),
    same("orders.create_order", "/v2/orders", plates(17), "INSUFFICIENT_STOCK"),
    same("orders.create_order", "/v2/orders", {"items": [{"sku": "MUG", "quantity": 1}]}, "REQUIRED"),
    same("orders.create_order", "/v2/orders", {"items": [*plates()["items"], {"quantity": 1}]}, "REQUIRED"),
    same("orders.create_order", "/v2/orders", {"items": [{"sku": "NONE", "quantity": 1}]}, "NOT_FOUND"),
    same("orders.create_order", "/v2/orders", {"items": [{"sku": "OLD", "quantity": 1}]}, "ILLEGAL_TRANSITION"),
    same("orders.create_order", "/v2/orders", {"items": []}, "TOO_SHORT"),
    same("orders.create_order", "/v2/orders", plates(0), "TOO_SMALL"),
    (
        "orders.create_order",
        lambda _: ("POST", "/v2/orders", {**plates(), "customer_id": NOBODY}),
        lambda _: {**plates(), "customerId": NOBODY},
        "NOT_FOUND",
    ),
    (
        "orders.create_order",
        lambda _: ("POST", "/v2/orders", {**plates(), "shipping_method": "pigeon"}),
        lambda _: {**plates(), "shippingMethod": "pigeon"},
        "NOT_FOUND",
    ),
    (
        "orders.create_order",
        lambda _: ("POST", "/v2/orders", {**plates(), "discount": {"amount": 5.01}}),
        lambda _: {**plates(), "discount": {"amount": money("5.01")}},
        "TOO_LARGE",
    ),
    (
        "orders.create_order",
        lambda _: ("POST", "/v2/orders", {**plates(), "shipping_address": {"line1": "", "city": "x", "country": "xx"}}),
        lambda _: {**plates(), "shippingAddress": {"line1": "", "city": "x", "country": "xx"}},
        "TOO_SHORT",
    ),
)

EDITING: tuple[Case, ...] = (
    (
        "orders.edit_order",
        lambda ids: (
            "PATCH",
            order(ids),
            {
                "add_items": [{"product_id": ids["plate"], "quantity": 1, "price": 1}],
                "set_quantities": [{"id": ids["item"], "quantity": 5}],
                "remove_items": [ids["item2"]],
                "email": "ada@example.com",
                "shipping_address": PARIS,
                "shipping_method": None,
                "discount": {"amount": 2.5},
                "metadata": {"gone": None, "new": 1},
                "version": 2,
            },
        ),
        lambda ids: {
            "id": ids["ord"],
            "addItems": [{"productId": ids["plate"], "quantity": 1, "price": money("1")}],
            "setQuantities": [{"id": ids["item"], "quantity": 5}],
            "removeItems": [ids["item2"]],
            "email": "ada@example.com",
            "shippingAddress": PARIS,
            "shippingMethod": None,
            "discount": {"amount": money("2.5")},
            "metadata": {"gone": None, "new": 1},
            "expectedVersion": 2,
        },
        None,
    ),
    (
        "orders.edit_order",
        lambda ids: ("PATCH", order(ids), {"set_quantities": [{"id": ids["item"], "quantity": 2}]}),
        lambda ids: {"id": ids["ord"], "setQuantities": [{"id": ids["item"], "quantity": 2}]},
        None,
    ),
    (
        "orders.edit_order",
        lambda ids: ("PATCH", order(ids), {"remove_items": [ids["item"], NO_LINE]}),
        lambda ids: {"id": ids["ord"], "removeItems": [ids["item"], NO_LINE]},
        "NOT_FOUND",
    ),
    (
        "orders.edit_order",
        lambda ids: ("PATCH", order(ids), {"remove_items": [ids["item"], ids["item2"]]}),
        lambda ids: {"id": ids["ord"], "removeItems": [ids["item"], ids["item2"]]},
        "TOO_SHORT",
    ),
    (
        "orders.edit_order",
        lambda ids: (
            "PATCH",
            order(ids),
            {"add_items": [{"sku": "PLATE", "quantity": 9}, {"sku": "PLATE", "quantity": 8}], "remove_items": []},
        ),
        lambda ids: {
            "id": ids["ord"],
            "addItems": [{"sku": "PLATE", "quantity": 9}, {"sku": "PLATE", "quantity": 8}],
            "removeItems": [],
        },
        "INSUFFICIENT_STOCK",
    ),
    (
        "orders.edit_order",
        lambda ids: ("PATCH", order(ids, which="busy"), {"shipping_method": "express"}),
        lambda ids: {"id": ids["busy"], "shippingMethod": "express"},
        "ILLEGAL_TRANSITION",
    ),
    (
        "orders.edit_order",
        lambda ids: ("PATCH", order(ids), {"shipping_method": "express", "version": 1}),
        lambda ids: {"id": ids["ord"], "shippingMethod": "express", "expectedVersion": 1},
        "VERSION_MISMATCH",
    ),
    (
        "orders.add_order_note",
        lambda ids: ("POST", order(ids, "/notes", "busy"), {"text": " Rang again. "}),
        lambda ids: {"orderId": ids["busy"], "text": " Rang again. "},
        None,
    ),
    (
        "orders.add_order_note",
        lambda ids: ("POST", order(ids, "/notes"), {"text": "  "}),
        lambda ids: {"orderId": ids["ord"], "text": "  "},
        "TOO_SHORT",
    ),
)

MOVING: tuple[Case, ...] = (
    (
        "orders.update_order_status",
        lambda ids: ("PATCH", order(ids, "/status"), {"status": "processing", "note": "Payment confirmed"}),
        lambda ids: {"id": ids["ord"], "status": "PROCESSING", "note": "Payment confirmed"},
        None,
    ),
    (
        "orders.update_order_status",
        lambda ids: ("PATCH", order(ids, "/status", "busy"), {"status": "shipped"}),
        lambda ids: {"id": ids["busy"], "status": "SHIPPED"},
        None,
    ),
    (
        "orders.update_order_status",
        lambda ids: ("PATCH", order(ids, "/status"), {"status": "cancelled", "note": "Changed mind"}),
        lambda ids: {"id": ids["ord"], "status": "CANCELLED", "note": "Changed mind"},
        None,
    ),
    (
        "orders.update_order_status",
        lambda ids: ("PATCH", order(ids, "/status"), {"status": "shipped"}),
        lambda ids: {"id": ids["ord"], "status": "SHIPPED"},
        "ILLEGAL_TRANSITION",
    ),
    (
        "orders.update_order_status",
        lambda ids: ("PATCH", order(ids, "/status"), {"status": "pending"}),
        lambda ids: {"id": ids["ord"], "status": "PENDING"},
        "ILLEGAL_TRANSITION",
    ),
    (
        "orders.cancel_order",
        lambda ids: (
            "POST",
            order(ids, "/cancel"),
            {"reason": "customer_request", "refund": True, "note": "Customer changed mind"},
        ),
        lambda ids: {
            "id": ids["ord"],
            "reason": "customer_request",
            "refund": True,
            "note": "Customer changed mind",
        },
        None,
    ),
    (
        "orders.cancel_order",
        lambda ids: ("POST", order(ids, "/cancel", "busy"), None),
        lambda ids: {"id": ids["busy"]},
        None,
    ),
    (
        "orders.cancel_order",
        lambda ids: ("POST", order(ids, "/cancel"), {"version": 1}),
        lambda ids: {"id": ids["ord"], "expectedVersion": 1},
        "VERSION_MISMATCH",
    ),
)

DRAFTS: tuple[Case, ...] = (
    (
        "orders.create_draft_order",
        lambda ids: (
            "POST",
            "/v2/draft_orders",
            {"customer_id": ids["cust"], **plates(1_000), "discount": {"percent": 100}, "shipping_address": HOME},
        ),
        lambda ids: {
            "customerId": ids["cust"],
            **plates(1_000),
            "discount": {"percent": "100"},
            "shippingAddress": HOME,
        },
        None,
    ),
    same("orders.create_draft_order", "/v2/draft_orders", {"items": [{"sku": "NONE", "quantity": 1}]}, "NOT_FOUND"),
    (
        "orders.update_draft_order",
        lambda ids: (
            "PUT",
            draft(ids),
            {
                "customer_id": None,
                "email": "ada@example.com",
                "items": [{"sku": "MUG-BLUE", "quantity": 2, "price": 0.5}],
                "shipping_method": "express",
                "billing_address": None,
                "version": 1,
            },
        ),
        lambda ids: {
            "id": ids["dord"],
            "customerId": None,
            "email": "ada@example.com",
            "items": [{"sku": "MUG-BLUE", "quantity": 2, "price": money("0.5")}],
            "shippingMethod": "express",
            "billingAddress": None,
            "expectedVersion": 1,
        },
        None,
    ),
    ("orders.delete_draft_order", lambda ids: ("DELETE", draft(ids), None), lambda ids: {"id": ids["dord"]}, None),
    (
        "orders.complete_draft_order",
        lambda ids: ("POST", draft(ids, "/complete"), None),
        lambda ids: {"id": ids["dord"]},
        None,
    ),
    (
        "orders.complete_draft_order",
        lambda ids: ("POST", draft(ids, "/complete"), {"version": 3}),
        lambda ids: {"id": ids["dord"], "expectedVersion": 3},
        "VERSION_MISMATCH",
    ),
)

SETTINGS: tuple[Case, ...] = (
    (
        "orders.update_settings",
        lambda _: (
            "PUT",
            "/v2/settings",
            {
                "shipping_methods": [{"code": "bike", "name": " By bike ", "price": 3.5}],
                "tax_rates": [
                    {"country": "gb", "percent": 17.5, "on_shipping": True},
                    {"country": "US", "state": " CA ", "percent": 7.25},
                ],
                "version": 2,
            },
        ),
        lambda _: {
            "shippingMethods": [{"code": "bike", "name": " By bike ", "price": money("3.5")}],
            "taxRates": [
                {"country": "gb", "percent": "17.5", "onShipping": True},
                {"country": "US", "state": " CA ", "percent": "7.25"},
            ],
            "expectedVersion": 2,
        },
        None,
    ),
    (
        "orders.update_settings",
        lambda _: ("PUT", "/v2/settings", {"tax_rates": [{"country": "GB", "percent": 5}] * 2}),
        lambda _: {"taxRates": [{"country": "GB", "percent": "5"}] * 2},
        "DUPLICATE",
    ),
    (
        "orders.update_settings",
        lambda _: ("PUT", "/v2/settings", {"tax_rates": [{"country": "GB", "percent": 100.5}]}),
        lambda _: {"taxRates": [{"country": "GB", "percent": "100.5"}]},
        "TOO_LARGE",
    ),
)

UPDATING: tuple[Case, ...] = (
    (
        "orders.update_order",
        lambda ids: (
            "PUT",
            order(ids),
            {"email": "a@b.example", "shipping_address": PARIS, "metadata": {"gone": None}, "tags": ["a", "A"]},
        ),
        lambda ids: {
            "id": ids["ord"],
            "email": "a@b.example",
            "shippingAddress": PARIS,
            "metadata": {"gone": None},
            "tags": ["a", "A"],
        },
        None,
    ),
    (
        "orders.update_order",
        lambda ids: ("PUT", order(ids), {"tags": [], "version": 9}),
        lambda ids: {"id": ids["ord"], "tags": [], "expectedVersion": 9},
        "VERSION_MISMATCH",
    ),
    (
        "orders.assign_orders",
        lambda ids: ("POST", f"/v2/customers/{ids['cust']}/orders/assign", {"email": "GUEST@example.com"}),
        lambda ids: {"customerId": ids["cust"], "email": "GUEST@example.com"},
        None,
    ),
    (
        "orders.assign_orders",
        lambda _: ("POST", f"/v2/customers/{NOBODY}/orders/assign", {}),
        lambda _: {"customerId": NOBODY},
        "NOT_FOUND",
    ),
)

CASES: tuple[Case, ...] = (*PLACING, *EDITING, *UPDATING, *MOVING, *DRAFTS, *SETTINGS)
