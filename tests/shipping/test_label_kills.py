"""kill -9 at each step of buying and voiding a carrier's label: none is ordered twice, and the books always add up."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from datetime import timedelta
from multiprocessing.context import ForkServerProcess

import pytest

from domain.kernel.database import Database
from gateway.settings import Settings
from tests.conftest import Client, Shop
from tests.shipping import killed_label
from tests.shipping.conftest import BOTH, MakeOrder, Ship, contract, get
from tests.shipping.fake_carriers import FakeCarriers
from tests.shipping.killed_label import STEPS, LabelOperation
from tests.shipping.test_carrier_labels import ORDERS, orders_of, settle, stock_of

GIVEN_UP = timedelta(minutes=11)
BOUGHT = {
    "first half": (0, None),
    "committed": (0, "cancelled"),
    "done outside": (1, "cancelled"),
    "second half": (1, "cancelled"),
    "settled": (1, "created"),
}
"""The labels that the carrier was ordered to make, and what becomes of the shipment; None: there is none."""


async def die(
    url: str, settings: Settings, carriers: FakeCarriers, shop: Shop, operation: LabelOperation, step: str
) -> None:
    """Do it in a process that dies."""
    assert settings.encryption_keys is not None
    keys = settings.encryption_keys.get_secret_value()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.shipping.killed_label"])
    child: ForkServerProcess = context.Process(
        target=killed_label.run, args=(url, keys, carriers.url, shop.test, operation, step)
    )
    child.start()
    await asyncio.to_thread(child.join, 60)
    assert child.exitcode == -signal.SIGKILL, step


@pytest.mark.parametrize("step", STEPS)
async def test_a_label_is_ordered_once_whenever_the_process_dies(
    database_url: str,
    settings: Settings,
    database: Database,
    shop: Shop,
    fakes: FakeCarriers,
    desk: Client,
    make_order: MakeOrder,
    step: str,
) -> None:
    """Taken out: the attempt's row before the call; ``UNSTORED`` of the order for a label (it is sent again)."""
    await contract(desk, *BOTH)
    order = await make_order()
    before = await stock_of(desk)
    await die(database_url, settings, fakes, shop, LabelOperation(order_id=order["id"]), step)
    await settle(database, GIVEN_UP)
    ordered, status = BOUGHT[step]
    assert len(orders_of(fakes, ORDERS["fedex"])) == ordered
    shipments = (await get(desk, f"/v2/shipments?order_id={order['id']}"))["data"]
    assert [each["status"] for each in shipments] == ([] if status is None else [status])
    if status == "created":
        assert shipments[0]["tracking_number"] in fakes.labels
    else:
        assert await stock_of(desk) == before
        assert (await get(desk, f"/v2/orders/{order['id']}"))["fulfillment_status"] == "unfulfilled"


@pytest.mark.parametrize("step", STEPS)
async def test_a_label_is_void_in_the_end_whenever_the_process_dies(
    database_url: str,
    settings: Settings,
    database: Database,
    shop: Shop,
    fakes: FakeCarriers,
    desk: Client,
    make_order: MakeOrder,
    ship: Ship,
    step: str,
) -> None:
    """Unless nothing was committed. Taken out: the reconciler's repetition of voiding."""
    await contract(desk, *BOTH)
    order = await make_order()
    before = await stock_of(desk)
    shipment = await ship(order["id"])
    assert fakes.labels[shipment["tracking_number"]]
    await die(database_url, settings, fakes, shop, LabelOperation(shipment_id=shipment["id"]), step)
    await settle(database, GIVEN_UP)
    is_over = step != "first half"
    found = await get(desk, f"/v2/shipments/{shipment['id']}")
    assert found["status"] == ("cancelled" if is_over else "created")
    assert fakes.labels[shipment["tracking_number"]] is not is_over
    assert (await stock_of(desk) == before) is is_over
