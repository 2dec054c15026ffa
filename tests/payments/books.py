"""Whether the books of a store add up: every shown amount is derived again, from the ledger and from the sandbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from typing import Any

import orjson

from domain.kernel.database import Database
from domain.kernel.principal import Principal

SIGNS = {
    "capture": ("captured", 1),
    "refund": ("refunded", 1),
    "refund_reversal": ("refunded", -1),
    "dispute": ("disputed", 1),
    "dispute_reversal": ("disputed", -1),
    "fee": ("fee", 1),
    "fee_refund": ("fee", -1),
    "fee_refund_reversal": ("fee", 1),
    "dispute_fee": ("fee", 1),
    "dispute_fee_reversal": ("fee", -1),
}
"""The amount of a payment that a kind of transfer changes, and how."""
INTENTS = {
    "processing": {"processing"},
    "requires_action": {"requires_action"},
    "authorized": {"requires_capture"},
    "captured": {"succeeded", "cancelled"},
    "failed": {"failed", "cancelled"},
    "cancelled": {"cancelled", "failed"},
}
"""The statuses that an intent may have, by that of the payment that counts. What was collected after a cancellation is
paid back; what was held after a failure is given up.
"""


async def require_balanced_books(database: Database, owner: Principal, told: Set[str] = frozenset()) -> None:
    """Everything is settled, and all sums agree. Raises AssertionError.

    ``told``: the ids of intents and refunds of which the sandbox was told what becomes of them, after it was asked.
    """
    async with database.system_connection() as connection:

        async def rows(query: str) -> list[Any]:
            found: list[Any] = await connection.fetch(query, owner.store.number)
            return found

        assert await rows("SELECT id FROM outbound_attempt WHERE store_id = $1 AND state = 'in_flight'") == []
        intents = await rows("SELECT * FROM payment_intent WHERE store_id = $1")
        payments = await rows("SELECT * FROM payment WHERE store_id = $1")
        disputes = await rows("SELECT * FROM payment_dispute WHERE store_id = $1")
        refunds = await rows("SELECT * FROM payment_refund WHERE store_id = $1")
        transfers = await rows("SELECT * FROM ledger_transfer WHERE store_id = $1")
        operations = await rows("SELECT id, kind, outcome FROM sandbox_operation WHERE store_id = $1")
        orders = await rows("SELECT * FROM sales_order WHERE store_id = $1")
        items = await rows("SELECT id, refunded FROM order_item WHERE store_id = $1")
        lines = await rows(
            "SELECT line.item_id, line.quantity FROM payment_refund_line AS line JOIN payment_refund AS refund "
            "ON refund.store_id = line.store_id AND refund.id = line.refund_id "
            "WHERE line.store_id = $1 AND refund.status <> 'failed'"
        )
    _require_intents(intents, payments)
    _require_ledger(payments, transfers)
    _require_refunds(payments, refunds, transfers)
    _require_disputes(payments, disputes, transfers)
    _require_orders(payments, orders)
    _require_items(items, lines)
    _require_once(
        [each for each in payments if each["intent_id"] not in told],
        [each for each in refunds if each["id"] not in told],
        operations,
    )


def _require_intents(intents: list[Any], payments: list[Any]) -> None:
    """The status of an intent is that of the payment that counts, once all is settled."""
    for intent in intents:
        own = {each["id"]: each for each in payments if each["intent_id"] == intent["id"]}
        others = [each["status"] for each in own.values() if each["id"] != intent["payment_id"]]
        assert not {"authorized", "processing", "requires_action"} & set(others), intent["id"]
        if intent["payment_id"] is None:
            assert (intent["status"] in ("requires_payment_method", "cancelled"), own) == (True, {}), intent["id"]
            continue
        counting = own[intent["payment_id"]]
        assert intent["status"] in INTENTS[counting["status"]], (intent["id"], intent["status"], counting["status"])
        assert counting["amount"] == intent["amount"]
        assert counting["version"] == intent["version"]


def _sums(transfers: list[Any], owner: str, more: str, less: str) -> Counter[str]:
    """What transfers of two kinds amount to, by the object that they are of."""
    found: Counter[str] = Counter()
    for each in transfers:
        if each["kind"] in (more, less):
            found[each[owner]] += each["amount"] if each["kind"] == more else -each["amount"]
    return found


def _require_ledger(payments: list[Any], transfers: list[Any]) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for transfer in transfers:
        name, sign = SIGNS[transfer["kind"]]
        sums[transfer["payment_id"], name] += sign * transfer["amount"]
    for payment in payments:
        shown = {name: payment[name] for name in ("captured", "refunded", "disputed", "fee")}
        assert shown == {name: sums[payment["id"], name] for name in shown}, payment["id"]


def _require_refunds(payments: list[Any], refunds: list[Any], transfers: list[Any]) -> None:
    amounts = _sums(transfers, "refund_id", "refund", "refund_reversal")
    fees = _sums(transfers, "refund_id", "fee_refund", "fee_refund_reversal")
    for refund in refunds:
        assert refund["fee"] == fees[refund["id"]], refund["id"]
        assert refund["fee"] <= refund["fee_share"], refund["id"]
        assert amounts[refund["id"]] == (refund["amount"] if refund["status"] == "succeeded" else 0), refund["id"]
    charged = _sums(transfers, "payment_id", "fee", "")
    for payment in payments:
        own = [each for each in refunds if each["payment_id"] == payment["id"] and each["status"] != "failed"]
        assert sum(each["fee_share"] for each in own) <= charged[payment["id"]], payment["id"]
    for payment in payments:
        own = [each for each in refunds if each["payment_id"] == payment["id"]]
        for column, status in (("refunded", "succeeded"), ("refunding", "pending")):
            assert payment[column] == sum(each["amount"] for each in own if each["status"] == status), payment["id"]
        assert payment["refunded"] + payment["refunding"] <= payment["captured"]


def _require_disputes(payments: list[Any], disputes: list[Any], transfers: list[Any]) -> None:
    amounts = _sums(transfers, "dispute_id", "dispute", "dispute_reversal")
    fees = _sums(transfers, "dispute_id", "dispute_fee", "dispute_fee_reversal")
    for dispute in disputes:
        assert dispute["fee"] == fees[dispute["id"]], dispute["id"]
        assert amounts[dispute["id"]] == (0 if dispute["status"] == "won" else dispute["amount"]), dispute["id"]
        assert (dispute["closed_at"] is not None) == (dispute["status"] in ("won", "lost")), dispute["id"]
        assert not dispute["is_submitting"], dispute["id"]
    for payment in payments:
        own = [each for each in disputes if each["payment_id"] == payment["id"] and each["status"] != "won"]
        assert payment["disputed"] == sum(each["amount"] for each in own), payment["id"]


def _require_orders(payments: list[Any], orders: list[Any]) -> None:
    for order in orders:
        own = [each for each in payments if each["order_id"] == order["id"]]
        assert order["captured"] == sum(each["captured"] for each in own)
        assert order["refunded"] == sum(each["refunded"] for each in own)
        assert order["captured"] <= order["total"]


def _require_items(items: list[Any], lines: list[Any]) -> None:
    refunded: Counter[str] = Counter()
    for line in lines:
        refunded[line["item_id"]] += line["quantity"]
    assert {item["id"]: item["refunded"] for item in items} == {item["id"]: refunded[item["id"]] for item in items}


def _require_once(payments: list[Any], refunds: list[Any], operations: list[Any]) -> None:
    """What the sandbox has done is what the books say: nothing twice, nothing that nobody knows of."""
    captured: Counter[str] = Counter()
    paid_back: set[str] = set()
    for operation in operations:
        news = orjson.loads(operation["outcome"]).get("data") or {}
        id = operation["id"].partition(":")[0]
        if operation["kind"] in ("Charge", "Capture") and news.get("state") == "captured":
            captured[id] += news["captured"]
        if operation["kind"] == "RefundCharge" and news.get("state") == "succeeded":
            paid_back.add(id)
    for payment in payments:
        done = [(each["id"], each["outcome"]) for each in operations if each["id"].startswith(payment["id"])]
        assert payment["captured"] == captured[payment["id"]], (dict(payment), done)
    for refund in refunds:
        assert (refund["status"] == "succeeded") == (refund["id"] in paid_back), refund["id"]
