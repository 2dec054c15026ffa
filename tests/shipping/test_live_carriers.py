"""Carriers that a store has a contract with: asked over the network, by the library that speaks to them."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain import access, shipping
from domain.kernel.database import Database
from domain.shipping.ports import RateDesk
from gateway.adapters.karrio import carriers, connections
from tests.conftest import Client, Shop
from tests.shipping.conftest import (
    BEVERLY_HILLS,
    BOTH,
    NEW_YORK,
    PARCEL,
    SETTINGS,
    MakeOrder,
    Ship,
    contract,
    frozen,
    get,
    post,
    problems_of,
)
from tests.shipping.fake_carriers import CLIENT_ID, CLIENT_SECRET, FakeCarriers
from tests.shipping.rest.test_rates import ASKED, RATES

PARCELS = (("ups", "1Z999AA10123456784"), ("fedex", "123456789012"))


def reasons(found: dict[str, Any]) -> dict[str, str]:
    """Why carriers have no rate at all."""
    return {each["carrier"]: each["reason"] for each in found["unavailable"] if each["service"] is None}


async def test_carriers_are_asked_for_the_prices_of_the_contract(fakes: FakeCarriers, desk: Client) -> None:
    """In place of their tariffs, converted by the store's rate of 0.8, the negotiated ones, the cheapest of a service;
    what the gateway has no code for is left out. A second request signs in no more."""
    await contract(desk, *BOTH)
    asked = {**ASKED, "signature_required": True, "insurance_value": 80}
    for _ in range(2):
        found = await post(desk, RATES, **asked)
    costs = {(each["carrier"], each["service"]): each["cost"] for each in found["data"]}
    live = {service: cost for service, cost in costs.items() if service[0] in ("fedex", "ups")}
    assert live == {
        ("fedex", "ground"): 8.2,
        ("fedex", "overnight"): 48.8,
        ("ups", "ground"): 7.28,
        ("ups", "next_day"): 44.45,
    }
    assert {"usps", "dhl"} < {carrier for carrier, _ in costs}
    assert {each["currency"] for each in found["data"]} == {"gbp"}
    days = {(each["carrier"], each["service"]): each["estimated_delivery"] for each in found["data"]}
    assert days[("ups", "next_day")] < days[("ups", "ground")]
    assert days[("fedex", "ground")] is None
    paths = [path for path, _ in fakes.asked]
    assert sorted(paths.count(path) for path in set(paths)) == [1, 1, 2, 2]
    bodies = dict(fakes.asked)
    shipment = bodies["/rate/v1/rates/quotes"]["requestedShipment"]
    assert bodies["/rate/v1/rates/quotes"]["accountNumber"]["value"] == "740561073"
    assert shipment["recipient"]["address"]["postalCode"] == "90210"
    assert shipment["requestedPackageLineItems"][0]["weight"] == {"units": "LB", "value": 2.5}
    package = bodies["/api/rating/v2409/Shop"]["RateRequest"]["Shipment"]["Package"][0]
    assert package["PackageWeight"]["Weight"] == "2.5"
    assert package["Dimensions"]["Length"] == "12.0"


async def test_a_carrier_that_refuses_says_why(
    fakes: FakeCarriers, desk: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its credentials are told to nobody, whatever the carrier says of them: not in the answer, a log, or a terminal.

    Taken out to see it fail: the secrets in ``texts_of`` (the carrier repeats them).
    """
    caplog.set_level(logging.DEBUG)
    wrong = {**BOTH[0], "client_secret": "not-the-secret"}
    await contract(desk, wrong, BOTH[1])
    fakes.alert = "The service is down until noon."
    found = await post(desk, RATES, **ASKED)
    assert reasons(found)["fedex"] == "The carrier refuses the credentials."
    assert reasons(found)["ups"] == "The service is down until noon."
    assert "ups" not in {each["carrier"] for each in found["data"]}
    await contract(desk, *BOTH)
    assert reasons(await post(desk, RATES, **ASKED))["fedex"] == "The service is down until noon."
    printed = capfd.readouterr()
    told = caplog.text + printed.out + printed.err + str(found)
    for secret in (CLIENT_ID, CLIENT_SECRET, "not-the-secret", "the-token"):
        assert secret not in told


async def test_a_price_in_a_currency_without_a_rate_is_no_rate(fakes: FakeCarriers, desk: Client) -> None:
    await contract(desk, BOTH[0])
    fakes.currency = "CHF"
    found = await post(desk, RATES, **ASKED)
    assert reasons(found)["fedex"].startswith("The tariff is in CHF")


async def test_a_carrier_that_hangs_keeps_neither_the_caller_nor_its_threads(
    fakes: FakeCarriers, desk: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer comes at the deadline; while all threads of the one wait, the other answers; then they are free again,
    and none of those who gave up keeps one.

    Taken out to see it fail: the timeout of ``_request`` (the threads never are free), a pool of each carrier.
    """
    await contract(desk, *BOTH)
    await post(desk, RATES, **ASKED)  # what is loaded first takes its time
    monkeypatch.setattr(connections, "SOCKET_SECONDS", 4)
    usual = database.dependency(RateDesk)
    database.provide(RateDesk(deadline=2))
    try:
        fakes.silent = frozenset({"fedex"})
        for _ in range(3):
            found = await post(desk, RATES, **ASKED)
            assert reasons(found)["fedex"] == "The carrier did not respond within 2 seconds."
            assert "ups" in {each["carrier"] for each in found["data"]}
        fakes.silent = frozenset()
        async with asyncio.timeout(15):
            while "fedex" in reasons(await post(desk, RATES, **ASKED)):
                await asyncio.sleep(0.1)
    finally:
        database.provide(usual)


async def test_credentials_are_stored_encrypted_and_never_shown(
    fakes: FakeCarriers, desk: Client, database: Database, shop: Shop
) -> None:
    """They stay when they are omitted, so that settings written back change nothing; a number changes alone."""
    settings = await contract(desk, *BOTH)
    assert settings["accounts"] == [
        {"carrier": "fedex", "account_number": "740561073"},
        {"carrier": "ups", "account_number": "740561073"},
    ]
    assert (await desk("PUT", SETTINGS, json=settings)).json() == settings
    changed = await contract(desk, {"carrier": "fedex", "account_number": "5"})
    assert changed["version"] == settings["version"] + 1
    assert "fedex" in {each["carrier"] for each in (await post(desk, RATES, **ASKED))["data"]}
    async with database.transaction(shop.test) as work:
        query = text("SELECT accounts::text FROM shipping_settings WHERE store_id = :store")
        stored = (await work.session.execute(query, {"store": shop.test.store.number})).scalar_one()
    assert CLIENT_SECRET not in stored
    assert '"account_number": "5"' in stored
    entries = (await get(desk, "/v2/access/audit"))["data"]
    assert [each["action"] for each in entries].count("shipping_settings.updated") == 2
    assert CLIENT_SECRET not in str(entries)
    assert (await contract(desk))["accounts"] == []


@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        ([{"carrier": "fedex", "account_number": "1"}], ("accounts.0.client_id", "REQUIRED")),
        ([{"carrier": "ups", "account_number": "1", "client_id": "a"}], ("accounts.0.client_secret", "REQUIRED")),
        ([{**BOTH[0]}, {**BOTH[0]}], ("accounts.1.carrier", "DUPLICATE")),
        ([{**BOTH[0], "carrier": "dhl"}], ("accounts.0.carrier", "INVALID")),
    ],
)
async def test_accounts_are_checked(fakes: FakeCarriers, desk: Client, accounts: Any, problem: Any) -> None:
    answer = await desk("PUT", SETTINGS, json={"accounts": accounts})
    assert (answer.status_code, problems_of(answer)) == (422, [problem])


async def handed_over(desk: Client, carrier: str, number: str) -> str:
    """A shipment of a parcel whose label was bought elsewhere; its id."""
    items = [{"sku": "MUG", "quantity": 1}]
    order = await post(desk, "/v2/orders", items=items, shipping_address=BEVERLY_HILLS, email="jane@example.com")
    given = {"carrier": carrier, "service": "ground", "packages": [PARCEL], "ship_from": NEW_YORK}
    shipment = await post(desk, "/v2/shipments", order_id=order["id"], tracking_number=number, **given)
    return str(shipment["id"])


@pytest.mark.parametrize(
    ("carrier", "number", "codes"),
    [("ups", "1Z 999 AA1 01 2345 6784", ("M", "OR", "OT", "D")), ("fedex", "123456789012", ("OC", "PU", "OD", "DL"))],
)
async def test_carriers_are_asked_what_became_of_a_parcel(
    fakes: FakeCarriers, live_desk: Client, database: Database, carrier: str, number: str, codes: tuple[str, ...]
) -> None:
    """Half an hour after it was handed over, and less and less often; what is known changes nothing, and after the
    delivery nobody is asked. Taken out to see it fail: ``known`` of ``_record`` (events twice); ``_interval``."""
    id = await handed_over(live_desk, carrier, number)
    begun = datetime.now(UTC).replace(microsecond=0)
    at = begun + timedelta(minutes=1)
    asked = []

    async def wait(span: timedelta) -> dict[str, Any]:
        nonlocal at
        at += span
        before = len(fakes.asked)
        with frozen(database, at):
            assert not await shipping.follow_shipments(database, access.stores_by_number, at)
        about = [each for each in fakes.asked[before:] if "/track/" in each[0] and number.replace(" ", "") in str(each)]
        asked.append(len(about))  # other tests' parcels may be due as well
        found: dict[str, Any] = await get(live_desk, f"/v2/shipments/{id}")
        return found

    def say(count: int) -> None:
        moments = ((begun + timedelta(minutes=10 * each)).isoformat() for each in range(len(codes)))
        fakes.events = list(zip(codes, moments, ("York", "Hull", "Leeds", "Leeds"), strict=True))[:count]

    assert (await wait(timedelta(minutes=5)))["status"] == "created"
    assert (await wait(timedelta(minutes=30)))["status"] == "created"  # the carrier does not know it yet
    say(2)
    assert (await wait(timedelta(minutes=31)))["status"] == "in_transit"
    assert (await wait(timedelta(minutes=31)))["status"] == "in_transit"
    assert asked == [0, 1, 1, 1]
    await wait(timedelta(hours=5))
    await wait(timedelta(minutes=40))  # after so long without news the interval has grown
    say(4)
    found = await wait(timedelta(hours=2))
    assert found["status"] == "delivered"
    await wait(timedelta(days=1))
    assert asked[4:] == [1, 0, 1, 0]
    history = (await get(live_desk, f"/v2/shipments/{id}/track"))["data"]
    assert [(each["status"], each["location"]) for each in sorted(history, key=lambda each: each["occurred_at"])] == [
        ("created", None),
        ("in_transit", "Hull"),
        ("out_for_delivery", "Leeds"),
        ("delivered", "Leeds"),
    ]
    order = await get(live_desk, f"/v2/orders/{found['order_id']}")
    assert order["status"] == "delivered"


async def test_a_carrier_that_is_away_is_asked_again(
    fakes: FakeCarriers, live_desk: Client, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """And whose contract has ended is not asked; the others are, all the same."""
    ids = [await handed_over(live_desk, "ups", "1Z999AA10123456784") for _ in range(2)]
    fakes.alert = "Down."
    at = datetime.now(UTC) + timedelta(minutes=40)
    fakes.events = [("OR", datetime.now(UTC).isoformat()[:19], "York")]
    with frozen(database, at):
        await shipping.follow_shipments(database, access.stores_by_number, at)
    assert {(await get(live_desk, f"/v2/shipments/{id}"))["status"] for id in ids} == {"created"}
    fakes.alert = ""
    await contract(live_desk)
    with frozen(database, at + timedelta(hours=1)):
        await shipping.follow_shipments(database, access.stores_by_number, at + timedelta(hours=1))
    assert {(await get(live_desk, f"/v2/shipments/{id}"))["status"] for id in ids} == {"created"}
    await contract(live_desk, *BOTH)
    with frozen(database, at + timedelta(hours=3)):
        await shipping.follow_shipments(database, access.stores_by_number, at + timedelta(hours=3))
    assert {(await get(live_desk, f"/v2/shipments/{id}"))["status"] for id in ids} == {"in_transit"}
    assert CLIENT_SECRET not in caplog.text


async def test_credentials_that_cannot_be_read_stop_their_carrier_alone(
    fakes: FakeCarriers, live_desk: Client, database: Database, shop: Shop
) -> None:
    """Such as those of an encryption key that is gone: of rates, and of parcels under way, which are many.

    Taken out to see it fail: ``Unavailable`` of ``open_account`` (500, and no parcel of any store is followed).
    """
    ids = [await handed_over(live_desk, each, number) for each, number in PARCELS]
    async with database.transaction(shop.live) as work:
        query = """UPDATE shipping_settings SET accounts = jsonb_set(accounts, '{1,credentials}', '"b2xkOkFCQ0Q="')
            WHERE store_id = :store"""
        await work.session.execute(text(query), {"store": shop.live.store.number})
    await live_desk("PUT", SETTINGS, json={"exchange_rates": [{"currency": "USD", "rate": 0.8}]})
    found = await post(live_desk, RATES, **ASKED)
    assert reasons(found)["ups"].startswith("The credentials of the account cannot be read")
    assert {each["carrier"] for each in found["data"]} == {"usps", "fedex", "dhl"}
    fakes.events = [("OD", datetime.now(UTC).isoformat()[:19] + "+00:00", "York")]
    at = datetime.now(UTC) + timedelta(minutes=40)
    with frozen(database, at):
        await shipping.follow_shipments(database, access.stores_by_number, at)
        assert not await shipping.follow_shipments(database, access.stores_by_number, at)
    shown = [(await get(live_desk, f"/v2/shipments/{id}"))["status"] for id in ids]
    assert shown == ["created", "out_for_delivery"]


async def test_a_gateway_without_the_library_refuses_accounts(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """And serves all the rest."""
    monkeypatch.setattr(carriers, "find_spec", lambda _: None)
    answer = await desk("PUT", SETTINGS, json={"accounts": [BOTH[0]]})
    assert (answer.status_code, problems_of(answer)) == (422, [("accounts.0.carrier", "INVALID")])
    assert "extra carriers" in answer.text


async def test_a_shipment_of_a_contract_has_no_price_of_the_tariff(
    fakes: FakeCarriers, desk: Client, make_order: MakeOrder, ship: Ship
) -> None:
    """Its price is in the contract; the carrier's own limits hold."""
    order = await make_order()
    await contract(desk, BOTH[0])
    assert (await ship(order["id"]))["cost"] is None
