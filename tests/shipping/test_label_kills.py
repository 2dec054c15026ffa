"""kill -9 at each step of buying and voiding a carrier's label: none is ordered twice, and the books always add up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.kernel.database import Database
from gateway.settings import Settings
from tests.conftest import Client, Shop
from tests.dying_processes import die, keys_of
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
    given = (database_url, keys_of(settings), fakes.url, shop.test, LabelOperation(order_id=order["id"]), step)
    await die(database, shop.test, killed_label.run, *given)
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
    given = (database_url, keys_of(settings), fakes.url, shop.test, LabelOperation(shipment_id=shipment["id"]), step)
    await die(database, shop.test, killed_label.run, *given)
    await settle(database, GIVEN_UP)
    is_over = step != "first half"
    found = await get(desk, f"/v2/shipments/{shipment['id']}")
    assert found["status"] == ("cancelled" if is_over else "created")
    assert fakes.labels[shipment["tracking_number"]] is not is_over
    assert (await stock_of(desk) == before) is is_over
