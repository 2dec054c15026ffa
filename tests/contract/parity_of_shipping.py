"""What is asked of shipping on both surfaces: use case, REST request, GraphQL input, and the code of a refusal.

Each store begins with what ``shipping_fixtures.send`` puts there. All is asked of test stores, which have a sandbox.
"""

from __future__ import annotations

from typing import Any

from tests.contract.parity_of_customers import Case, Ids

NO_LINE = "item_00000000000000000000000000"
DOCK = {"company": "Dock", "line1": "1 Quay", "city": "Hull", "country": "GB"}
SIDES = {"length": 30.5, "width": 20, "height": 10}
BOX = {"name": "Crate", **SIDES}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount}


def shipment(ids: Ids, which: str, tail: str = "") -> str:
    return f"/v2/shipments/{ids[which]}{tail}"


def back(ids: Ids, which: str, tail: str = "") -> str:
    return f"/v2/returns/{ids[which]}{tail}"


def creates(ids: Ids, quantity: int = 1) -> dict[str, Any]:
    """A shipment as REST says it."""
    return {
        "order_id": ids["sent"],
        "carrier": "pedal",
        "service": "same_day",
        "items": [{"id": ids["sent_item"], "quantity": quantity}],
        "packages": [{"weight": 1.25, "weight_unit": "kg", **SIDES, "dimension_unit": "cm"}],
        "ship_from": DOCK,
        "insurance_value": 12.5,
        "signature_required": True,
        "tracking_number": "PEDAL 1234",
    }


def creates_input(ids: Ids, quantity: int = 1) -> dict[str, Any]:
    """The same as GraphQL says it."""
    return {
        "orderId": ids["sent"],
        "carrier": "pedal",
        "service": "same_day",
        "items": [{"id": ids["sent_item"], "quantity": quantity}],
        "packages": [{"weight": "1.25", "weightUnit": "KILOGRAM", **SIDES, "dimensionUnit": "CENTIMETRE"}],
        "shipFrom": DOCK,
        "insuranceValue": money("12.5"),
        "signatureRequired": True,
        "trackingNumber": "PEDAL 1234",
    }


SHIPMENTS: tuple[Case, ...] = (
    (
        "shipping.create_shipment",
        lambda ids: ("POST", "/v2/shipments", creates(ids)),
        creates_input,
        None,
    ),
    (
        "shipping.create_shipment",
        lambda ids: ("POST", "/v2/shipments", creates(ids, 3)),
        lambda ids: creates_input(ids, 3),
        "AMOUNT_EXCEEDED",
    ),
    (
        "shipping.create_shipment",
        lambda ids: ("POST", "/v2/shipments", {**creates(ids), "carrier": "pigeon"}),
        lambda ids: {**creates_input(ids), "carrier": "pigeon"},
        "NOT_FOUND",
    ),
    (
        "shipping.cancel_shipment",
        lambda ids: ("POST", shipment(ids, "shp", "/cancel"), {"reason": " Wrong box ", "version": 1}),
        lambda ids: {"id": ids["shp"], "reason": " Wrong box ", "expectedVersion": 1},
        None,
    ),
    (
        "shipping.cancel_shipment",
        lambda ids: ("POST", shipment(ids, "moving", "/cancel"), {}),
        lambda ids: {"id": ids["moving"]},
        "ILLEGAL_TRANSITION",
    ),
    (
        "shipping.advance_shipment",
        lambda ids: ("POST", shipment(ids, "shp", "/advance"), {"location": "Hull"}),
        lambda ids: {"id": ids["shp"], "location": "Hull"},
        None,
    ),
    (
        "shipping.advance_shipment",
        lambda ids: ("POST", shipment(ids, "moving", "/advance"), {"status": "delivered", "version": 9}),
        lambda ids: {"id": ids["moving"], "status": "DELIVERED", "expectedVersion": 9},
        "VERSION_MISMATCH",
    ),
    (
        "shipping.add_tracking_event",
        lambda ids: (
            "POST",
            shipment(ids, "moving", "/track"),
            {"status": "exception", "description": "Held", "occurred_at": "2026-01-15T10:30:00+01:00"},
        ),
        lambda ids: {
            "shipmentId": ids["moving"],
            "status": "EXCEPTION",
            "description": "Held",
            "occurredAt": "2026-01-15T10:30:00+01:00",
        },
        None,
    ),
    (
        "shipping.add_tracking_event",
        lambda ids: (
            "POST",
            shipment(ids, "moving", "/track"),
            {"status": "delivered", "occurred_at": "2999-01-01T00:00:00Z"},
        ),
        lambda ids: {"shipmentId": ids["moving"], "status": "DELIVERED", "occurredAt": "2999-01-01T00:00:00Z"},
        "TOO_LARGE",
    ),
)

RETURNS: tuple[Case, ...] = (
    (
        "shipping.create_return",
        lambda ids: (
            "POST",
            "/v2/returns",
            {
                "order_id": ids["sent"],
                "items": [{"id": ids["sent_item"], "quantity": 1, "reason": "too_small", "condition": "opened"}],
                "note": " Soon. ",
            },
        ),
        lambda ids: {
            "orderId": ids["sent"],
            "items": [{"id": ids["sent_item"], "quantity": 1, "reason": "TOO_SMALL", "condition": "OPENED"}],
            "note": " Soon. ",
        },
        None,
    ),
    (
        "shipping.create_return",
        lambda ids: (
            "POST",
            "/v2/returns",
            {"order_id": ids["sent"], "items": [{"id": ids["sent_item"], "quantity": 2, "reason": "other"}]},
        ),
        lambda ids: {
            "orderId": ids["sent"],
            "items": [{"id": ids["sent_item"], "quantity": 2, "reason": "OTHER"}],
        },
        "AMOUNT_EXCEEDED",
    ),
    (
        "shipping.approve_return",
        lambda ids: (
            "POST",
            back(ids, "ret", "/approve"),
            {"note": "Fine.", "warehouse_id": ids["wh"], "version": 1},
        ),
        lambda ids: {"id": ids["ret"], "note": "Fine.", "warehouseId": ids["wh"], "expectedVersion": 1},
        None,
    ),
    (
        "shipping.approve_return",
        lambda ids: ("POST", back(ids, "ret", "/approve"), {"carrier": "pedal"}),
        lambda ids: {"id": ids["ret"], "carrier": "pedal"},
        "REQUIRED",
    ),
    (
        "shipping.reject_return",
        lambda ids: ("POST", back(ids, "approved", "/reject"), {"note": "Too late."}),
        lambda ids: {"id": ids["approved"], "note": "Too late."},
        None,
    ),
    (
        "shipping.receive_return",
        lambda ids: (
            "POST",
            back(ids, "approved", "/receive"),
            {"items": [{"id": ids["sent_item"], "condition": "new", "restock": 1, "warehouse_id": ids["wh"]}]},
        ),
        lambda ids: {
            "id": ids["approved"],
            "items": [{"id": ids["sent_item"], "condition": "NEW", "restock": 1, "warehouseId": ids["wh"]}],
        },
        None,
    ),
    (
        "shipping.receive_return",
        lambda ids: ("POST", back(ids, "approved", "/receive"), {"items": [{"id": NO_LINE}]}),
        lambda ids: {"id": ids["approved"], "items": [{"id": NO_LINE}]},
        "NOT_FOUND",
    ),
    (
        "shipping.refund_return",
        lambda ids: ("POST", back(ids, "approved", "/refund"), {"amount": 4.5}),
        lambda ids: {"id": ids["approved"], "amount": money("4.5")},
        None,
    ),
    (
        "shipping.refund_return",
        lambda ids: ("POST", back(ids, "ret", "/refund"), {}),
        lambda ids: {"id": ids["ret"]},
        "ILLEGAL_TRANSITION",
    ),
    (
        "shipping.close_return",
        lambda ids: ("POST", back(ids, "approved", "/close"), {"note": "Kept by the buyer."}),
        lambda ids: {"id": ids["approved"], "note": "Kept by the buyer."},
        None,
    ),
)


def rates(weight_from: float = 0) -> list[dict[str, Any]]:
    return [{"zone": "world", "weight_from": weight_from, "weight_to": 5.5, "price": 4.95}]


def rates_input(weight_from: str = "0") -> list[dict[str, Any]]:
    return [{"zone": "world", "weightFrom": weight_from, "weightTo": "5.5", "price": money("4.95")}]


def service(prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"code": "slow", "name": "Slow", "min_days": 2, "max_days": 4, "rates": prices}]


def service_input(prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"code": "slow", "name": "Slow", "minDays": 2, "maxDays": 4, "rates": prices}]


CARRIERS: tuple[Case, ...] = (
    (
        "shipping.create_shipping_carrier",
        lambda _: (
            "POST",
            "/v2/shipping/carriers",
            {
                "code": "mule",
                "name": " Mule ",
                "active": False,
                "tracking_url": "https://mule.example/{number}",
                "weight_unit": "lb",
                "zones": [{"code": "world"}],
                "services": service(rates()),
            },
        ),
        lambda _: {
            "code": "mule",
            "name": " Mule ",
            "active": False,
            "trackingUrl": "https://mule.example/{number}",
            "weightUnit": "POUND",
            "zones": [{"code": "world"}],
            "services": service_input(rates_input()),
        },
        None,
    ),
    (
        "shipping.create_shipping_carrier",
        lambda _: (
            "POST",
            "/v2/shipping/carriers",
            {
                "code": "mule",
                "name": "Mule",
                "weight_unit": "kg",
                "zones": [{"code": "world"}],
                "services": service(rates(1)),
            },
        ),
        lambda _: {
            "code": "mule",
            "name": "Mule",
            "weightUnit": "KILOGRAM",
            "zones": [{"code": "world"}],
            "services": service_input(rates_input("1")),
        },
        "INVALID",
    ),
    (
        "shipping.update_shipping_carrier",
        lambda ids: (
            "PUT",
            f"/v2/shipping/carriers/{ids['carr']}",
            {"name": "Pedals", "tracking_url": None, "prints_labels": False, "version": 1},
        ),
        lambda ids: {
            "id": ids["carr"],
            "name": "Pedals",
            "trackingUrl": None,
            "printsLabels": False,
            "expectedVersion": 1,
        },
        None,
    ),
    (
        "shipping.update_shipping_carrier",
        lambda ids: ("PUT", f"/v2/shipping/carriers/{ids['carr']}", {"zones": [{"code": "x"}, {"code": "x"}]}),
        lambda ids: {"id": ids["carr"], "zones": [{"code": "x"}, {"code": "x"}]},
        "DUPLICATE",
    ),
    (
        "shipping.delete_shipping_carrier",
        lambda ids: ("DELETE", f"/v2/shipping/carriers/{ids['carr']}", None),
        lambda ids: {"id": ids["carr"]},
        None,
    ),
    (
        "shipping.update_shipping_settings",
        lambda _: (
            "PUT",
            "/v2/settings/shipping",
            {
                "carriers": ["ups"],
                "exchange_rates": [{"currency": "USD", "rate": 0.79}],
                "boxes": [
                    {**BOX, "dimension_unit": "in", "max_weight": 5, "empty_weight": 0.25, "weight_unit": "kg"},
                ],
                "accounts": [
                    {"carrier": "ups", "account_number": "5", "client_id": "the-id", "client_secret": "the-secret"}
                ],
                "version": 1,
            },
        ),
        lambda _: {
            "carriers": ["ups"],
            "exchangeRates": [{"currency": "USD", "rate": "0.79"}],
            "boxes": [
                {**BOX, "dimensionUnit": "INCH", "maxWeight": 5, "emptyWeight": "0.25", "weightUnit": "KILOGRAM"},
            ],
            "accounts": [{"carrier": "ups", "accountNumber": "5", "clientId": "the-id", "clientSecret": "the-secret"}],
            "expectedVersion": 1,
        },
        None,
    ),
    (
        "shipping.update_shipping_settings",
        lambda _: ("PUT", "/v2/settings/shipping", {"carriers": ["ups", "ups"]}),
        lambda _: {"carriers": ["ups", "ups"]},
        "DUPLICATE",
    ),
)

CASES: tuple[Case, ...] = (*SHIPMENTS, *RETURNS, *CARRIERS)
