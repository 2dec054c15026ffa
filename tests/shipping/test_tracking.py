"""Following shipments: those of several packages, and carriers that hang while others are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import access, shipping
from domain.kernel.database import Database, DatabaseOptions
from domain.shipping.ports import CarrierEvent, LiveAccount, LiveCarriers
from domain.shipping.service import carrier_events
from domain.shipping.service.package_events import merge_package_events
from domain.shipping.states import TrackingStatus
from domain.shipping.tracking_numbers import new_tracking_number
from gateway import app
from gateway.parts import build_parts
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from gateway.worker import run_worker
from schema import schema
from tests.conftest import Client
from tests.shipping.conftest import BOTH, PARCEL, MakeOrder, Ship, contract, frozen, get, provide_carriers
from tests.shipping.fake_carriers import FakeCarriers
from tests.shipping.test_live_carriers import handed_over

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
DELIVERED, MOVING = TrackingStatus.DELIVERED, TrackingStatus.IN_TRANSIT


def event(status: TrackingStatus, hour: int) -> CarrierEvent:
    """What a carrier says of a package, so many hours after noon."""
    return CarrierEvent(status=status, occurred_at=NOON + timedelta(hours=hour), description="Said", location="York")


@pytest.mark.parametrize(
    ("by_package", "expected"),
    [
        ([[event(MOVING, 0), event(DELIVERED, 1)]], [(0, MOVING), (1, DELIVERED)]),
        ([[event(DELIVERED, 1)], []], [(1, None)]),
        ([[event(DELIVERED, 1)], [event(MOVING, 2)]], [(1, None), (2, MOVING)]),
        ([[event(DELIVERED, 3)], [event(DELIVERED, 1)]], [(1, None), (3, DELIVERED)]),
        ([[event(DELIVERED, 1)], [event(DELIVERED, 1)]], [(1, DELIVERED), (1, DELIVERED)]),
        ([[], []], []),
    ],
)
def test_a_shipment_is_delivered_with_its_last_package(
    by_package: Sequence[Sequence[CarrierEvent]], expected: list[tuple[int, TrackingStatus | None]]
) -> None:
    merged = merge_package_events(by_package)
    assert [((each.occurred_at - NOON) // timedelta(hours=1), each.status) for each in merged] == expected


@pytest.mark.parametrize(("carrier", "codes"), [("fedex", ("OD", "DL")), ("ups", ("OT", "D"))])
async def test_all_packages_are_followed(
    fakes: FakeCarriers,
    desk: Client,
    database: Database,
    make_order: MakeOrder,
    ship: Ship,
    carrier: str,
    codes: tuple[str, str],
) -> None:
    """One that has arrived delivers neither the shipment nor the order. Taken out to see it fail: all but the first of
    ``numbers`` in ``_schedule``; ``is_part`` of ``_merged``; the descriptions in ``known`` (a line in each round)."""
    await contract(desk, *BOTH)
    order = await make_order()
    shipment = await ship(order["id"], carrier=carrier, packages=[PARCEL, PARCEL])
    path = f"/v2/shipments/{shipment['id']}"
    first, second = (each["tracking_number"] for each in shipment["packages"])
    begun = datetime.now(UTC).replace(microsecond=0)
    out, arrived, last = ((begun + timedelta(minutes=each)).isoformat() for each in (1, 2, 90))
    fakes.events_of = {
        first: [(codes[0], out, "York"), (codes[1], arrived, "York")],
        second: [(codes[0], out, "York")],
    }
    at = begun + timedelta(minutes=40)
    for _ in range(2):
        with frozen(database, at):
            await shipping.follow_shipments(database, access.stores_by_number, at)
        assert (await get(desk, path))["status"] == "out_for_delivery"
        tracked = (await get(desk, f"{path}/track"))["data"]
        told = [(each["status"], each["description"]) for each in tracked][2:]
        assert told == [
            ("out_for_delivery", f"Event {codes[0]}"),
            ("out_for_delivery", "Package 1 of 2 was delivered."),
        ]
        at += timedelta(hours=13)
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "shipped"
    fakes.events_of[second].append((codes[1], last, "Hull"))
    with frozen(database, at):
        await shipping.follow_shipments(database, access.stores_by_number, at)
    found = await get(desk, path)
    assert (found["status"], found["delivered_at"][:16]) == ("delivered", last[:16])
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "delivered"


class HangingTracker:
    """Answers of some parcels at once, and of others never."""

    is_installed = True

    def __init__(self, *, hangs_for_tests: bool) -> None:
        self._hangs_for_tests = hangs_for_tests
        self.waiting = 0
        self.most_waiting = 0

    async def track(self, account: LiveAccount, tracking_number: str) -> Sequence[CarrierEvent]:
        """On its way, or no answer."""
        if account.is_test if self._hangs_for_tests else account.carrier == "fedex":
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            try:
                await asyncio.Event().wait()
            finally:
                self.waiting -= 1
        return [CarrierEvent(status=MOVING, occurred_at=datetime.now(UTC) - timedelta(minutes=1))]


@pytest.mark.parametrize("hangs_for_tests", [True, False])
async def test_a_carrier_that_hangs_delays_no_other(
    fakes: FakeCarriers,
    desk: Client,
    live_desk: Client,
    database: Database,
    make_order: MakeOrder,
    ship: Ship,
    *,
    hangs_for_tests: bool,
) -> None:
    """Nor does the test environment of one delay live parcels. Taken out to see it fail: the lanes of the tracker."""
    await contract(desk, *BOTH)
    order = await make_order()
    line = [{"id": order["items"][0]["id"], "quantity": 1}]
    stuck = [await ship(order["id"], carrier="fedex", items=line) for _ in range(2)]
    sent = await handed_over(live_desk, "ups", new_tracking_number("ups", "ground"))
    tracker: Any = HangingTracker(hangs_for_tests=hangs_for_tests)
    usual: LiveCarriers = database.dependency(LiveCarriers)  # type: ignore[type-abstract]
    provide_carriers(database, tracker)
    at = datetime.now(UTC) + timedelta(minutes=40)
    try:
        with frozen(database, at):
            running = asyncio.create_task(shipping.ShipmentTracker(database, access.stores_by_number).run(0.05))
            async with asyncio.timeout(20):
                while (await get(live_desk, f"/v2/shipments/{sent}"))["status"] != "in_transit":
                    await asyncio.sleep(0.05)
                while tracker.most_waiting < len(stuck):  # asked beside each other
                    await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        provide_carriers(database, usual)
    assert tracker.waiting == 0
    assert {(await get(desk, f"/v2/shipments/{each['id']}"))["status"] for each in stuck} == {"created"}


async def test_a_carrier_that_never_answers_ends_its_round(
    fakes: FakeCarriers, live_desk: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out to see it fail: the time limit of ``_ask``."""
    monkeypatch.setattr(carrier_events, "RESPONSE_SECONDS", 0.2)
    sent = await handed_over(live_desk, "fedex", new_tracking_number("fedex", "ground"))
    usual: LiveCarriers = database.dependency(LiveCarriers)  # type: ignore[type-abstract]
    tracker: Any = HangingTracker(hangs_for_tests=False)
    provide_carriers(database, tracker)
    at = datetime.now(UTC) + timedelta(minutes=40)
    try:
        with frozen(database, at):
            async with asyncio.timeout(20):
                await shipping.follow_shipments(database, access.stores_by_number, at)
    finally:
        provide_carriers(database, usual)
    assert tracker.most_waiting > 0
    assert (await get(live_desk, f"/v2/shipments/{sent}"))["status"] == "created"


async def test_the_worker_follows_shipments_beside_its_maintenance(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out to see it fail: ``run_tracker`` of ``run_worker``."""
    begun = asyncio.Event()

    async def run(tracker: shipping.ShipmentTracker, interval: float = 0) -> None:
        begun.set()

    monkeypatch.setattr(shipping.ShipmentTracker, "run", run)
    nowhere = Database(DatabaseOptions("postgresql://127.0.0.1:1/nowhere"))
    working = asyncio.create_task(run_worker(settings, nowhere, Telemetry()))
    try:
        async with asyncio.timeout(10):
            await begun.wait()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize("sends_webhooks", [True, False])
def test_a_server_does_the_same_beside_a_worker_too(settings: Settings, *, sends_webhooks: bool) -> None:
    """Payments that wait for their processor as well: many shops have servers alone, and no worker. Taken out to see it
    fail: ``housekeeping`` of the application, and each of its tasks.
    """
    nowhere = Database(DatabaseOptions("postgresql://127.0.0.1:1/nowhere"))
    parts = build_parts(settings, nowhere, Telemetry(), schema, poll=1)
    beside = app._background(parts, sends_webhooks=sends_webhooks)
    names = [each.cr_code.co_name for each in beside]  # type: ignore[attr-defined]
    for each in beside:
        each.close()
    expected = ("run_maintenance", "run_reconciler", "run_tracker", "run_payment_checks")
    assert [name for name in names if name in expected] == [*expected]
