"""Tracking numbers have the formats of the carriers, as an independent library judges them."""

from __future__ import annotations

import pytest
from tracking_numbers import get_tracking_number

from domain.shipping.tariffs import CARRIERS
from domain.shipping.tracking_numbers import has_valid_check_digit, new_tracking_number

SERVICES = [(carrier.code, service.code) for carrier in CARRIERS.values() for service in carrier.services]


@pytest.mark.parametrize(("carrier", "service"), SERVICES)
def test_numbers_are_those_of_the_carrier(carrier: str, service: str) -> None:
    """DHL eCommerce hands its parcels to the USPS, and numbers them so."""
    judged_as = "usps" if (carrier, service) == ("dhl", "ecommerce") else carrier
    numbers = {new_tracking_number(carrier, service) for _ in range(200)}
    assert len(numbers) == 200
    for number in numbers:
        judged = get_tracking_number(number)
        assert judged is not None, number
        assert judged.valid, number
        assert judged.courier.code == judged_as
        assert has_valid_check_digit(carrier, number) is True


@pytest.mark.parametrize(("carrier", "service"), SERVICES)
def test_a_wrong_digit_is_noticed(carrier: str, service: str) -> None:
    number = new_tracking_number(carrier, service)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert has_valid_check_digit(carrier, wrong) is False


def test_published_numbers_are_right() -> None:
    assert has_valid_check_digit("ups", "1Z5R89390357567127") is True
    assert has_valid_check_digit("fedex", "986578788855") is True
    assert has_valid_check_digit("dhl", "3318810025") is True


@pytest.mark.parametrize(("carrier", "number"), [("ups", "1Z"), ("dhl", "GM1234567890"), ("local", "123")])
def test_other_formats_are_not_judged(carrier: str, number: str) -> None:
    assert has_valid_check_digit(carrier, number) is None


def test_a_carrier_without_a_format_numbers_in_digits() -> None:
    number = new_tracking_number("local", "van")
    assert len(number) == 14
    assert number.isdigit()


def test_all_services_of_the_built_in_carriers_have_a_tracking_page() -> None:
    """Those of a carrier's other network have its own."""
    pages = {(each.code, one.code): each.tracking_page(one.code) for each in CARRIERS.values() for one in each.services}
    assert all("{number}" in page for page in pages.values())
    assert "webtrack.dhlecs.com" in pages["dhl", "ecommerce"]
    assert "express" in pages["dhl", "express"]
