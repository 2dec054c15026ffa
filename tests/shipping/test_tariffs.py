"""The built-in tariffs: zones, tables, dimensional weight, surcharges and limits."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import WeightUnit
from domain.inventory.proximity import REGION_OF
from domain.shipping.measures import DimensionUnit, MeasuredPackage
from domain.shipping.tariffs import CARRIERS, Quote, ServiceRefusal, TariffCarrier, TariffService, quote_service
from domain.shipping.tariffs.quotes import QuoteAddress, QuoteRequest, billable_weight
from domain.shipping.tariffs.services import Reach
from domain.shipping.tariffs.tables import rate_table
from domain.shipping.tariffs.zones import (
    DOMESTIC_ZONES,
    INTERNATIONAL_ZONES,
    domestic_zone,
    international_zone,
)

SERVICES = [(carrier, service) for carrier in CARRIERS.values() for service in carrier.services]
NEW_YORK, LOS_ANGELES = QuoteAddress(country="US", zip="10001"), QuoteAddress(country="US", zip="90210")
LONDON, BERLIN = QuoteAddress(country="GB", zip="NW1 6XE"), QuoteAddress(country="DE", zip="10115")


def package(pounds: str = "2.5", sides: tuple[int, int, int] = (12, 8, 6)) -> MeasuredPackage:
    length, width, height = map(Decimal, sides)
    return MeasuredPackage.of(Decimal(pounds), WeightUnit.POUND, (length, width, height), DimensionUnit.INCH)


def asked(
    *packages: MeasuredPackage,
    origin: QuoteAddress = NEW_YORK,
    destination: QuoteAddress = LOS_ANGELES,
    **more: object,
) -> QuoteRequest:
    return QuoteRequest(origin=origin, destination=destination, packages=packages or (package(),), **more)  # type: ignore[arg-type]


def quote(carrier: str, service: str, request: QuoteRequest) -> Quote | ServiceRefusal:
    found = CARRIERS[carrier].service(service)
    assert found is not None
    return quote_service(CARRIERS[carrier], found, request)


def quoted(carrier: str, service: str, request: QuoteRequest) -> Quote:
    found = quote(carrier, service, request)
    assert isinstance(found, Quote), found
    return found


def refused(carrier: str, service: str, request: QuoteRequest) -> str:
    found = quote(carrier, service, request)
    assert isinstance(found, ServiceRefusal), found
    return found.reason


def test_the_carriers_have_the_services_of_the_contract() -> None:
    assert {carrier.code: [service.code for service in carrier.services] for carrier in CARRIERS.values()} == {
        "usps": ["priority", "express", "first_class", "parcel_select"],
        "fedex": ["ground", "2day", "overnight", "international"],
        "ups": ["ground", "3day", "2day", "next_day"],
        "dhl": ["express", "ecommerce"],
    }


@pytest.mark.parametrize(
    ("destination", "zone"), [("902", "8"), ("606", "5"), ("021", "3"), ("331", "6"), ("100", "1"), ("969", "9")]
)
def test_zones_follow_the_distance(destination: str, zone: str) -> None:
    assert domestic_zone("100", destination) == zone
    assert domestic_zone(destination, "100") == zone


def test_an_unknown_area_has_no_zone() -> None:
    assert domestic_zone("000", "100") is None
    assert domestic_zone("NW1", "100") is None


def test_every_two_countries_have_a_zone() -> None:
    for origin in REGION_OF:
        for destination in REGION_OF:
            zone = international_zone(origin, destination)
            assert zone in INTERNATIONAL_ZONES
            assert zone == international_zone(destination, origin)
            assert (zone == "A") == (origin == destination)


@pytest.mark.parametrize(("carrier", "service"), SERVICES, ids=lambda each: each.code)
def test_tables_are_whole_and_rise(carrier: TariffCarrier, service: TariffService) -> None:
    table = rate_table(carrier.code, service.code)
    assert tuple(table.prices) == (DOMESTIC_ZONES if service.reach == Reach.DOMESTIC else INTERNATIONAL_ZONES)
    assert table.weights == tuple(sorted(set(table.weights)))
    assert table.weights[-1] == service.max_weight
    assert set(service.days) == set(table.prices)
    for prices in table.prices.values():
        assert len(prices) == len(table.weights)
        assert all(lighter < heavier for lighter, heavier in pairwise(prices))
    for near, far in pairwise(table.prices.values()):
        assert all(cheaper < dearer for cheaper, dearer in zip(near, far, strict=True))


def test_the_documented_package_is_quoted() -> None:
    found = quoted("usps", "priority", asked())
    table = rate_table("usps", "priority")
    assert (found.zone, found.total, found.billable_weight) == ("8", table.prices["8"][2], 3)
    assert found.days == (3, 3)


def test_a_large_light_package_counts_by_its_size() -> None:
    """12 x 12 x 16 in are 2,304 cubic inches: 16.6 pounds by 139, 13.9 by 166."""
    large = package("1", (16, 12, 12))
    ground, priority = CARRIERS["ups"].service("ground"), CARRIERS["usps"].service("priority")
    assert ground is not None
    assert priority is not None
    assert quoted("ups", "ground", asked(large)).billable_weight == 17
    assert quoted("usps", "priority", asked(large)).billable_weight == 14
    assert billable_weight(priority, package("1", (12, 12, 12))) == 1, "a cubic foot does not count yet"


def test_both_unit_systems_are_exact() -> None:
    metric = MeasuredPackage.of(
        Decimal("0.45359237"),
        WeightUnit.KILOGRAM,
        (Decimal("2.54"), Decimal("30.48"), Decimal("5.08")),
        DimensionUnit.CENTIMETRE,
    )
    imperial = MeasuredPackage.of(
        Decimal(16), WeightUnit.OUNCE, (Decimal(12), Decimal(1), Decimal(2)), DimensionUnit.INCH
    )
    assert metric.sides == imperial.sides
    assert metric.weight_in(WeightUnit.POUND) == imperial.weight_in(WeightUnit.POUND) == 1
    assert metric.inches == (12, 2, 1)
    assert metric.length_and_girth == 18


def test_several_packages_are_added_up() -> None:
    one, two = package("2.5"), package("9.1")
    together = quoted("fedex", "ground", asked(one, two))
    apart = [quoted("fedex", "ground", asked(each)).total for each in (one, two)]
    assert together.total == sum(apart)
    assert together.billable_weight == 5 + 10, "the first counts by its size: 576 cubic inches"


def test_surcharges_are_told_apart() -> None:
    home = QuoteAddress(country="US", zip="90210", is_residential=True)
    request = asked(package(), package(), destination=home, has_signature=True, insured=50_001)
    found = quoted("ups", "ground", request)
    service = found.service
    assert found.residential == 2 * service.residential
    assert found.signature == 2 * service.signature
    assert found.insurance == 5 * service.insurance_price  # 400.01 above what is included, in steps of 100
    assert found.total == found.base + found.residential + found.signature + found.insurance
    assert quoted("ups", "ground", asked(insured=10_000)).insurance == 0


def test_services_go_where_they_go() -> None:
    abroad = asked(destination=BERLIN)
    assert quoted("dhl", "express", abroad).zone == "D"
    assert quoted("fedex", "international", abroad).zone == "D"
    assert "ZIP codes of the United States" in refused("ups", "ground", abroad)
    assert "other countries only" in refused("fedex", "international", asked(origin=LONDON, destination=LONDON))
    assert "not go within the United States" in refused("dhl", "express", asked())
    assert "other countries" in refused("fedex", "international", asked())
    assert quoted("dhl", "express", asked(origin=LONDON, destination=LONDON)).zone == "A"


def test_limits_are_told() -> None:
    assert refused("usps", "first_class", asked(package("1"))) == (
        "First-Class Package takes at most 15.999 oz: package 1 has 16."
    )
    assert "takes at most 70 lb: package 2 has 70.5." in refused("usps", "priority", asked(package(), package("70.5")))
    assert "at most 108 in of length" in refused("ups", "ground", asked(package("5", (109, 2, 2))))
    assert "length and girth together: package 1 has 140" in refused(
        "usps", "parcel_select", asked(package("5", (60, 20, 20)))
    )
    assert "insures at most 5,000 USD" in refused("usps", "priority", asked(insured=500_001))
    assert refused("usps", "priority", asked(package("1", (36, 18, 18)))) == (
        "Priority Mail takes at most 70 lb: counts as 70.266 lb."
    )


@given(
    pounds=st.decimals("0.01", 150, places=2),
    sides=st.tuples(*[st.integers(1, 40)] * 3),
    insured=st.integers(0, 100_000),
)
def test_a_heavier_package_never_costs_less(pounds: Decimal, sides: tuple[int, int, int], insured: int) -> None:
    for carrier, service in SERVICES:
        light = quote_service(carrier, service, asked(package(str(pounds), sides), insured=insured))
        heavy = quote_service(carrier, service, asked(package(str(pounds + 1), sides), insured=insured))
        if isinstance(heavy, Quote):
            assert isinstance(light, Quote)
            assert 0 < light.total <= heavy.total
            assert light.billable_weight <= heavy.billable_weight
